/// A byte position in a file, counted from its beginning.
@frozen
public struct FilePosition: Quantity {
    public let rawValue: Int64

    @inlinable
    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The first byte of a file.
    public static let zero = FilePosition(0)

    /// The position `bytes` further on, or back where they are negative. Traps beyond 64 bits.
    @inlinable
    public static func + (position: FilePosition, bytes: Int) -> FilePosition {
        FilePosition(position.rawValue + Int64(bytes))
    }

    /// The number of bytes from `right` up to, not including, `left`.
    @inlinable
    public static func - (left: FilePosition, right: FilePosition) -> Int {
        Int(left.rawValue - right.rawValue)
    }
}
