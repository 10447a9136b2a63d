import Compression
import Records
import Testing
import Vocabulary

/// Batches with a sound header and checksum whose records lie.
@Suite struct HostileBatchTests {
    struct Lie: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let records: [UInt8]
        var count: Int32 = 1
        var index = 0
        let fault: RecordFault
    }

    static let overlong: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]
    static let overlong64: [UInt8] = [UInt8](repeating: 0xFF, count: 10) + [0x01]
    static let good = Samples.record([0, 0, 0, 1, 1, 0])

    static let lies: [Lie] = [
        Lie(testDescription: "no records", records: [], fault: .missing),
        Lie(
            testDescription: "one record fewer than counted", records: good, count: 2, index: 1,
            fault: .missing),
        Lie(
            testDescription: "one record more than counted", records: good + good,
            fault: .bytesAfterLastRecord(7)),
        Lie(testDescription: "an overlong length", records: overlong, fault: .malformedVarint),
        Lie(testDescription: "a cut off length", records: [0xFF], fault: .truncated),
        Lie(
            testDescription: "a negative length", records: Samples.varint(-1),
            fault: .badLength(-1)),
        Lie(
            testDescription: "the smallest length", records: Samples.varint(Int64(Int32.min)),
            fault: .badLength(Int(Int32.min))),
        Lie(
            testDescription: "the largest length",
            records: Samples.varint(Int64(Int32.max)) + [0, 0, 0], fault: .truncated),
        Lie(testDescription: "an empty record", records: Samples.record([]), fault: .truncated),
        Lie(
            testDescription: "an overlong timestamp delta",
            records: Samples.record([0] + overlong64 + [0, 1, 1, 0]), fault: .malformedVarint),
        Lie(
            testDescription: "an overlong offset delta",
            records: Samples.record([0, 0] + overlong + [1, 1, 0]), fault: .malformedVarint),
        Lie(
            testDescription: "an offset delta that is not the index",
            records: Samples.record([0, 0, 2, 1, 1, 0]), fault: .offsetDeltaMismatch(1)),
        Lie(
            testDescription: "a negative offset delta",
            records: Samples.record([0, 0, 1, 1, 1, 0]), fault: .offsetDeltaMismatch(-1)),
        Lie(
            testDescription: "an offset delta that repeats",
            records: good + good, count: 2, index: 1, fault: .offsetDeltaMismatch(0)),
        Lie(
            testDescription: "a key length of -2", records: Samples.record([0, 0, 0, 3, 1, 0]),
            fault: .badLength(-2)),
        Lie(
            testDescription: "a key longer than its record",
            records: Samples.record([0, 0, 0, 20, 1, 0]), fault: .badLength(10)),
        Lie(
            testDescription: "a key that reaches into the next record",
            records: Samples.record([0, 0, 0, 14, 1, 0]) + good, count: 2, fault: .badLength(7)),
        Lie(
            testDescription: "a key of 2^31 - 1 bytes",
            records: Samples.record([0, 0, 0] + Samples.varint(Int64(Int32.max)) + [1, 0]),
            fault: .badLength(Int(Int32.max))),
        Lie(
            testDescription: "a value length of -2", records: Samples.record([0, 0, 0, 1, 3, 0]),
            fault: .badLength(-2)),
        Lie(
            testDescription: "a value longer than its record",
            records: Samples.record([0, 0, 0, 1, 4, 0]), fault: .badLength(2)),
        Lie(
            testDescription: "a record without a header count",
            records: Samples.record([0, 0, 0, 1, 1]), fault: .truncated),
        Lie(
            testDescription: "-1 headers", records: Samples.record([0, 0, 0, 1, 1, 1]),
            fault: .badLength(-1)),
        Lie(
            testDescription: "2^31 - 1 headers",
            records: Samples.record([0, 0, 0, 1, 1] + Samples.varint(Int64(Int32.max))),
            fault: .badLength(Int(Int32.max))),
        Lie(
            testDescription: "a header that is not there",
            records: Samples.record([0, 0, 0, 1, 1, 4, 0, 1]), fault: .truncated),
        Lie(
            testDescription: "a header with a null key",
            records: Samples.record([0, 0, 0, 1, 1, 2, 1, 1]), fault: .nullHeaderKey),
        Lie(
            testDescription: "a header key longer than its record",
            records: Samples.record([0, 0, 0, 1, 1, 2, 8, 1]), fault: .badLength(4)),
        Lie(
            testDescription: "a header value length of -2",
            records: Samples.record([0, 0, 0, 1, 1, 2, 0, 3]), fault: .badLength(-2)),
        Lie(
            testDescription: "bytes between last header and end",
            records: Samples.record([0, 0, 0, 1, 1, 0, 9, 9]), fault: .trailingBytes(2)),
    ]

    @Test(arguments: lies)
    func `a lie in a record is named with its index`(lie: Lie) {
        let bytes = Samples.batch(records: lie.records, count: lie.count)

        #expect(throws: RecordError.invalidRecord(index: lie.index, lie.fault)) {
            try validate(bytes)
        }
    }

    /// Behind a lie at the very end of a batch there is no room to read ahead; behind others there
    /// is. Both ways of reading records must come to the same judgement.
    @Test(arguments: lies)
    func `a lie between sound records is named with its index`(lie: Lie) {
        let before = Samples.record([0, 0, 0, 1, 1, 0])
        let after = Samples.record([0, 0, 8, 1, 22] + Array("hello world".utf8) + [0])
        let bytes = Samples.batch(records: before + lie.records + after + after, count: 5)

        let error = #expect(throws: RecordError.self) { try validate(bytes) }

        guard case .invalidRecord(let index, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((1...4).contains(index))
    }

    @Test(arguments: [Codec.gzip, .snappy, .lz4, .zstd])
    func `compressed lies are found as well`(codec: Codec) throws {
        for lie in Self.lies {
            let payload = try lie.records.withUnsafeBytes { bytes in
                try Compressor().compress(codec, bytes) { Array($0) }
            }
            let bytes = Samples.batch(
                records: payload, count: lie.count, attributes: Int16(codec.rawValue))

            #expect(throws: RecordError.invalidRecord(index: lie.index, lie.fault)) {
                try validate(bytes)
            }
        }
    }

    @Test func `timestamp deltas that overflow do not stop the broker`() throws {
        let records = Samples.record([0] + Samples.varint(.max) + [0, 1, 1, 0])

        let summary = try validate(Samples.batch(records: records, count: 1))

        #expect(summary.maxTimestamp == Timestamp(Samples.time.rawValue &+ .max))
    }

    @Test func `a count of 2^31 - 1 records costs nothing`() {
        let bytes = Samples.batch(records: Self.good, count: .max)

        #expect(throws: RecordError.invalidRecord(index: 1, .missing)) { try validate(bytes) }
    }

    @Test(arguments: [Codec.gzip, .snappy, .lz4, .zstd])
    func `records that do not decompress are refused`(codec: Codec) {
        let bytes = Samples.batch(
            records: Array("not compressed at all".utf8), count: 1,
            attributes: Int16(codec.rawValue))

        let error = #expect(throws: RecordError.self) { try validate(bytes) }

        guard case .undecompressible(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.codec == codec)
    }

    @Test(arguments: [Codec.gzip, .lz4, .zstd])
    func `records that expand past the limit are refused`(codec: Codec) throws {
        var builder = BatchBuilder(attributes: BatchAttributes(codec: codec))
        builder.append(
            key: nil, value: [UInt8](repeating: 0, count: 5 << 20), timestamp: Samples.time)
        let bytes = try builder.build(compressor: Compressor())

        #expect(throws: RecordError.tooLarge(limit: 1 << 20)) {
            try validate(bytes, rules: BatchRules(maxDecompressedByteCount: 1 << 20))
        }
    }

    @Test(arguments: 0..<20)
    func `damaged records with a fitting checksum never crash`(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let codec = Codec.allCases[seed % Codec.allCases.count]
        let bytes = try Samples.batch(codec: codec, count: 20)

        for _ in 0..<200 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let position = Int.random(in: 21..<damaged.count, using: &random)
                damaged[position] = UInt8.random(in: .min ... .max, using: &random)
            }
            // Whatever it is, judging it again comes to the same.
            let first = judgement(of: Samples.sealed(damaged))
            #expect(first == judgement(of: Samples.sealed(damaged)))
        }
    }

    /// The validator's quick way and the field-by-field way of readers are independent code.
    @Test(arguments: 0..<20)
    func `validation passes exactly what a careful reader would`(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let bytes = try Samples.batch(count: 8, timestampStep: Int64(seed) * 500)

        for _ in 0..<200 {
            var damaged = bytes
            let position = Int.random(in: 61..<damaged.count, using: &random)
            damaged[position] = UInt8.random(in: .min ... .max, using: &random)
            damaged = Samples.sealed(damaged)

            let read: [Record]? = try? records(of: damaged)  // nil: the reader refuses it too
            let isSound = read?.map(\.offset.rawValue) == Array(0..<8)

            switch judgement(of: damaged) {
            case .success(let summary):
                #expect(isSound)
                #expect(read?.map(\.timestamp).max() == summary.maxTimestamp)
                #expect(read?.firstIndex { $0.key == nil } == summary.firstNullKey)
            case .failure:
                #expect(!isSound)
            }
        }
    }

    private func judgement(of bytes: [UInt8]) -> Result<BatchSummary, RecordError> {
        Result { () throws(RecordError) in try validate(bytes) }
    }
}
