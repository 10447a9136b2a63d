import Compression
import Testing

/// Data that other programs wrote.
@Suite struct ForeignDataTests {
    static let text = Array("hello hello hello hello millrace".utf8)

    @Test func `gzip data of zlib is read`() throws {
        let member = bytes(
            hex: "1f8b0800000000000203cb48cdc9c957c8c020733373728a129353016d964a1820000000")

        #expect(try decompressed(.gzip, member) == Self.text)
        #expect(try decompressed(.gzip, member + member) == Self.text + Self.text)
    }

    @Test func `a frame of the lz4 command, with checksum of the content, is read`() throws {
        let frame = bytes(
            hex: "04224d186440a7120000006e68656c6c6f200600806d696c6c726163650000000096b4733a")

        #expect(try decompressed(.lz4, frame) == Self.text)
    }

    @Test func `frames of the zstd command are read, with and without their content's size`()
        throws
    {
        let unsized = bytes(
            hex: "28b52ffd0458a500007068656c6c6f206d696c6c726163650100f14a117d91f385")
        let sized = bytes(
            hex: "28b52ffd2420a500007068656c6c6f206d696c6c726163650100f14a117d91f385")

        #expect(try decompressed(.zstd, unsized) == Self.text)
        #expect(try decompressed(.zstd, sized) == Self.text)
        #expect(try decompressed(.zstd, unsized + sized) == Self.text + Self.text)
    }

    /// The example of snappy's format description: a literal of five bytes.
    static let rawHello: [UInt8] = [0x05, 0x10] + Array("hello".utf8)
    static let framing: [UInt8] = [
        0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0x00, 0, 0, 0, 1, 0, 0, 0, 1,
    ]

    @Test func `raw snappy, as librdkafka sends it, is read`() throws {
        #expect(try decompressed(.snappy, Self.rawHello) == Array("hello".utf8))
    }

    @Test func `the framing of the Java client is read`() throws {
        let block = [0, 0, 0, 7] + Self.rawHello

        #expect(try decompressed(.snappy, Self.framing + block) == Array("hello".utf8))
        #expect(
            try decompressed(.snappy, Self.framing + block + block) == Array("hellohello".utf8))
        #expect(
            try decompressed(.snappy, Self.framing + block + Self.framing + block)
                == Array("hellohello".utf8))
        #expect(try decompressed(.snappy, Self.framing) == [])
    }

    @Test func `the framing of the Java client is written, in blocks of 32 KiB`() throws {
        let stored = try compressed(.snappy, sample(count: 32_769, seed: 5))

        #expect(Array(stored[..<16]) == Self.framing)
        let length = stored[16..<20].reduce(0) { $0 << 8 | Int($1) }
        let next = stored[(20 + length)...]
        // The second block holds one byte: its length 3, then size 1 and a literal of one byte.
        #expect(next.prefix(6) == [0, 0, 0, 3, 1, 0])
    }

    static let lies: [[UInt8]] = [
        [], [0x82], Array(framing[..<15]), framing + [0], framing + [0, 0, 0, 8] + rawHello,
        framing + [0xFF, 0xFF, 0xFF, 0xFF], framing + [0x7F, 0xFF, 0xFF, 0xFF] + rawHello,
        framing + [0, 0, 0, 0], framing + [0, 0, 0, 6] + rawHello[..<6], [0x05, 0x10, 0x68],
        rawHello + [0],
    ]

    @Test(arguments: lies)
    func `snappy data that lies about lengths is refused`(stored: [UInt8]) {
        let error = #expect(throws: CompressionError.self) { try decompressed(.snappy, stored) }
        guard case .corrupt(.snappy, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
