import Vocabulary

/// The bytes of a record: the value of one Kafka record in the metadata log.
///
/// | bytes | field |
/// |---|---|
/// | 2 | magic, `MR` |
/// | 1 | version, 1 |
/// | 1 | type |
/// | … | the type's fields, see docs/formats/metadata-log.md |
///
/// Integers are big-endian, a text is its length in two bytes and UTF-8, a topic id 16 bytes. The
/// topic `hi` with the id 1 (low half) and three partitions:
///
/// ```
/// 4D52 01 02 0002 6869 0000000000000000 0000000000000001 00000003
/// ```
extension MetadataRecord {
    static let magic: UInt16 = 0x4D52
    static let version: UInt8 = 1
    /// The longest text: what its two bytes of length can say.
    static let textLimit = Int(UInt16.max)

    enum Kind: UInt8 {
        case clusterRegistered = 1
        case topicCreated = 2
        case partitionsAdded = 3
        case topicDeletionStarted = 4
        case topicDeletionFinished = 5
        case topicConfigSet = 6
        case topicConfigRemoved = 7
        case producerIDsAllocated = 8
        case brokerConfigSet = 9
        case brokerConfigRemoved = 10
    }

    var encoded: [UInt8] {
        var writer = FieldWriter()
        writer.append(Self.magic)
        writer.append(Self.version)
        switch self {
        case .clusterRegistered(let clusterID, let nodeID):
            writer.append(Kind.clusterRegistered.rawValue)
            writer.append(clusterID)
            writer.append(nodeID.rawValue)
        case .topicCreated(let name, let id, let partitionCount):
            writer.append(Kind.topicCreated.rawValue)
            writer.append(name)
            writer.append(id)
            writer.append(partitionCount)
        case .partitionsAdded(let id, let partitionCount):
            writer.append(Kind.partitionsAdded.rawValue)
            writer.append(id)
            writer.append(partitionCount)
        case .topicDeletionStarted(let id):
            writer.append(Kind.topicDeletionStarted.rawValue)
            writer.append(id)
        case .topicDeletionFinished(let id):
            writer.append(Kind.topicDeletionFinished.rawValue)
            writer.append(id)
        case .topicConfigSet(let id, let key, let value):
            writer.append(Kind.topicConfigSet.rawValue)
            writer.append(id)
            writer.append(key)
            writer.append(value)
        case .topicConfigRemoved(let id, let key):
            writer.append(Kind.topicConfigRemoved.rawValue)
            writer.append(id)
            writer.append(key)
        case .producerIDsAllocated(let next):
            writer.append(Kind.producerIDsAllocated.rawValue)
            writer.append(next.rawValue)
        case .brokerConfigSet(let broker, let key, let value):
            writer.append(Kind.brokerConfigSet.rawValue)
            writer.append(broker?.rawValue ?? Self.allBrokers)
            writer.append(key)
            writer.append(value)
        case .brokerConfigRemoved(let broker, let key):
            writer.append(Kind.brokerConfigRemoved.rawValue)
            writer.append(broker?.rawValue ?? Self.allBrokers)
            writer.append(key)
        }
        return writer.bytes
    }

    /// Stands for all brokers where a record names one.
    private static let allBrokers: Int32 = -1

    private static func broker(from reader: inout FieldReader) throws(RecordFormatError)
        -> BrokerID?
    {
        let number: Int32 = try reader.next()
        return number == allBrokers ? nil : BrokerID(number)
    }

    /// - Throws: what is wrong with the bytes.
    package init(decoding bytes: [UInt8]) throws(RecordFormatError) {
        var reader = FieldReader(bytes)
        guard try reader.next(as: UInt16.self) == Self.magic else { throw .badMagic }
        let version = try reader.next(as: UInt8.self)
        guard version <= Self.version else { throw .newerVersion(Int(version)) }
        guard version == Self.version else { throw .unknownVersion(Int(version)) }
        let type = try reader.next(as: UInt8.self)
        guard let kind = Kind(rawValue: type) else { throw .unknownType(Int(type)) }

        switch kind {
        case .clusterRegistered:
            self = .clusterRegistered(
                clusterID: try reader.text(), nodeID: BrokerID(try reader.next()))
        case .topicCreated:
            self = .topicCreated(
                name: try reader.text(), id: try reader.topicID(),
                partitionCount: try reader.next())
        case .partitionsAdded:
            self = .partitionsAdded(
                topicID: try reader.topicID(), partitionCount: try reader.next())
        case .topicDeletionStarted:
            self = .topicDeletionStarted(topicID: try reader.topicID())
        case .topicDeletionFinished:
            self = .topicDeletionFinished(topicID: try reader.topicID())
        case .topicConfigSet:
            self = .topicConfigSet(
                topicID: try reader.topicID(), key: try reader.text(), value: try reader.text())
        case .topicConfigRemoved:
            self = .topicConfigRemoved(topicID: try reader.topicID(), key: try reader.text())
        case .producerIDsAllocated:
            self = .producerIDsAllocated(next: ProducerID(try reader.next()))
        case .brokerConfigSet:
            self = .brokerConfigSet(
                broker: try Self.broker(from: &reader), key: try reader.text(),
                value: try reader.text())
        case .brokerConfigRemoved:
            self = .brokerConfigRemoved(
                broker: try Self.broker(from: &reader), key: try reader.text())
        }
        guard reader.remaining == 0 else { throw .trailingBytes(reader.remaining) }
    }
}

/// What is wrong with the bytes of a metadata record.
package enum RecordFormatError: Error, Hashable {
    case badMagic
    case newerVersion(Int)
    case unknownVersion(Int)
    case unknownType(Int)
    case truncated(at: Int)
    case notText(at: Int)
    case trailingBytes(Int)

    package var reason: String {
        switch self {
        case .badMagic: "the record does not begin with MR"
        case .newerVersion(let version): "the record has the later version \(version)"
        case .unknownVersion(let version): "no record has version \(version)"
        case .unknownType(let type): "no record has type \(type)"
        case .truncated(let position): "the record ends too early, at its byte \(position)"
        case .notText(let position): "the text at byte \(position) of the record is not UTF-8"
        case .trailingBytes(let count): "\(count) bytes follow the record's last field"
        }
    }
}
