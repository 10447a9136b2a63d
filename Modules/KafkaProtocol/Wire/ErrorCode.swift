/// One of Kafka's error codes; a code that is not in its table is kept as it is.
public struct ErrorCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int16

    @inlinable
    public init(rawValue: Int16) { self.rawValue = rawValue }
}

extension ErrorCode: CustomStringConvertible {
    /// Kafka's name and number, `UNKNOWN_TOPIC_OR_PARTITION (3)`.
    public var description: String { "\(name ?? "UNKNOWN_CODE") (\(rawValue))" }
}
