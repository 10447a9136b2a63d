import Compression
import KafkaProtocol
import NIOCore
import Records
import Vocabulary

/// Decides whether the records of one partition of a produce request may be stored, and in which
/// bytes: the sender's own, unless the topic's settings demand a rewrite.
///
/// Belongs to one loop, like the codec contexts it reuses. The order of the checks is Kafka's
/// (`ProduceRequest.validateRecords`, then `UnifiedLog.analyzeAndValidateRecords`, then
/// `LogValidator`), so that a batch with several faults gets the same code.
final class BatchAdmission {
    private let validator: BatchValidator
    private let rewriter: BatchRewriter
    private let maxDecompressedBytes: Int

    init(maxDecompressedBytes: Int) {
        let decompressor = Decompressor()
        validator = BatchValidator(decompressor: decompressor)
        rewriter = BatchRewriter(compressor: Compressor(), decompressor: decompressor)
        self.maxDecompressedBytes = maxDecompressedBytes
    }

    /// - Parameter records: the field of the request, a slice of its frame; not copied.
    func admit(
        _ records: ByteBuffer?, configuration: TopicConfiguration, version: Int16, now: Timestamp
    ) throws(ProduceRefusal) -> AdmittedBatch {
        guard let bytes = records.flatMap(OwnedBytes.init(sharing:)) else {
            throw ProduceRefusal(
                .invalidRecord, "a partition was named without records; send one batch for each")
        }
        try checkHeader(of: bytes, configuration: configuration, version: version)
        let rules = rules(configuration, now: now)
        let outcome = bytes.withUnsafeBytes { bytes in
            Result { () throws(RecordError) in try validator.validate(bytes, rules: rules) }
        }
        let summary: BatchSummary
        do throws(RecordError) {
            summary = try outcome.get()
        } catch {
            throw ProduceRefusal(error)
        }
        if summary.header.attributes.isTransactional {
            throw ProduceRefusal(.invalidTxnState, "transactions are not available")
        }
        return try store(bytes, summary, configuration: configuration, now: now)
    }

    /// What Kafka judges before it looks at the checksum.
    private func checkHeader(
        of bytes: OwnedBytes, configuration: TopicConfiguration, version: Int16
    ) throws(ProduceRefusal) {
        let header: BatchHeader
        do throws(RecordError) {
            header = try bytes.withUnsafeBytes { (bytes) throws(RecordError) in
                try BatchHeader(reading: bytes)
            }
        } catch {
            throw ProduceRefusal(error)
        }
        guard bytes.count >= header.byteCount else {
            throw ProduceRefusal(
                .invalidRecord,
                "the record batch states \(header.byteCount) bytes, \(bytes.count) were sent")
        }
        guard bytes.count == header.byteCount else {
            throw ProduceRefusal(
                .invalidRecord,
                "\(bytes.count - header.byteCount) bytes follow the record batch; a partition "
                    + "takes one batch a request")
        }
        if version < 7, header.attributes.codec == .zstd {
            throw ProduceRefusal(
                .unsupportedCompressionType,
                "zstd needs version 7 of Produce or later, this is version \(version)")
        }
        guard header.baseOffset == .zero else {
            throw ProduceRefusal(
                .invalidRecord,
                "a produced batch begins at offset 0, not \(header.baseOffset): the log assigns "
                    + "the offsets")
        }
        if configuration.timestampType == .createTime,
            header.attributes.timestampType == .logAppendTime
        {
            throw ProduceRefusal(
                .invalidTimestamp,
                "the batch says that its timestamps are the log's; only the broker may say so")
        }
    }

    private func rules(_ configuration: TopicConfiguration, now: Timestamp) -> BatchRules {
        BatchRules(
            maxByteCount: configuration.maxMessageBytes,
            maxDecompressedByteCount: maxDecompressedBytes,
            timestamps: configuration.allowedTimestamps(at: now),
            requiresKeys: configuration.cleanupPolicy.contains(.compact))
    }

    /// Leaves the bytes as they are, or has them written anew where they must differ under the
    /// checksum.
    private func store(
        _ bytes: OwnedBytes, _ summary: BatchSummary, configuration: TopicConfiguration,
        now: Timestamp
    ) throws(ProduceRefusal) -> AdmittedBatch {
        let logAppendTime = configuration.timestampType == .logAppendTime ? now : nil
        let codec = configuration.storedCodec
        let changesCodec = codec.map { $0 != summary.header.attributes.codec } ?? false
        guard changesCodec || logAppendTime != nil || summary.hasWrongMaxTimestamp else {
            return AdmittedBatch(header: summary.header, bytes: [bytes], logAppendTime: nil)
        }
        let changes = BatchRewriter.Changes(
            codec: codec, level: configuration.storedLevel, logAppendTime: logAppendTime,
            maxTimestamp: summary.maxTimestamp)
        let outcome = bytes.withUnsafeBytes { bytes in
            Result { () throws(RecordError) in
                let rewritten = try rewriter.rewritten(
                    BatchView(reading: bytes), changes, limit: maxDecompressedBytes)
                guard rewritten.count <= configuration.maxMessageBytes else {
                    throw RecordError.batchTooLarge(
                        byteCount: rewritten.count, limit: configuration.maxMessageBytes)
                }
                return OwnedBytes(rewritten)
            }
        }
        do throws(RecordError) {
            let rewritten = try outcome.get()
            let header = try rewritten.withUnsafeBytes { (bytes) throws(RecordError) in
                try BatchHeader(reading: bytes)
            }
            return AdmittedBatch(header: header, bytes: [rewritten], logAppendTime: logAppendTime)
        } catch {
            throw ProduceRefusal(error)
        }
    }
}

extension TopicConfiguration {
    /// The codec of stored batches; `nil` where it is the producer's choice.
    var storedCodec: Codec? {
        switch compressionType {
        case .producer: nil
        case .uncompressed: Codec.none
        case .gzip: .gzip
        case .snappy: .snappy
        case .lz4: .lz4
        case .zstd: .zstd
        }
    }

    /// The level for that codec.
    var storedLevel: Int? {
        switch compressionType {
        case .producer, .uncompressed, .snappy: nil
        case .gzip: gzipLevel < 1 ? nil : gzipLevel
        case .lz4: lz4Level
        case .zstd: zstdLevel
        }
    }

    /// Which timestamps a record may carry; `nil` where the broker sets them.
    func allowedTimestamps(at now: Timestamp) -> ClosedRange<Timestamp>? {
        guard timestampType == .createTime else { return nil }
        // A bound that reaches beyond what 64 bits count is none.
        func moved(by distance: Int64?, _ unbounded: Int64) -> Timestamp {
            guard let distance else { return Timestamp(unbounded) }
            let (sum, overflow) = now.rawValue.addingReportingOverflow(distance)
            return Timestamp(overflow ? unbounded : sum)
        }
        let earliest = moved(by: timestampBeforeMaxMilliseconds.map { -$0 }, .min)
        let latest = moved(by: timestampAfterMaxMilliseconds, .max)
        return earliest...latest
    }
}
