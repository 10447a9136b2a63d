import Compression
import Records
import SegmentStore
import Vocabulary

/// The lines for people. Batches, records, index entries, aborted transactions and producers are
/// told in the words of Kafka's own dump tool (`kafka-dump-log.sh` of Kafka 3.8), so that the two
/// can be compared line by line.
extension DumpItem {
    /// - Parameter contentLimit: how many bytes of a key or value are shown; `nil` for none of
    ///   either.
    func text(contentLimit: Int?) -> String {
        switch self {
        case .file(let path, let kind):
            if case .log(let base) = kind {
                "Dumping \(path)\nLog starting offset: \(base)"
            } else {
                "Dumping \(path)"
            }
        case .batch(let header, let position, let computed):
            Self.line(header, position: position, computedChecksum: computed)
        case .record(let record, let header, let control):
            Self.line(record, of: header, control, contentLimit: contentLimit)
        case .metadata(let record, let offset):
            (offset.map { "| metadata at offset \($0): " } ?? "metadata: ") + record.words
        case .offsetEntry(let offset, let position): "offset: \(offset) position: \(position)"
        case .timeEntry(let timestamp, let offset): "timestamp: \(timestamp) offset: \(offset)"
        case .abortedTransaction(let entry):
            """
            version: \(entry.version) producerId: \(entry.producerID) \
            firstOffset: \(entry.firstOffset) lastOffset: \(entry.lastOffset) \
            lastStableOffset: \(entry.lastStableOffset)
            """
        case .producer(let entry): Self.line(entry)
        case .epoch(let entry): "epoch: \(entry.epoch) startOffset: \(entry.startOffset)"
        case .checkpoint(let partition, let offset):
            "topic: \(partition.topic) partition: \(partition.partition) offset: \(offset)"
        case .outline(let log):
            """
            topic: \(log.topicPartition.topic) partition: \(log.topicPartition.partition) \
            topicId: \(log.topicID) logStartOffset: \(log.logStartOffset) logEnd: \(log.logEnd) \
            leaderEpoch: \(log.leaderEpoch) lastSegment: \(log.lastSegmentBase) \
            size: \(log.lastSegmentByteCount)
            """
        case .changedLog(let name): "topic: \(name.topic) partition: \(name.partition)"
        case .journalHeader(let header):
            "journal: \(header.journal) generation: \(header.generation) size: \(header.fileBytes)"
        case .journalWrite(let write):
            """
            sequence: \(write.sequence) settled: \(write.settled) position: \(write.position) \
            size: \(write.byteCount) entries: \(write.entries.count)
            """
        case .journalEntry(let entry):
            """
            | topicId: \(entry.topicID) partition: \(entry.partition) \
            incarnation: \(entry.incarnation) baseOffset: \(entry.baseOffset) \
            lastOffset: \(Self.word(entry.header?.lastOffset)) size: \(entry.byteCount)
            """
        case .property(let key, let value): "\(key): \(value)"
        case .finding(let finding): finding.text
        }
    }

    private static func line(
        _ header: BatchHeader, position: Int, computedChecksum: UInt32
    ) -> String {
        let horizon = header.deleteHorizon.map { "OptionalLong[\($0)]" } ?? "OptionalLong.empty"
        return """
            baseOffset: \(header.baseOffset) lastOffset: \(header.lastOffset) \
            count: \(header.recordCount) baseSequence: \(word(header.baseSequence)) \
            lastSequence: \(word(header.lastSequence)) producerId: \(word(header.producerID)) \
            producerEpoch: \(word(header.producerEpoch)) \
            partitionLeaderEpoch: \(word(header.leaderEpoch)) \
            isTransactional: \(header.attributes.isTransactional) \
            isControl: \(header.attributes.isControl) deleteHorizonMs: \(horizon) \
            position: \(position) \(timestampType(header)): \(header.maxTimestamp) \
            size: \(header.byteCount) magic: 2 compresscodec: \(header.attributes.codec.name) \
            crc: \(header.crc) isvalid: \(computedChecksum == header.crc)
            """
    }

    private static func line(
        _ record: Record, of header: BatchHeader, _ control: ControlRecord?, contentLimit: Int?
    ) -> String {
        var line = """
            | offset: \(record.offset) \(timestampType(header)): \(record.timestamp) \
            keySize: \(record.key?.count ?? -1) valueSize: \(record.value?.count ?? -1) \
            sequence: \(word(record.sequence)) \
            headerKeys: [\(record.headers.map(\.key).joined(separator: ","))]
            """
        switch control {
        case .endTransaction(let isCommit, let epoch):
            line += " endTxnMarker: \(isCommit ? "COMMIT" : "ABORT") coordinatorEpoch: \(epoch)"
        case .other(let type): line += " controlType: \(type)"
        case nil: break
        }
        guard let contentLimit, control == nil else { return line }
        if let key = record.key {
            line += " key: \(PrintableBytes.text(key, limit: contentLimit))"
        }
        if let value = record.value {
            line += " payload: \(PrintableBytes.text(value, limit: contentLimit))"
        }
        return line
    }

    private static func line(_ entry: ProducerSnapshot.Entry) -> String {
        let start =
            entry.ongoingTransactionStart.map { "OptionalLong[\($0)]" } ?? "OptionalLong.empty"
        var line = """
            producerId: \(entry.producerID) producerEpoch: \(word(entry.epoch)) \
            coordinatorEpoch: \(entry.coordinatorEpoch ?? -1) currentTxnFirstOffset: \(start) \
            lastTimestamp: \(entry.lastTimestamp)
            """
        if let batch = entry.lastBatch {
            let first = batch.firstSequence
            line += """
                 firstSequence: \(first) lastSequence: \(batch.lastSequence) \
                lastOffset: \(batch.lastOffset) offsetDelta: \(batch.offsetDelta) \
                timestamp: \(entry.lastTimestamp)
                """
        }
        return line
    }

    /// Kafka's word for "none" is −1.
    private static func word(_ quantity: (some Quantity)?) -> String {
        quantity.map(\.description) ?? "-1"
    }

    static func timestampType(_ header: BatchHeader) -> String {
        header.attributes.timestampType == .createTime ? "CreateTime" : "LogAppendTime"
    }
}

extension ProducerSnapshot.Batch {
    /// Sequences wrap from 2^31 − 1 to 0.
    var firstSequence: SequenceNumber {
        let first = Int64(lastSequence.rawValue) - Int64(offsetDelta)
        return SequenceNumber(Int32(first < 0 ? first + 1 << 31 : first))
    }
}
