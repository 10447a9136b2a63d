/// A counted thing with a type of its own, so that an offset is never added to a file position.
///
/// Conforming types declare only the arithmetic that means something; the raw value is there for
/// the edges: files and the wire.
public protocol Quantity: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible
where RawValue: FixedWidthInteger & Sendable {
    /// Wraps the value as it is: ranges are for whoever reads it from a file or the wire.
    init(_ rawValue: RawValue)
}

extension Quantity {
    @inlinable
    public init(rawValue: RawValue) { self.init(rawValue) }

    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    public var description: String { String(rawValue) }
}
