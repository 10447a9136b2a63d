import Compression
import JSONText
import Records
import SegmentStore
import Vocabulary

/// One object a line. `null` stands for what is not there: no −1, no missing member.
extension DumpItem {
    /// - Parameters:
    ///   - path: the file that the item stands in.
    ///   - contentLimit: how many bytes of a key or value are shown; `nil` for none of either.
    func json(path: String, contentLimit: Int?) -> JSONValue {
        if case .finding(let finding) = self { return finding.json }
        let (type, members) = described(contentLimit: contentLimit)
        return .object(
            [JSONMember("type", .text(type)), JSONMember("file", .text(path))] + members)
    }

    private func described(contentLimit: Int?) -> (String, [JSONMember]) {
        switch self {
        case .file(_, let kind): ("file", kind.members)
        case .batch(let header, let position, let computed):
            ("batch", header.members(position: position, computedChecksum: computed))
        case .record(let record, let header, let control):
            ("record", record.members(header, control, contentLimit: contentLimit))
        case .metadata(let record, let offset):
            ("metadata", [JSONMember("offset", .quantity(offset))] + record.members)
        case .offsetEntry(let offset, let position):
            (
                "offsetEntry",
                [
                    JSONMember("offset", .quantity(offset)),
                    JSONMember("position", .integer(Int64(position))),
                ]
            )
        case .timeEntry(let timestamp, let offset):
            (
                "timeEntry",
                [
                    JSONMember("timestamp", .quantity(timestamp)),
                    JSONMember("offset", .quantity(offset)),
                ]
            )
        case .abortedTransaction(let entry):
            (
                "abortedTransaction",
                [
                    JSONMember("version", .integer(Int64(entry.version))),
                    JSONMember("producerId", .quantity(entry.producerID)),
                    JSONMember("firstOffset", .quantity(entry.firstOffset)),
                    JSONMember("lastOffset", .quantity(entry.lastOffset)),
                    JSONMember("lastStableOffset", .quantity(entry.lastStableOffset)),
                ]
            )
        case .producer(let entry): ("producer", entry.members)
        case .epoch(let entry):
            (
                "epoch",
                [
                    JSONMember("epoch", .quantity(entry.epoch)),
                    JSONMember("startOffset", .quantity(entry.startOffset)),
                ]
            )
        case .checkpoint(let partition, let offset):
            (
                "checkpoint",
                [
                    JSONMember("topic", .text(partition.topic)),
                    JSONMember("partition", .quantity(partition.partition)),
                    JSONMember("offset", .quantity(offset)),
                ]
            )
        case .outline(let log):
            (
                "log",
                [
                    JSONMember("topic", .text(log.topicPartition.topic)),
                    JSONMember("partition", .quantity(log.topicPartition.partition)),
                    JSONMember("topicId", .text("\(log.topicID)")),
                    JSONMember("logStartOffset", .quantity(log.logStartOffset)),
                    JSONMember("logEnd", .quantity(log.logEnd)),
                    JSONMember("leaderEpoch", .quantity(log.leaderEpoch)),
                    JSONMember("lastSegment", .quantity(log.lastSegmentBase)),
                    JSONMember("size", .integer(Int64(log.lastSegmentByteCount))),
                ]
            )
        case .changedLog(let name):
            (
                "changedLog",
                [
                    JSONMember("topic", .text(name.topic)),
                    JSONMember("partition", .quantity(name.partition)),
                ]
            )
        case .journalHeader(let header):
            (
                "journalHeader",
                [
                    JSONMember("journal", .text("\(header.journal)")),
                    JSONMember("generation", .text("\(header.generation)")),
                    JSONMember("size", .integer(Int64(header.fileBytes))),
                ]
            )
        case .journalWrite(let write):
            (
                "journalWrite",
                [
                    JSONMember("position", .integer(Int64(write.position))),
                    JSONMember("size", .integer(Int64(write.byteCount))),
                    JSONMember("sequence", .text("\(write.sequence)")),
                    JSONMember("settled", .text("\(write.settled)")),
                    JSONMember("entries", .integer(Int64(write.entries.count))),
                ]
            )
        case .journalEntry(let entry):
            (
                "journalEntry",
                [
                    JSONMember("topicId", .text("\(entry.topicID)")),
                    JSONMember("partition", .quantity(entry.partition)),
                    JSONMember("incarnation", .text("\(entry.incarnation)")),
                    JSONMember("baseOffset", .quantity(entry.baseOffset)),
                    JSONMember("lastOffset", .quantity(entry.header?.lastOffset)),
                    JSONMember("size", .integer(Int64(entry.byteCount))),
                ]
            )
        case .property(let key, let value):
            ("property", [JSONMember("key", .text(key)), JSONMember("value", .text(value))])
        case .finding: preconditionFailure("a finding tells of itself")
        }
    }
}

extension JSONValue {
    static func quantity(_ quantity: (some Quantity)?) -> JSONValue {
        .optional(quantity?.rawValue)
    }
}

