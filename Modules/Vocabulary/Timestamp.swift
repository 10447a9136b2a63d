/// A point in time as records carry it: milliseconds since 1970-01-01 UTC.
@frozen
public struct Timestamp: Quantity {
    public let rawValue: Int64

    @inlinable
    public init(_ milliseconds: Int64) { self.rawValue = milliseconds }

    @inlinable
    public static func + (timestamp: Timestamp, milliseconds: Int64) -> Timestamp {
        Timestamp(timestamp.rawValue + milliseconds)
    }

    /// Milliseconds from `right` to `left`.
    @inlinable
    public static func - (left: Timestamp, right: Timestamp) -> Int64 {
        left.rawValue - right.rawValue
    }
}
