import Compression
import Records
import Testing
import Vocabulary

@Suite struct BatchBuilderTests {
    @Test(arguments: Codec.allCases)
    func `what goes into a batch comes out of it`(codec: Codec) throws {
        var builder = BatchBuilder(
            attributes: BatchAttributes(codec: codec), baseOffset: Offset(100),
            leaderEpoch: LeaderEpoch(2), producerID: ProducerID(9), producerEpoch: .zero,
            baseSequence: SequenceNumber(.max))
        let headers = [
            RecordHeader(key: "a", value: [1]), RecordHeader(key: "a", value: nil),
            RecordHeader(key: "", value: []),
        ]
        builder.append(key: nil, value: nil, timestamp: Samples.time)
        builder.append(key: [], value: [], headers: headers, timestamp: Samples.time + 1)
        builder.append(
            key: [1], value: [UInt8](repeating: 7, count: 70_000), timestamp: Samples.time + -1)

        let bytes = try builder.build(compressor: Compressor())

        #expect(
            try records(of: bytes) == [
                Record(
                    offset: Offset(100), timestamp: Samples.time, sequence: SequenceNumber(.max),
                    key: nil, value: nil),
                Record(
                    offset: Offset(101), timestamp: Samples.time + 1, sequence: .zero, key: [],
                    value: [], headers: headers),
                Record(
                    offset: Offset(102), timestamp: Samples.time + -1, sequence: SequenceNumber(1),
                    key: [1], value: [UInt8](repeating: 7, count: 70_000)),
            ])
        let summary = try validate(bytes)
        #expect(summary.maxTimestamp == Samples.time + 1)
        #expect(summary.indexOfMaxTimestamp == 1)
        #expect(!summary.hasWrongMaxTimestamp)
    }

    @Test func `gaps between offsets are kept, and refused from producers`() throws {
        var builder = BatchBuilder()
        builder.append(key: [1], value: nil, timestamp: Samples.time, offsetDelta: 3)
        builder.append(key: [2], value: nil, timestamp: Samples.time, offsetDelta: 7)

        let bytes = builder.build()

        #expect(try records(of: bytes).map(\.offset) == [Offset(3), Offset(7)])
        #expect(throws: RecordError.self) { try validate(bytes) }
    }

    @Test(arguments: [
        Int64.min, -1, 0, 63, 64, 8_191, 8_192, 1 << 31, 1 << 62, .max,
    ])
    func `timestamp deltas of any size are kept`(delta: Int64) throws {
        var builder = BatchBuilder()
        builder.append(key: nil, value: nil, timestamp: Timestamp(0))
        builder.append(key: nil, value: nil, timestamp: Timestamp(delta))

        #expect(try records(of: builder.build()).last?.timestamp == Timestamp(delta))
    }

    @Test func `a level that the codec does not have is refused`() {
        let builder = Samples.builder(codec: .gzip)

        #expect(throws: CompressionError.unavailable(.gzip, reason: "there is no level 10")) {
            try builder.build(compressor: Compressor(), level: 10)
        }
    }
}

@Suite struct BatchRewriterTests {
    @Test func `any codec becomes any other, with the same records`() throws {
        for source in Codec.allCases {
            let bytes = try Samples.batch(codec: source, count: 30)
            for target in Codec.allCases {
                let changed = try rewritten(bytes, .init(codec: target))

                #expect(try validate(changed).header.attributes.codec == target)
                #expect(try records(of: changed) == records(of: bytes))
            }
        }
    }

    @Test func `the same codec leaves the payload alone`() throws {
        let bytes = try Samples.batch(codec: .zstd, count: 30)

        #expect(try rewritten(bytes, .init(codec: .zstd, level: 19)) == bytes)
    }

    @Test(arguments: Codec.allCases)
    func `log append time marks the batch and hides the records' times`(codec: Codec) throws {
        let bytes = try Samples.batch(codec: codec)
        let now = Samples.time + 1_000_000

        let changed = try rewritten(bytes, .init(logAppendTime: now))

        let summary = try validate(changed)
        #expect(summary.header.attributes.timestampType == .logAppendTime)
        #expect(summary.header.maxTimestamp == now)
        #expect(summary.maxTimestamp == now)
        #expect(!summary.hasWrongMaxTimestamp)
        #expect(Set(try records(of: changed).map(\.timestamp)) == [now])
        // The deltas are kept: only the header differs.
        #expect(changed[61...] == bytes[61...])
    }

    @Test func `a wrong maximum timestamp is put right`() throws {
        let record = Samples.record([0] + Samples.varint(77) + [0, 1, 1, 0])
        let wrong = Samples.batch(records: record, count: 1)
        let found = try validate(wrong).maxTimestamp

        let right = try rewritten(wrong, .init(maxTimestamp: found))

        let summary = try validate(right)
        #expect(!summary.hasWrongMaxTimestamp)
        #expect(summary.header.maxTimestamp == Samples.time + 77)
    }

    @Test func `a bomb is not inflated for rewriting`() throws {
        var builder = BatchBuilder(attributes: BatchAttributes(codec: .zstd))
        builder.append(
            key: nil, value: [UInt8](repeating: 0, count: 5 << 20), timestamp: Samples.time)
        let bytes = try builder.build(compressor: Compressor())

        #expect(throws: RecordError.tooLarge(limit: 1 << 20)) {
            try rewritten(bytes, .init(codec: Codec.none), limit: 1 << 20)
        }
    }

    private func rewritten(
        _ bytes: [UInt8], _ changes: BatchRewriter.Changes, limit: Int = 128 << 20
    ) throws -> [UInt8] {
        let rewriter = BatchRewriter(compressor: Compressor(), decompressor: Decompressor())
        return try bytes.withUnsafeBytes { bytes in
            try rewriter.rewritten(BatchView(reading: bytes), changes, limit: limit)
        }
    }
}