extension InspectedFile {
    fileprivate var members: [JSONMember] {
        let (kind, base): (String, Offset?) =
            switch self {
            case .log(let base): ("log", base)
            case .offsetIndex(let base): ("index", base)
            case .timeIndex(let base): ("timeindex", base)
            case .abortedTransactions(let base): ("txnindex", base)
            case .producerSnapshot(let offset): ("snapshot", offset)
            case .leaderEpochs: ("leader-epoch-checkpoint", nil)
            case .partitionMetadata: ("partition.metadata", nil)
            case .offsetCheckpoint: ("offset-checkpoint", nil)
            case .metaProperties: ("meta.properties", nil)
            case .cleanMark: ("clean-mark", nil)
            case .lock: ("lock", nil)
            case .metadataSnapshot: ("metadata-snapshot", nil)
            case .journal: ("journal", nil)
            case .incarnation: ("millrace-incarnation", nil)
            case .manifest: ("manifest", nil)
            case .changedLogs: ("changed-logs", nil)
            case .passing: ("passing", nil)
            case .foreign: ("foreign", nil)
            }
        return [JSONMember("kind", .text(kind)), JSONMember("baseOffset", .quantity(base))]
    }
}

extension BatchHeader {
    fileprivate func members(position: Int, computedChecksum: UInt32) -> [JSONMember] {
        [
            JSONMember("position", .integer(Int64(position))),
            JSONMember("size", .integer(Int64(byteCount))),
            JSONMember("baseOffset", .quantity(baseOffset)),
            JSONMember("lastOffset", .quantity(lastOffset)),
            JSONMember("count", .integer(Int64(recordCount))),
            JSONMember("leaderEpoch", .quantity(leaderEpoch)),
            JSONMember("producerId", .quantity(producerID)),
            JSONMember("producerEpoch", .quantity(producerEpoch)),
            JSONMember("baseSequence", .quantity(baseSequence)),
            JSONMember("lastSequence", .quantity(lastSequence)),
            JSONMember("isTransactional", .bool(attributes.isTransactional)),
            JSONMember("isControl", .bool(attributes.isControl)),
            JSONMember("deleteHorizon", .quantity(deleteHorizon)),
            JSONMember("timestampType", .text(DumpItem.timestampType(self))),
            JSONMember("maxTimestamp", .quantity(maxTimestamp)),
            JSONMember("codec", .text(attributes.codec.name)),
            JSONMember("crc", .integer(Int64(crc))),
            JSONMember("isValid", .bool(computedChecksum == crc)),
        ]
    }
}

extension Record {
    fileprivate func members(
        _ header: BatchHeader, _ control: ControlRecord?, contentLimit: Int?
    ) -> [JSONMember] {
        var members = [
            JSONMember("offset", .quantity(offset)),
            JSONMember("timestamp", .quantity(timestamp)),
            JSONMember("keySize", .optional(key?.count)),
            JSONMember("valueSize", .optional(value?.count)),
            JSONMember("sequence", .quantity(sequence)),
        ]
        switch control {
        case .endTransaction(let isCommit, let epoch):
            members.append(JSONMember("marker", isCommit ? "COMMIT" : "ABORT"))
            members.append(JSONMember("coordinatorEpoch", .integer(Int64(epoch))))
        case .other(let type):
            members.append(JSONMember("controlType", .integer(Int64(type))))
        case nil: break
        }
        members.append(
            JSONMember("headers", .list(headers.map { $0.json(contentLimit: contentLimit) })))
        guard let contentLimit else { return members }
        members.append(JSONMember("key", .bytes(key, limit: contentLimit)))
        members.append(JSONMember("value", .bytes(value, limit: contentLimit)))
        return members
    }
}

extension RecordHeader {
    fileprivate func json(contentLimit: Int?) -> JSONValue {
        guard let contentLimit else { return .object([JSONMember("key", .text(key))]) }
        return .object([
            JSONMember("key", .text(key)), JSONMember("value", .bytes(value, limit: contentLimit)),
        ])
    }
}

extension JSONValue {
    fileprivate static func bytes(_ bytes: [UInt8]?, limit: Int) -> JSONValue {
        bytes.map { .text(PrintableBytes.text($0, limit: limit)) } ?? .null
    }
}

extension ProducerSnapshot.Entry {
    fileprivate var members: [JSONMember] {
        [
            JSONMember("producerId", .quantity(producerID)),
            JSONMember("producerEpoch", .quantity(epoch)),
            JSONMember("coordinatorEpoch", .optional(coordinatorEpoch)),
            JSONMember("currentTxnFirstOffset", .quantity(ongoingTransactionStart)),
            JSONMember("lastTimestamp", .quantity(lastTimestamp)),
            JSONMember("firstSequence", .quantity(lastBatch?.firstSequence)),
            JSONMember("lastSequence", .quantity(lastBatch?.lastSequence)),
            JSONMember("lastOffset", .quantity(lastBatch?.lastOffset)),
            JSONMember("offsetDelta", .optional(lastBatch?.offsetDelta)),
        ]
    }
}
