import Compression
import Records
import Testing
import Vocabulary

@Suite struct BatchValidatorTests {
    @Test(arguments: Codec.allCases)
    func `a sound batch passes, and the summary tells what its records hold`(codec: Codec) throws {
        let bytes = try Samples.batch(codec: codec, count: 50, timestampStep: -3)

        let summary = try validate(bytes)

        #expect(summary.header.recordCount == 50)
        #expect(summary.header.attributes.codec == codec)
        #expect(summary.maxTimestamp == Samples.time)
        #expect(summary.indexOfMaxTimestamp == 0)
        #expect(summary.firstNullKey == nil)
        #expect(!summary.hasWrongMaxTimestamp)
        #expect(
            summary.payloadByteCount
                == Samples.builder(count: 50, timestampStep: -3).payloadByteCount)
    }

    @Test func `base offset and leader epoch do not matter`() throws {
        var bytes = try Samples.batch()
        bytes.replaceSubrange(0..<8, with: repeatElement(0xAB, count: 8))
        bytes.replaceSubrange(12..<16, with: repeatElement(0xCD, count: 4))

        #expect(throws: Never.self) { try validate(bytes) }
    }

    @Test func `a checksum computed beforehand is taken for the batch's`() throws {
        let bytes = try Samples.batch()
        let header = try RecordsTests.header(of: bytes)

        #expect(throws: Never.self) { try validate(bytes, checksum: header.crc) }
        #expect(
            throws: RecordError.corrupt(
                .badChecksum(expected: header.crc, found: header.crc ^ 1), position: 17)
        ) {
            try validate(bytes, checksum: header.crc ^ 1)
        }
    }

    @Test func `any flipped bit that the checksum covers is found`() throws {
        let bytes = try Samples.batch()

        for position in 17..<bytes.count {
            var damaged = bytes
            damaged[position] ^= 0x10
            #expect(throws: RecordError.self, "byte \(position)") { try validate(damaged) }
        }
    }

    @Test func `a batch cut off anywhere is refused`() throws {
        let bytes = try Samples.batch()

        for count in 0..<bytes.count {
            let needed = count < 61 ? 61 : bytes.count
            let position = count < 61 ? 0 : count
            #expect(
                throws: RecordError.corrupt(
                    .truncated(needed: needed, found: count), position: position)
            ) {
                try validate(Array(bytes[..<count]))
            }
        }
    }

    @Test func `bytes after the batch are refused`() throws {
        let bytes = try Samples.batch()

        #expect(throws: RecordError.corrupt(.trailingBytes(1), position: bytes.count)) {
            try validate(bytes + [0])
        }
    }

    @Test func `one byte more than allowed is too large`() throws {
        let bytes = try Samples.batch()
        let exact = BatchRules(maxByteCount: bytes.count)
        let tight = BatchRules(maxByteCount: bytes.count - 1)

        #expect(throws: Never.self) { try validate(bytes, rules: exact) }
        #expect(
            throws: RecordError.batchTooLarge(byteCount: bytes.count, limit: bytes.count - 1)
        ) {
            try validate(bytes, rules: tight)
        }
    }

    @Test(arguments: [0, -1, Int32.min])
    func `a count that is not positive is refused`(count: Int32) {
        let bytes = Samples.batch(records: [], count: count, lastOffsetDelta: 0)

        #expect(throws: RecordError.invalidBatch(.badCount(count))) { try validate(bytes) }
    }

    @Test(arguments: [0, 2, -1, Int32.max])
    func `a last offset delta other than count less one is refused`(delta: Int32) {
        let bytes = Samples.batch(records: [], count: 2, lastOffsetDelta: delta)

        #expect(
            throws: RecordError.invalidBatch(
                .lastOffsetDeltaMismatch(lastOffsetDelta: delta, count: 2))
        ) {
            try validate(bytes)
        }
    }

    @Test func `a control batch passes only where it is allowed`() throws {
        let marker = ControlRecord.endTransaction(isCommit: true, coordinatorEpoch: 3)
        var builder = BatchBuilder(
            attributes: BatchAttributes(isTransactional: true, isControl: true),
            producerID: ProducerID(1), producerEpoch: .zero)
        builder.append(key: marker.key, value: marker.value, timestamp: Samples.time)
        let bytes = builder.build()

        #expect(throws: RecordError.invalidBatch(.controlBatch)) { try validate(bytes) }
        let summary = try validate(bytes, rules: BatchRules(allowsControlBatches: true))
        #expect(summary.header.attributes.isControl)
    }

    @Test func `a producer id needs an epoch and a sequence`() {
        let record = Samples.record([0, 0, 0, 1, 1, 0])

        #expect(throws: RecordError.invalidBatch(.missingSequence)) {
            try validate(Samples.batch(records: record, count: 1, producer: (5, 0, -1)))
        }
        #expect(throws: RecordError.invalidBatch(.missingProducerEpoch)) {
            try validate(Samples.batch(records: record, count: 1, producer: (5, -1, 0)))
        }
        #expect(throws: RecordError.invalidBatch(.transactionalWithoutProducer)) {
            try validate(Samples.batch(records: record, count: 1, attributes: 0x10))
        }
        #expect(throws: Never.self) {
            try validate(Samples.batch(records: record, count: 1, producer: (5, 0, 0)))
        }
    }

    @Test func `the first record without a key is named, and refused where keys are needed`() throws
    {
        var builder = Samples.builder(count: 3)
        builder.append(key: nil, value: nil, timestamp: Samples.time)
        builder.append(key: nil, value: [1], timestamp: Samples.time)
        let bytes = builder.build()

        #expect(try validate(bytes).firstNullKey == 3)
        #expect(throws: RecordError.invalidRecord(index: 3, .nullKey)) {
            try validate(bytes, rules: BatchRules(requiresKeys: true))
        }
    }

    @Test func `a timestamp out of range names its record`() throws {
        let bytes = try Samples.batch(count: 5, timestampStep: 10)
        let early = BatchRules(timestamps: Samples.time + 1...Samples.time + 100)
        let late = BatchRules(timestamps: Samples.time...Samples.time + 39)
        let exact = BatchRules(timestamps: Samples.time...Samples.time + 40)

        #expect(
            throws: RecordError.timestampOutOfRange(index: 0, timestamp: Samples.time)
        ) { try validate(bytes, rules: early) }
        #expect(
            throws: RecordError.timestampOutOfRange(index: 4, timestamp: Samples.time + 40)
        ) { try validate(bytes, rules: late) }
        #expect(throws: Never.self) { try validate(bytes, rules: exact) }
    }

    @Test func `the absent timestamp passes any range`() {
        var builder = BatchBuilder()
        builder.append(key: nil, value: nil, timestamp: Timestamp(-1))

        #expect(throws: Never.self) {
            try validate(
                builder.build(), rules: BatchRules(timestamps: Samples.time...Samples.time))
        }
    }

    @Test func `a wrong maximum timestamp is noticed`() throws {
        let records = Samples.record([0] + Samples.varint(77) + [0, 1, 1, 0])
        let wrong = Samples.batch(records: records, count: 1)
        let right = Samples.batch(
            records: records, count: 1, maxTimestamp: Samples.time.rawValue + 77)

        #expect(try validate(wrong).hasWrongMaxTimestamp)
        #expect(try validate(wrong).maxTimestamp == Samples.time + 77)
        #expect(try validate(right).hasWrongMaxTimestamp == false)
    }
}
