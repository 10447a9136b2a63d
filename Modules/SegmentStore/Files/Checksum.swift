/// CRC-32C of small files, one bit at a time: they are written at most once per segment.
enum Checksum {
    static func crc32c(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var remainder: UInt32 = .max
        for byte in bytes {
            remainder ^= UInt32(byte)
            for _ in 0..<8 {
                remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0x82F6_3B78 : 0)
            }
        }
        return ~remainder
    }
}
