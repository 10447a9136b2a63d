import Compression
import Vocabulary

/// Changes what the broker must change in a validated batch, and computes the checksum anew.
///
/// The records keep their deltas, keys, values and headers; what differs is their compression and
/// what the header says of time.
public struct BatchRewriter {
    /// What to change; everything that is `nil` stays.
    public struct Changes: Sendable, Equatable {
        /// The codec and level to store with (`compression.type` of the topic).
        public var codec: Codec?
        /// Kafka's `compression.*.level`, if the payload is recompressed; `nil` for the codec's
        /// default.
        public var level: Int?
        /// Set under log append time: marks the batch so and becomes its maximum timestamp.
        public var logAppendTime: Timestamp?
        /// Set under create time: the maximum found among the records.
        public var maxTimestamp: Timestamp?

        public init(
            codec: Codec? = nil, level: Int? = nil, logAppendTime: Timestamp? = nil,
            maxTimestamp: Timestamp? = nil
        ) {
            self.codec = codec
            self.level = level
            self.logAppendTime = logAppendTime
            self.maxTimestamp = maxTimestamp
        }
    }

    private let compressor: Compressor
    private let decompressor: Decompressor

    public init(compressor: Compressor, decompressor: Decompressor) {
        self.compressor = compressor
        self.decompressor = decompressor
    }

    /// The changed batch in memory of its own. The payload is recompressed only if the codec
    /// differs from the batch's, as in Kafka: another level alone changes nothing.
    ///
    /// - Parameter limit: the most bytes the records may have when decompressed.
    public func rewritten(
        _ batch: BatchView, _ changes: Changes, limit: Int = 128 << 20
    ) throws(RecordError) -> [UInt8] {
        var header = batch.header
        if let time = changes.logAppendTime {
            header.attributes.timestampType = .logAppendTime
            header.maxTimestamp = time
        } else if let time = changes.maxTimestamp {
            header.attributes.timestampType = .createTime
            header.maxTimestamp = time
        }
        let source = batch.header.attributes.codec
        let target = changes.codec ?? source
        guard target != source else {
            return SealedBatch.bytes(header: header, payload: batch.payload)
        }
        header.attributes.codec = target
        do throws(CompressionError) {
            let outcome = try decompressor.decompress(source, batch.payload, limit: limit) {
                records in
                Result { () throws(CompressionError) in
                    try compressor.compress(target, records, level: changes.level) { stored in
                        SealedBatch.bytes(header: header, payload: stored)
                    }
                }
            }
            return try outcome.get()
        } catch {
            throw RecordError(error)
        }
    }
}
