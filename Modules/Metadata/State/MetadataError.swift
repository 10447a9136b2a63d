import Disk
import SegmentStore
import Vocabulary

/// Why the state of the cluster was not changed, or could not be kept.
public enum MetadataError: Error, Sendable, Hashable {
    // The client's fault.

    /// INVALID_TOPIC_EXCEPTION
    case illegalName(IllegalTopicName)
    /// INVALID_TOPIC_EXCEPTION: the name belongs to the broker.
    case reservedName(String)
    /// INVALID_TOPIC_EXCEPTION: the names differ in `.` and `_` only.
    case nameCollides(String, with: String)
    /// TOPIC_ALREADY_EXISTS
    case topicExists(String)
    /// UNKNOWN_TOPIC_OR_PARTITION
    case unknownTopic(String)
    /// UNKNOWN_TOPIC_ID
    case unknownTopicID(TopicID)
    /// INVALID_PARTITIONS
    case invalidPartitionCount(Int32)
    /// INVALID_PARTITIONS: a topic's partitions only grow.
    case partitionsNotMore(current: Int32, requested: Int32)
    /// POLICY_VIOLATION
    case tooManyPartitions(requested: Int32, limit: Int32)
    /// INVALID_CONFIG: the key or value is longer than its record can hold.
    case configTooLong(key: String, limit: Int)

    // The operator's or the world's fault.

    /// The state belongs to another cluster or broker than `meta.properties` names.
    case otherIdentity(expected: String, found: String)
    /// A small file of the data folder cannot be read or written.
    case sideFile(SideFileError)
    /// The metadata log or its snapshot holds what no record can be.
    case corruptRecord(path: String, place: String, reason: String)
    /// The metadata was written by a later version of this program.
    case newerVersion(path: String, found: Int, supported: Int)
    /// The metadata log refuses; nothing more is accepted (KAFKA_STORAGE_ERROR).
    case storeFailed(String)
    /// The store is being closed.
    case closing
}

extension MetadataError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .illegalName(let rule): rule.description
        case .reservedName(let name): "the name \(name) belongs to the broker"
        case .nameCollides(let name, let other):
            "\(name) and the existing \(other) differ in '.' and '_' only, which metrics confuse"
        case .topicExists(let name): "a topic named \(name) exists already"
        case .unknownTopic(let name): "there is no topic named \(name)"
        case .unknownTopicID(let id): "there is no topic with the id \(id)"
        case .invalidPartitionCount(let count):
            "a topic has at least 1 partition, not \(count)"
        case .partitionsNotMore(let current, let requested):
            "the topic has \(current) partitions, \(requested) are not more"
        case .tooManyPartitions(let requested, let limit):
            "a topic has at most \(limit) partitions here, not \(requested)"
        case .configTooLong(let key, let limit):
            "the configuration \(key.prefix(60)) is longer than \(limit) bytes"
        case .otherIdentity(let expected, let found):
            """
            the data folder's meta.properties names \(found), its metadata log \(expected); \
            put back the meta.properties that belongs to the folder
            """
        case .sideFile(let error): error.description
        case .corruptRecord(let path, let place, let reason):
            "\(path), \(place): \(reason); restore the folder from a backup"
        case .newerVersion(let path, let found, let supported):
            """
            \(path) has version \(found), this program knows versions up to \(supported); \
            run the program that wrote it, or a newer one
            """
        case .storeFailed(let reason):
            "the metadata log accepts nothing more: \(reason)"
        case .closing: "the broker is stopping"
        }
    }
}
