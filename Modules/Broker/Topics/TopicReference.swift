import Vocabulary

/// How a request names a topic: by name in the older versions, by id in the newer (KIP-516).
enum TopicReference: Hashable, Sendable {
    case name(String)
    case id(TopicID)
}
