import KafkaProtocol
import Metadata
import Records
import SegmentStore

// What goes wrong inside, in the words of Kafka's protocol. Nowhere else is one turned into the
// other.

extension ErrorCode {
    init(_ error: StoreError) {
        switch error {
        case .offsetOutOfRange: self = .offsetOutOfRange
        case .closed: self = .notLeaderOrFollower
        case .disk, .outOfSpace, .corrupt, .sideFile, .unexpectedFolder, .failed, .regionsInUse,
            .notInMemory:
            self = .kafkaStorageError
        }
    }
}

extension ProduceRefusal {
    init(_ error: StoreError) {
        self.init(ErrorCode(error), String(describing: error))
    }

    init(_ error: ProducerError) {
        let code: ErrorCode =
            switch error {
            case .outOfOrderSequence: .outOfOrderSequenceNumber
            case .staleEpoch: .invalidProducerEpoch
            case .transactionOngoing: .invalidTxnState
            }
        self.init(code, String(describing: error))
    }

    init(_ error: RecordError) {
        switch error {
        case .corrupt(.badChecksum(let expected, let found), _):
            self.init(
                .corruptMessage,
                "the record batch was damaged on its way: its checksum says \(expected), its "
                    + "bytes give \(found)")
        case .corrupt(let corruption, let position):
            self.init(
                .corruptMessage, "the record batch is damaged at byte \(position): \(corruption)")
        case .unsupportedMagic(let magic):
            // Kafka's code for a produce request of version 3 and up (ProduceRequest).
            self.init(
                .invalidRecord,
                "the record batch is in message format \(magic); only format 2 is accepted")
        case .batchTooLarge(let byteCount, let limit):
            self.init(
                .messageTooLarge,
                "the record batch has \(byteCount) bytes, \(limit) are allowed; see "
                    + "max.message.bytes")
        case .invalidBatch(let fault):
            self.init(.invalidRecord, "the record batch breaks a rule: \(fault)")
        case .invalidRecord(let index, .nullKey):
            self.init(
                .invalidRecord, "record \(index) has no key, which a compacted topic demands",
                record: index)
        case .invalidRecord(let index, let fault):
            self.init(.invalidRecord, "record \(index) is malformed: \(fault)", record: index)
        case .timestampOutOfRange(let index, let timestamp):
            self.init(
                .invalidTimestamp,
                "the timestamp \(timestamp) of record \(index) is too far from now; see "
                    + "message.timestamp.before.max.ms and message.timestamp.after.max.ms",
                record: index)
        case .undecompressible(let error):
            // Not CORRUPT_MESSAGE: the checksum was right, so that sending it again cannot help.
            self.init(.invalidRecord, String(describing: error))
        case .tooLarge(let limit):
            self.init(
                .messageTooLarge, "the records decompress to more than \(limit) bytes")
        }
    }
}

extension ErrorCode {
    init(_ error: PlaceError) {
        switch error {
        case .unknownPartition: self = .unknownTopicOrPartition
        case .offline: self = .kafkaStorageError
        }
    }

    init(_ error: FetchSessionError) {
        switch error {
        case .unknownSession: self = .fetchSessionIDNotFound
        case .wrongEpoch: self = .invalidFetchSessionEpoch
        case .topicIDMismatch: self = .fetchSessionTopicIDError
        }
    }
}

extension TopicFault {
    init(_ error: MetadataError) {
        let code: ErrorCode =
            switch error {
            case .illegalName, .reservedName, .nameCollides: .invalidTopicException
            case .topicExists: .topicAlreadyExists
            case .unknownTopic: .unknownTopicOrPartition
            case .unknownTopicID: .unknownTopicID
            case .invalidPartitionCount, .partitionsNotMore: .invalidPartitions
            case .tooManyPartitions: .policyViolation
            case .configTooLong: .invalidConfig
            case .closing: .notController
            case .otherIdentity, .sideFile, .corruptRecord, .newerVersion, .storeFailed:
                .kafkaStorageError
            }
        self.init(code, String(describing: error))
    }
}
