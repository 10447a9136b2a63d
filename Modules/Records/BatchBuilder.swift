import Compression
import Vocabulary

/// Builds one record batch, as a producer or the broker itself does.
///
/// Offset deltas count up from 0, unless given (compaction leaves gaps); timestamps are stored
/// relative to the first record's. The base offset and leader epoch may be filled in later, since
/// the checksum leaves them out.
public struct BatchBuilder {
    /// What the header says of the batch; its codec is the one that `build(compressor:)` uses.
    public var attributes: BatchAttributes
    /// The offset of a record whose delta is 0.
    public var baseOffset: Offset
    /// `nil` is written as −1.
    public var leaderEpoch: LeaderEpoch?
    /// `nil`, for producers that are not idempotent, is written as −1.
    public var producerID: ProducerID?
    /// `nil` is written as −1.
    public var producerEpoch: ProducerEpoch?
    /// The sequence number of a record whose delta is 0; `nil` is written as −1.
    public var baseSequence: SequenceNumber?

    private var payload = RecordBytes()
    private var count: Int32 = 0
    private var lastOffsetDelta: Int32 = -1
    private var baseTimestamp: Timestamp?
    private var maxTimestamp = Timestamp(-1)

    public init(
        attributes: BatchAttributes = BatchAttributes(), baseOffset: Offset = .zero,
        leaderEpoch: LeaderEpoch? = nil, producerID: ProducerID? = nil,
        producerEpoch: ProducerEpoch? = nil, baseSequence: SequenceNumber? = nil
    ) {
        self.attributes = attributes
        self.baseOffset = baseOffset
        self.leaderEpoch = leaderEpoch
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.baseSequence = baseSequence
    }

    /// How many records have been added.
    public var recordCount: Int { Int(count) }

    /// The size of the records so far, before compression, in bytes.
    public var payloadByteCount: Int { payload.bytes.count }

    /// Adds a record. Copies its bytes.
    ///
    /// - Parameter offsetDelta: its offset after the base offset; the next free one by default.
    ///   It must be larger than the last record's.
    public mutating func append(
        key: [UInt8]?, value: [UInt8]?, headers: [RecordHeader] = [], timestamp: Timestamp,
        offsetDelta: Int32? = nil
    ) {
        let delta = offsetDelta ?? lastOffsetDelta + 1
        precondition(delta > lastOffsetDelta, "offsets grow within a batch")
        let base = baseTimestamp ?? timestamp
        baseTimestamp = base
        maxTimestamp = max(maxTimestamp, timestamp)
        payload.append(
            key: key, value: value, headers: headers,
            timestampDelta: timestamp.rawValue &- base.rawValue, offsetDelta: delta)
        lastOffsetDelta = delta
        count += 1
    }

    /// Finishes the batch: compresses, writes the header, computes the checksum.
    ///
    /// - Throws: `unavailable` if the codec does not know the level.
    public func build(
        compressor: Compressor, level: Int? = nil
    ) throws(CompressionError) -> [UInt8] {
        let outcome = payload.bytes.withUnsafeBytes { records in
            Result { () throws(CompressionError) in
                try compressor.compress(attributes.codec, records, level: level) { stored in
                    SealedBatch.bytes(header: header, payload: stored)
                }
            }
        }
        return try outcome.get()
    }

    /// Finishes a batch that is not compressed. The codec bits must say so.
    public func build() -> [UInt8] {
        precondition(attributes.codec == .none, "compressing needs a compressor")
        return payload.bytes.withUnsafeBytes { SealedBatch.bytes(header: header, payload: $0) }
    }

    /// Finishes the batch in memory that can be shared, without a copy: one allocation. Without a
    /// compressor the codec bits must say that it is not compressed.
    ///
    /// - Throws: `unavailable` if the codec does not know the level.
    public func sealed(
        compressor: Compressor?, level: Int? = nil
    ) throws(CompressionError) -> (header: BatchHeader, bytes: OwnedBytes) {
        precondition(
            compressor != nil || attributes.codec == .none, "compressing needs a compressor")
        let outcome = payload.bytes.withUnsafeBytes { records in
            Result { () throws(CompressionError) in
                guard let compressor else {
                    return SealedBatch.owned(header: header, payload: records)
                }
                return try compressor.compress(attributes.codec, records, level: level) { stored in
                    SealedBatch.owned(header: header, payload: stored)
                }
            }
        }
        return try outcome.get()
    }

    /// Takes all records out and keeps their memory for the next batch.
    public mutating func removeAll() {
        payload.removeAll()
        count = 0
        lastOffsetDelta = -1
        baseTimestamp = nil
        maxTimestamp = Timestamp(-1)
    }

    private var header: BatchHeader {
        BatchHeader(
            baseOffset: baseOffset, leaderEpoch: leaderEpoch, attributes: attributes,
            lastOffsetDelta: max(lastOffsetDelta, 0), baseTimestamp: baseTimestamp ?? Timestamp(-1),
            maxTimestamp: maxTimestamp, producerID: producerID, producerEpoch: producerEpoch,
            baseSequence: baseSequence, recordCount: count)
    }
}

extension BatchHeader {
    /// A header whose length and checksum `SealedBatch` fills in.
    init(
        baseOffset: Offset, leaderEpoch: LeaderEpoch?, attributes: BatchAttributes,
        lastOffsetDelta: Int32, baseTimestamp: Timestamp, maxTimestamp: Timestamp,
        producerID: ProducerID?, producerEpoch: ProducerEpoch?, baseSequence: SequenceNumber?,
        recordCount: Int32
    ) {
        self.baseOffset = baseOffset
        self.batchLength = Self.byteCount - Self.logOverhead
        self.leaderEpoch = leaderEpoch
        self.crc = 0
        self.attributes = attributes
        self.lastOffsetDelta = lastOffsetDelta
        self.baseTimestamp = baseTimestamp
        self.maxTimestamp = maxTimestamp
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.baseSequence = baseSequence
        self.recordCount = recordCount
    }
}
