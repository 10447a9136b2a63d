import Compression

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
    var random = SeededGenerator(seed: seed)
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

/// SplitMix64: the same numbers from the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
