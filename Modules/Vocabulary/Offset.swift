/// The position of a record in a partition: 0 for the first ever written, then one more for each.
@frozen
public struct Offset: Quantity {
    public let rawValue: Int64

    @inlinable
    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The offset of the first record ever written to a log.
    public static let zero = Offset(0)

    /// The largest offset taken from a file: with a whole batch added it is still an offset. No
    /// log gets there; larger ones are damage.
    public static let limit = Offset(.max - 1 << 32)

    /// The offset `count` records further on. Traps beyond 64 bits.
    @inlinable
    public static func + (offset: Offset, count: Int64) -> Offset {
        Offset(offset.rawValue + count)
    }

    /// The offset `count` records back, which may be negative. Traps beyond 64 bits.
    @inlinable
    public static func - (offset: Offset, count: Int64) -> Offset {
        Offset(offset.rawValue - count)
    }

    /// The number of offsets from `right` up to, not including, `left`.
    @inlinable
    public static func - (left: Offset, right: Offset) -> Int64 {
        left.rawValue - right.rawValue
    }
}
