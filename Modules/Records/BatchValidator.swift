import Compression
import Vocabulary

/// What a topic demands of the batches produced to it.
public struct BatchRules: Sendable, Equatable {
    /// The most bytes a batch may have as sent (`max.message.bytes`).
    public var maxByteCount: Int
    /// The most bytes its records may have when decompressed.
    public var maxDecompressedByteCount: Int
    /// Which timestamps records may carry; `nil` under log append time, where none is looked at.
    /// -1, Kafka's "no timestamp", always passes.
    public var timestamps: ClosedRange<Timestamp>?
    /// Whether every record needs a key, as compacted topics demand.
    public var requiresKeys: Bool
    /// Whether control batches pass; only the broker itself may write them.
    public var allowsControlBatches: Bool

    /// Kafka's default for `max.message.bytes` and 128 MiB decompressed.
    public init(
        maxByteCount: Int = 1_048_588, maxDecompressedByteCount: Int = 128 << 20,
        timestamps: ClosedRange<Timestamp>? = nil, requiresKeys: Bool = false,
        allowsControlBatches: Bool = false
    ) {
        self.maxByteCount = maxByteCount
        self.maxDecompressedByteCount = maxDecompressedByteCount
        self.timestamps = timestamps
        self.requiresKeys = requiresKeys
        self.allowsControlBatches = allowsControlBatches
    }
}

/// What validation found out about a batch.
public struct BatchSummary: Sendable, Equatable {
    /// The header as it was sent.
    public let header: BatchHeader
    /// The largest timestamp among the records; under log append time the header's.
    public let maxTimestamp: Timestamp
    /// The index of the first record that carries it.
    public let indexOfMaxTimestamp: Int
    /// The index of the first record without a key.
    public let firstNullKey: Int?
    /// The size of the records when decompressed, in bytes.
    public let payloadByteCount: Int

    /// Whether the header's maximum is not the records', so that the header must be rewritten
    /// (see `BatchRewriter`), as Kafka does.
    public var hasWrongMaxTimestamp: Bool { header.maxTimestamp != maxTimestamp }
}

/// Judges batches that producers sent, as Kafka's `LogValidator` does, in one pass.
///
/// Checked in this order: magic, length, size, checksum, the header's rules, and every record:
/// that it is well formed, fills its length, has its index as offset delta, a timestamp in range
/// and a key if need be; last, that count and payload end together. The base offset and the
/// leader epoch are the broker's to fill in and are ignored. Stricter than Kafka in two points:
/// offset deltas that are not 0, 1, 2, … are refused instead of rewritten, and lengths below -1
/// do not pass for null.
///
/// Owned by one thread, like its decompressor. Costs about 10 ns per record, 20 with
/// headers, and the checksum.
public struct BatchValidator {
    private let decompressor: Decompressor

    public init(decompressor: Decompressor) { self.decompressor = decompressor }

    /// Validates `bytes`, which must be one batch, whole and alone.
    ///
    /// - Parameter checksum: the CRC-32C of the bytes from `BatchHeader.checksumStart` on, if it
    ///   was computed as they came in; otherwise it is computed here.
    public func validate(
        _ bytes: UnsafeRawBufferPointer, rules: BatchRules = BatchRules(), checksum: UInt32? = nil
    ) throws(RecordError) -> BatchSummary {
        let header = try BatchHeader(reading: bytes)
        guard bytes.count >= header.byteCount else {
            throw .corrupt(
                .truncated(needed: header.byteCount, found: bytes.count), position: bytes.count)
        }
        guard bytes.count == header.byteCount else {
            throw .corrupt(
                .trailingBytes(bytes.count - header.byteCount), position: header.byteCount)
        }
        guard bytes.count <= rules.maxByteCount else {
            throw .batchTooLarge(byteCount: bytes.count, limit: rules.maxByteCount)
        }
        let found =
            checksum
            ?? crc32c(UnsafeRawBufferPointer(rebasing: bytes[BatchHeader.checksumStart...]))
        guard found == header.crc else {
            throw .corrupt(.badChecksum(expected: header.crc, found: found), position: 17)
        }
        try check(header, rules: rules)

        let payload = UnsafeRawBufferPointer(rebasing: bytes[BatchHeader.byteCount...])
        if header.attributes.codec == .none {
            return try walk(payload, of: header, rules: rules)
        }
        let outcome: Result<BatchSummary, RecordError>
        do throws(CompressionError) {
            outcome = try decompressor.decompress(
                header.attributes.codec, payload, limit: rules.maxDecompressedByteCount
            ) { records in
                Result { () throws(RecordError) in
                    try walk(records, of: header, rules: rules)
                }
            }
        } catch {
            throw RecordError(error)
        }
        return try outcome.get()
    }

    private func check(_ header: BatchHeader, rules: BatchRules) throws(RecordError) {
        guard header.recordCount > 0 else { throw .invalidBatch(.badCount(header.recordCount)) }
        guard header.lastOffsetDelta == header.recordCount - 1 else {
            throw .invalidBatch(
                .lastOffsetDeltaMismatch(
                    lastOffsetDelta: header.lastOffsetDelta, count: header.recordCount))
        }
        guard rules.allowsControlBatches || !header.attributes.isControl else {
            throw .invalidBatch(.controlBatch)
        }
        if header.producerID == nil {
            guard !header.attributes.isTransactional else {
                throw .invalidBatch(.transactionalWithoutProducer)
            }
        } else {
            guard header.producerEpoch != nil else { throw .invalidBatch(.missingProducerEpoch) }
            // Markers carry the producer they speak of, but no sequence.
            guard header.baseSequence != nil || header.attributes.isControl else {
                throw .invalidBatch(.missingSequence)
            }
        }
    }

    private func walk(
        _ payload: UnsafeRawBufferPointer, of header: BatchHeader, rules: BatchRules
    ) throws(RecordError) -> BatchSummary {
        let walked = try RecordWalk(payload, of: header, rules: rules)
        return BatchSummary(
            header: header, maxTimestamp: walked.maxTimestamp,
            indexOfMaxTimestamp: walked.indexOfMaxTimestamp, firstNullKey: walked.firstNullKey,
            payloadByteCount: payload.count)
    }
}

extension RecordError {
    init(_ error: CompressionError) {
        switch error {
        case .tooLarge(_, let limit): self = .tooLarge(limit: limit)
        case .corrupt, .unavailable: self = .undecompressible(error)
        }
    }
}
