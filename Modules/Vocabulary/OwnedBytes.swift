/// A run of bytes together with the object that keeps their memory alive.
///
/// The broker makes one from a slice of a receive buffer, the store holds it until the bytes are
/// written: nothing is copied on the way. Slicing shares the owner. A value costs one retain.
@frozen
public struct OwnedBytes {
    /// The first byte; valid while this value or a slice of it lives.
    public let base: UnsafeRawPointer
    /// In bytes; 0 is allowed.
    public let count: Int
    @usableFromInline
    let owner: AnyObject?

    /// Wraps `count` bytes at `base`, which must stay readable and unchanged while `owner` lives.
    @inlinable
    public init(base: UnsafeRawPointer, count: Int, owner: AnyObject?) {
        precondition(count >= 0, "a run of bytes has a count of at least 0")
        self.base = base
        self.count = count
        self.owner = owner
    }

    /// Copies `bytes` into memory of their own. Allocates once.
    public init(copying bytes: UnsafeRawBufferPointer) {
        let memory = OwnedMemory(byteCount: bytes.count)
        memory.buffer.copyMemory(from: bytes)
        self.init(base: UnsafeRawPointer(memory.base), count: bytes.count, owner: memory)
    }

    /// Copies `bytes` into memory of their own. Allocates once.
    public init(_ bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { OwnedBytes(copying: $0) }
    }

    /// Makes `count` bytes in memory of their own, which `fill` writes. Allocates twice at most.
    public init(count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) -> Void) {
        let memory = OwnedMemory(byteCount: count)
        fill(memory.buffer)
        self.init(base: UnsafeRawPointer(memory.base), count: count, owner: memory)
    }

    /// The bytes at `range`, counted from the start of these; shares their memory.
    @inlinable
    public subscript(range: Range<Int>) -> OwnedBytes {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= count,
            "a slice lies within the bytes it is taken from")
        return OwnedBytes(base: base + range.lowerBound, count: range.count, owner: owner)
    }

    /// Borrows the bytes; the pointer is valid during `body` only.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { extendLifetime(owner) }
        return try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Copies the bytes out, for tests and rare paths.
    public func copied() -> [UInt8] { withUnsafeBytes { Array($0) } }
}

// The bytes are never written through this type, and whoever makes one promises that nobody else
// writes them while the owner lives (see `init(base:count:owner:)`). The owner itself is only
// retained and released, which is atomic. So a value may be handed to another thread.
extension OwnedBytes: @unchecked Sendable {}

/// Heap memory that is freed with its last reference.
final class OwnedMemory {
    let base: UnsafeMutableRawPointer
    let byteCount: Int

    init(byteCount: Int) {
        self.byteCount = byteCount
        self.base = .allocate(byteCount: max(1, byteCount), alignment: 16)
    }

    deinit { base.deallocate() }

    var buffer: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base, count: byteCount)
    }
}
