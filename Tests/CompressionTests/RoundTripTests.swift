import Compression
import Testing

@Suite struct RoundTripTests {
    @Test(arguments: Codec.allCases)
    func `bytes of any length come back`(codec: Codec) throws {
        for count in [0, 1, 2, 61, 4_096, 32_767, 32_768, 32_769, 65_537, 1_000_000] {
            let bytes = sample(count: count, seed: UInt64(count))

            let roundTrip = try decompressed(codec, compressed(codec, bytes))

            #expect(roundTrip == bytes, "\(count) bytes")
        }
    }

    @Test(arguments: Codec.allCases)
    func `one pair of contexts serves many batches, large and small`(codec: Codec) throws {
        let compressor = Compressor(keptBytes: 1 << 16)
        let decompressor = Decompressor(keptBytes: 1 << 16)

        for (round, count) in [10, 3_000_000, 0, 70_000, 1, 200_000].enumerated() {
            let bytes = sample(count: count, seed: UInt64(round))
            let stored = try bytes.withUnsafeBytes { bytes in
                try compressor.compress(codec, bytes) { Array($0) }
            }
            #expect(try decompressed(codec, stored, with: decompressor) == bytes)
        }
    }

    @Test(arguments: compressing)
    func `a failure leaves the contexts fit for the next batch`(codec: Codec) throws {
        let decompressor = Decompressor()
        let bytes = sample(count: 100_000, seed: 1)
        let stored = try compressed(codec, bytes)

        for cut in [1, 10, stored.count / 2, stored.count - 1] {
            #expect(throws: CompressionError.self) {
                try decompressed(codec, Array(stored[..<cut]), with: decompressor)
            }
            #expect(try decompressed(codec, stored, with: decompressor) == bytes)
        }
    }

    @Test(arguments: [
        (Codec.gzip, [-1, 1, 6, 9]), (.lz4, [1, 9, 12, 17]), (.zstd, [-131_072, -5, 1, 19, 22]),
    ])
    func `every level Kafka allows works`(codec: Codec, levels: [Int]) throws {
        let bytes = sample(count: 50_000, seed: 3)

        for level in levels {
            #expect(codec.allows(level: level))
            let stored = try compressed(codec, bytes, level: level)
            #expect(try decompressed(codec, stored) == bytes, "level \(level)")
        }
    }

    @Test(arguments: [
        (Codec.gzip, [0, -2, 10]), (.snappy, [1]), (.lz4, [0, 18]), (.zstd, [-131_073, 23]),
    ])
    func `a level Kafka does not allow is refused`(codec: Codec, levels: [Int]) {
        for level in levels {
            #expect(!codec.allows(level: level))
            #expect(
                throws: CompressionError.unavailable(codec, reason: "there is no level \(level)")
            ) {
                try compressed(codec, [1], level: level)
            }
        }
    }

    @Test func `codecs are found by Kafka's names`() {
        for codec in Codec.allCases { #expect(Codec(named: codec.name) == codec) }
        #expect(Codec(named: "GZIP") == nil)
        #expect(Codec(named: "") == nil)
        #expect(Codec(rawValue: 5) == nil)
    }
}
