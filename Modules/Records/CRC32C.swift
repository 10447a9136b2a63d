import CISAL

/// The checksum of record batches, CRC-32C (Castagnoli, RFC 3720 appendix B.4), fed piece by piece.
///
/// ISA-L picks the fastest instructions the CPU offers. Its function takes and returns the raw
/// remainder; the inversions before and after are done here. CRC-32C of `123456789` is
/// `0xE306_9283`.
public struct CRC32C: Sendable, Equatable {
    private var remainder: UInt32 = 0xFFFF_FFFF

    public init() {}

    /// Takes the next bytes into account.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard var next = bytes.baseAddress else { return }
        var left = bytes.count
        while left > 0 {
            // The C function counts in `int`.
            let count = min(left, 1 << 30)
            // It is declared without `const` but only reads.
            let start = UnsafeMutableRawPointer(mutating: next)
                .assumingMemoryBound(to: UInt8.self)
            remainder = crc32_iscsi(start, CInt(count), remainder)
            next += count
            left -= count
        }
    }

    /// The checksum of everything given so far.
    public var value: UInt32 { ~remainder }
}

/// The CRC-32C of `bytes`.
public func crc32c(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var checksum = CRC32C()
    checksum.update(bytes)
    return checksum.value
}
