import Compression
import Vocabulary

let compressing: [Codec] = [.gzip, .snappy, .lz4, .zstd]

func compressed(_ codec: Codec, _ bytes: [UInt8], level: Int? = nil) throws -> [UInt8] {
    let compressor = Compressor()
    let outcome = bytes.withUnsafeBytes { bytes in
        Result { () throws(CompressionError) in
            try compressor.compress(codec, bytes, level: level) { Array($0) }
        }
    }
    return try outcome.get()
}

func decompressed(
    _ codec: Codec, _ bytes: [UInt8], limit: Int = 16 << 20,
    with decompressor: Decompressor = Decompressor()
) throws(CompressionError) -> [UInt8] {
    let outcome = bytes.withUnsafeBytes { bytes in
        Result { () throws(CompressionError) in
            try decompressor.decompress(codec, bytes, limit: limit) { Array($0) }
        }
    }
    return try outcome.get()
}

/// Bytes that compress a little: of eight bits, four are random.
func sample(count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
        withUnsafeBytes(of: random.next() & 0x3C3C_3C3C_3C3C_3C3C) { bytes.append(contentsOf: $0) }
    }
    return Array(bytes.prefix(count))
}

func bytes(hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
