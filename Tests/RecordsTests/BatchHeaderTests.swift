import Compression
import Records
import Testing
import Vocabulary

@Suite struct BatchHeaderTests {
    /// The example in the documentation of `BatchHeader`.
    static let example: [UInt8] = [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3A, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0x01, 0xA1, 0xFC, 0x9C, 0x74, 0,
        0, 0, 0x01, 0xA1, 0xFC, 0x9C, 0x74, 0,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0, 0, 0, 1,
        0x10, 0, 0, 0, 0x01, 0x04, 0x68, 0x69, 0,
    ]

    @Test func `the documented example is what the builder writes`() {
        let now = Timestamp(0x01A1_FC9C_7400)
        var builder = BatchBuilder(leaderEpoch: .zero)

        builder.append(key: nil, value: Array("hi".utf8), timestamp: now)

        #expect(builder.build() == Samples.sealed(Self.example))
    }

    @Test func `a header keeps every field through writing and reading`() throws {
        let bytes = Samples.sealed(Self.example)
        var header = try RecordsTests.header(of: bytes)
        header.baseOffset = Offset(1 << 40)
        header.leaderEpoch = LeaderEpoch(7)
        header.producerID = ProducerID(12)
        header.producerEpoch = ProducerEpoch(3)
        header.baseSequence = SequenceNumber(.max)
        header.lastOffsetDelta = 4
        header.attributes = BatchAttributes(
            codec: .zstd, timestampType: .logAppendTime, isTransactional: true, isControl: true)
        header.attributes.hasDeleteHorizon = true

        var written = [UInt8](repeating: 0, count: 61)
        written.withUnsafeMutableBytes { header.write(to: $0) }
        let reread = try RecordsTests.header(of: written)

        #expect(reread == header)
        #expect(reread.lastOffset == Offset(1 << 40) + 4)
        #expect(reread.nextOffset == Offset(1 << 40) + 5)
        #expect(reread.lastSequence == SequenceNumber(3))
        #expect(reread.deleteHorizon == header.baseTimestamp)
    }

    @Test func `a negative last offset delta is refused`() {
        var bytes = Samples.sealed(Self.example)
        bytes[23] = 0x80

        #expect(throws: RecordError.self) { try RecordsTests.header(of: bytes) }
    }

    @Test(arguments: [Int64.min, -1, .max, .max - Int64(Int32.max)])
    func `base offsets that no log gives are known as such, and overflow nothing`(
        base: Int64
    ) throws {
        var header = try RecordsTests.header(of: Samples.sealed(Self.example))
        #expect(header.hasPossibleOffsets)

        header.baseOffset = Offset(base)
        header.lastOffsetDelta = .max

        #expect(!header.hasPossibleOffsets)
        _ = header.nextOffset
    }

    @Test func `negative fields read as absent`() throws {
        let header = try RecordsTests.header(of: Samples.sealed(Self.example))

        #expect(header.producerID == nil)
        #expect(header.producerEpoch == nil)
        #expect(header.baseSequence == nil)
        #expect(header.lastSequence == nil)
        #expect(header.deleteHorizon == nil)
    }

    @Test(arguments: 0..<61)
    func `a cut off header is refused`(count: Int) {
        let bytes = Array(Self.example[..<count])

        #expect(throws: RecordError.corrupt(.truncated(needed: 61, found: count), position: 0)) {
            try header(of: bytes)
        }
    }

    @Test(arguments: [0, 1, 3, -1] as [Int8])
    func `other message formats are named`(magic: Int8) {
        var bytes = Self.example
        bytes[16] = UInt8(bitPattern: magic)

        #expect(throws: RecordError.unsupportedMagic(magic)) {
            try header(of: bytes)
        }
        // A message of format 0 may be shorter than our header.
        #expect(throws: RecordError.unsupportedMagic(magic)) {
            try header(of: Array(bytes[..<26]))
        }
    }

    @Test(arguments: [48, 0, -1, Int32.min])
    func `a length shorter than a header is refused`(length: Int32) {
        var bytes = Self.example
        withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(8..<12, with: $0) }

        #expect(throws: RecordError.corrupt(.badLength(Int(length)), position: 8)) {
            try header(of: bytes)
        }
    }

    @Test(arguments: [5, 6, 7])
    func `an unknown codec is refused`(codec: Int) {
        var bytes = Self.example
        bytes[22] = UInt8(codec)

        #expect(throws: RecordError.corrupt(.unknownCodec(codec), position: 21)) {
            try header(of: bytes)
        }
    }

    @Test func `attributes keep bits they do not know`() throws {
        var attributes = try #require(BatchAttributes(rawValue: 0x4000))

        attributes.codec = .lz4
        attributes.timestampType = .logAppendTime

        #expect(attributes.rawValue == 0x400B)
        attributes.timestampType = .createTime
        attributes.codec = .none
        #expect(attributes.rawValue == 0x4000)
    }
}
