/// Memory that a disk reads into.
///
/// Between submission and completion it belongs to the disk; before and after, to whoever made it.
public final class DiskBuffer {
    /// The first byte, at a multiple of 4,096; valid while the buffer lives.
    public let base: UnsafeMutableRawPointer
    /// In bytes.
    public let count: Int

    /// Allocates `count` bytes, aligned for direct reads and writes (4,096).
    public init(count: Int) {
        precondition(count >= 0, "a buffer has a count of at least 0")
        self.count = count
        self.base = .allocate(byteCount: max(1, count), alignment: 4_096)
    }

    deinit { base.deallocate() }

    /// The same bytes, to be written to.
    public var memory: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base, count: count)
    }

    /// The same bytes, to be read.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}

// Ownership passes with the submission and comes back with the completion (see the type's
// comment): at any moment one side only touches the memory.
extension DiskBuffer: @unchecked Sendable {}
