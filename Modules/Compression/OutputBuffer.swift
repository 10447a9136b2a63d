import Glibc

/// Memory that codecs write to: reused from call to call, grown by doubling up to a stated limit,
/// and given back when one call needed much more than is worth keeping.
final class OutputBuffer {
    private var base: UnsafeMutableRawPointer?
    private(set) var capacity = 0
    private(set) var count = 0
    private let keptBytes: Int
    private static let firstBytes = 64 << 10

    init(keptBytes: Int) { self.keptBytes = keptBytes }

    deinit { free(base) }

    /// What has been written since the last `reset`.
    var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// The free space behind what has been written.
    var room: UnsafeMutableRawBufferPointer {
        guard let base else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        return UnsafeMutableRawBufferPointer(start: base + count, count: capacity - count)
    }

    func reset() {
        count = 0
        guard capacity > keptBytes else { return }
        free(base)
        base = nil
        capacity = 0
    }

    /// Counts `bytes` of the room as written.
    func advance(by bytes: Int) {
        precondition(bytes >= 0 && bytes <= capacity - count, "codecs write into the room only")
        count += bytes
    }

    /// Makes the buffer larger, at least doubling it, but never larger than `limit` bytes.
    ///
    /// Returns `false` if it has that size already.
    func grow(limit: Int, for codec: Codec) throws(CompressionError) -> Bool {
        guard capacity < limit else { return false }
        try resize(to: min(limit, max(Self.firstBytes, capacity * 2)), for: codec)
        return true
    }

    /// Makes room for at least `bytes` more.
    func reserve(_ bytes: Int, for codec: Codec) throws(CompressionError) {
        guard capacity - count < bytes else { return }
        try resize(to: max(Self.firstBytes, count + bytes), for: codec)
    }

    private func resize(to bytes: Int, for codec: Codec) throws(CompressionError) {
        guard let larger = realloc(base, bytes) else {
            throw .unavailable(codec, reason: "no memory for \(bytes) bytes")
        }
        base = larger
        capacity = bytes
    }
}
