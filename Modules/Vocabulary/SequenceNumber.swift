/// Counts the records of one producer in one partition; after 2^31 − 1 it starts again at 0
/// (KIP-98).
@frozen
public struct SequenceNumber: Quantity {
    public let rawValue: Int32

    @inlinable
    public init(_ rawValue: Int32) { self.rawValue = rawValue }

    /// The number of a producer's first record in a partition, and the one after 2^31 − 1.
    public static let zero = SequenceNumber(0)

    /// The number `count` records further on, wrapping past 2^31 − 1 to 0.
    @inlinable
    public func advanced(by count: Int32) -> SequenceNumber {
        let (sum, overflow) = rawValue.addingReportingOverflow(count)
        return SequenceNumber(overflow ? count - (Int32.max - rawValue) - 1 : sum)
    }
}
