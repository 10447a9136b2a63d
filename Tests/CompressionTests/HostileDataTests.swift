import Compression
import Testing
import Vocabulary

@Suite struct HostileDataTests {
    @Test(arguments: compressing)
    func `data cut off anywhere is refused`(codec: Codec) throws {
        let stored = try compressed(codec, sample(count: 2_000, seed: 9))

        for count in 0..<stored.count {
            // The framing of snappy may end after any block, here only after its header.
            if codec == .snappy, count == 16 { continue }
            #expect(throws: CompressionError.self, "\(count) of \(stored.count) bytes") {
                try decompressed(codec, Array(stored[..<count]))
            }
        }
    }

    @Test(arguments: [Codec.gzip, .lz4, .zstd])
    func `bytes behind the data are refused`(codec: Codec) throws {
        let stored = try compressed(codec, sample(count: 2_000, seed: 9))

        #expect(throws: CompressionError.self) { try decompressed(codec, stored + [0]) }
        #expect(throws: CompressionError.self) {
            try decompressed(codec, stored + [UInt8](repeating: 0x41, count: 40))
        }
    }

    @Test(arguments: compressing, 0..<5)
    func `damaged data never crashes nor exceeds its limit`(codec: Codec, seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let decompressor = Decompressor()
        let stored = try compressed(codec, sample(count: 3_000, seed: UInt64(seed)))

        for _ in 0..<300 {
            var damaged = stored
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let position = Int.random(in: 0..<damaged.count, using: &random)
                damaged[position] = UInt8.random(in: .min ... .max, using: &random)
            }
            do throws(CompressionError) {
                let result = try decompressed(codec, damaged, limit: 5_000, with: decompressor)
                #expect(result.count <= 5_000)
            } catch {
                #expect(error.codec == codec)
            }
        }
    }

    @Test(arguments: Codec.allCases)
    func `the limit is exact`(codec: Codec) throws {
        for count in [1, 100, 65_536, 300_000] {
            let bytes = sample(count: count, seed: 2)
            let stored = try compressed(codec, bytes)

            #expect(try decompressed(codec, stored, limit: count) == bytes)
            #expect(throws: CompressionError.tooLarge(codec, limit: count - 1)) {
                try decompressed(codec, stored, limit: count - 1)
            }
        }
    }

    @Test(arguments: Codec.allCases)
    func `nothing may be allowed`(codec: Codec) throws {
        #expect(try decompressed(codec, compressed(codec, []), limit: 0) == [])
        #expect(throws: CompressionError.tooLarge(codec, limit: 0)) {
            try decompressed(codec, compressed(codec, [1]), limit: 0)
        }
    }

    @Test(arguments: compressing)
    func `a gigabyte of zeros is refused at the limit, in bounded memory`(codec: Codec) throws {
        let limit = 8 << 20
        let decompressor = Decompressor(keptBytes: 1 << 20)
        let bomb = try bomb(codec)

        #expect(throws: CompressionError.tooLarge(codec, limit: limit)) {
            try decompressed(codec, bomb, limit: limit, with: decompressor)
        }

        #expect(decompressor.heldByteCount <= limit + 1)
        _ = try decompressed(codec, compressed(codec, [1]), with: decompressor)
        #expect(decompressor.heldByteCount <= 1 << 20)
    }

    @Test func `a size that a header only claims is not taken from memory`() throws {
        // A zstd frame that states 2^62 bytes, a snappy block of 2^32 - 1, gzip's last four bytes.
        let zstd: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 0, 0, 0x40, 1, 0, 0]
        let snappy: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x10, 0x68]
        let gzip = try compressed(.gzip, [1]).dropLast(4) + [0xFF, 0xFF, 0xFF, 0xFF]

        for (codec, stored) in [(Codec.zstd, zstd), (.snappy, snappy), (.gzip, Array(gzip))] {
            let decompressor = Decompressor()
            #expect(throws: CompressionError.self) {
                try decompressed(codec, stored, with: decompressor)
            }
            #expect(decompressor.heldByteCount <= 1 << 16)
        }
    }

    /// 2^30 zero bytes, put together from equal pieces as each format allows.
    private func bomb(_ codec: Codec) throws -> [UInt8] {
        switch codec {
        case .none: []
        case .gzip: try repeated(codec, unit: 1 << 20, head: 0, tail: 0)
        case .snappy: try repeated(codec, unit: 32 << 10, head: 16, tail: 0)
        case .lz4: try repeated(codec, unit: 64 << 10, head: 7, tail: 4)
        case .zstd:
            // A frame without content size and blocks that say "128 KiB of byte 0".
            [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58] + repeated([0x02, 0x00, 0x10, 0x00], 8_191)
                + [0x03, 0x00, 0x10, 0x00]
        }
    }

    /// One piece of `unit` zeros, without head and tail of its frame, as often as it takes.
    private func repeated(_ codec: Codec, unit: Int, head: Int, tail: Int) throws -> [UInt8] {
        let one = try compressed(codec, [UInt8](repeating: 0, count: unit))
        let piece = Array(one[head..<one.count - tail])
        return Array(one[..<head]) + repeated(piece, (1 << 30) / unit)
            + Array(one[(one.count - tail)...])
    }

    private func repeated(_ piece: [UInt8], _ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(piece.count * count)
        for _ in 0..<count { bytes += piece }
        return bytes
    }
}
