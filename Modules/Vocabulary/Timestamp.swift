/// A point in time as records carry it: milliseconds since 1970-01-01 UTC.
///
/// Producers may send any 64-bit number and settings reach up to 2^63 − 1, so sums and differences
/// saturate: what lies beyond the ends of `Int64` becomes the end.
@frozen
public struct Timestamp: Quantity {
    public let rawValue: Int64

    /// Any number of milliseconds since 1970-01-01 UTC; Kafka writes −1 for "no timestamp".
    @inlinable
    public init(_ milliseconds: Int64) { self.rawValue = milliseconds }

    /// The point `milliseconds` later, or the last one there is.
    @inlinable
    public static func + (timestamp: Timestamp, milliseconds: Int64) -> Timestamp {
        let (sum, overflow) = timestamp.rawValue.addingReportingOverflow(milliseconds)
        return Timestamp(overflow ? (milliseconds < 0 ? .min : .max) : sum)
    }

    /// Milliseconds from `right` to `left`, at most 2^63 − 1 and at least −2^63.
    @inlinable
    public static func - (left: Timestamp, right: Timestamp) -> Int64 {
        let (difference, overflow) = left.rawValue.subtractingReportingOverflow(right.rawValue)
        return overflow ? (right.rawValue < 0 ? .max : .min) : difference
    }
}
