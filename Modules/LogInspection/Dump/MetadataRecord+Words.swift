import JSONText
import Metadata

/// What a record of the metadata log says.
extension MetadataRecord {
    /// `topicCreated topic: hi id: AQIDBAUGBwgJCgsMDQ4PEA partitions: 3`
    var words: String {
        ([name] + fields.map { "\($0.0): \($0.1)" }).joined(separator: " ")
    }

    var members: [JSONMember] {
        [JSONMember("record", .text(name))] + fields.map { JSONMember($0.0, .text($0.1)) }
    }

    private var name: String {
        switch self {
        case .clusterRegistered: "clusterRegistered"
        case .topicCreated: "topicCreated"
        case .partitionsAdded: "partitionsAdded"
        case .topicDeletionStarted: "topicDeletionStarted"
        case .topicDeletionFinished: "topicDeletionFinished"
        case .topicConfigSet: "topicConfigSet"
        case .topicConfigRemoved: "topicConfigRemoved"
        case .producerIDsAllocated: "producerIDsAllocated"
        case .brokerConfigSet: "brokerConfigSet"
        case .brokerConfigRemoved: "brokerConfigRemoved"
        }
    }

    private var fields: [(String, String)] {
        switch self {
        case .clusterRegistered(let cluster, let node):
            [("cluster", PrintableBytes.text(Array(cluster.utf8))), ("node", "\(node)")]
        case .topicCreated(let name, let id, let count):
            [
                ("topic", PrintableBytes.text(Array(name.utf8))), ("id", "\(id)"),
                ("partitions", "\(count)"),
            ]
        case .partitionsAdded(let id, let count): [("id", "\(id)"), ("partitions", "\(count)")]
        case .topicDeletionStarted(let id), .topicDeletionFinished(let id): [("id", "\(id)")]
        case .topicConfigSet(let id, let key, let value):
            [
                ("id", "\(id)"), ("key", PrintableBytes.text(Array(key.utf8))),
                ("value", PrintableBytes.text(Array(value.utf8))),
            ]
        case .topicConfigRemoved(let id, let key):
            [("id", "\(id)"), ("key", PrintableBytes.text(Array(key.utf8)))]
        case .producerIDsAllocated(let next): [("below", "\(next)")]
        case .brokerConfigSet(let broker, let key, let value):
            [
                ("broker", broker.map { "\($0)" } ?? "all"),
                ("key", PrintableBytes.text(Array(key.utf8))),
                ("value", PrintableBytes.text(Array(value.utf8))),
            ]
        case .brokerConfigRemoved(let broker, let key):
            [
                ("broker", broker.map { "\($0)" } ?? "all"),
                ("key", PrintableBytes.text(Array(key.utf8))),
            ]
        }
    }
}
