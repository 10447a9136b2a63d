import Vocabulary

/// All topics at one moment.
struct TopicSnapshot: Sendable {
    private(set) var byName: [String: Topic] = [:]
    private(set) var byID: [TopicID: Topic] = [:]

    mutating func put(_ topic: Topic) {
        if let old = byName[topic.name], old.id != topic.id { byID[old.id] = nil }
        byName[topic.name] = topic
        byID[topic.id] = topic
    }

    mutating func remove(_ topic: Topic) {
        byID[topic.id] = nil
        if byName[topic.name]?.id == topic.id { byName[topic.name] = nil }
    }

    func topic(_ reference: TopicReference) -> Topic? {
        switch reference {
        case .name(let name): byName[name]
        case .id(let id): byID[id]
        }
    }

    /// By name, for answers whose order clients may show.
    var sorted: [Topic] { byName.values.sorted { $0.name < $1.name } }
}

/// The published topics: one loop replaces them, every loop reads them.
///
/// The lock is held for the copy of two references, about 20 ns; a copy per loop, sent round by
/// messages, was rejected because a topic would exist on one connection and not yet on another.
final class PublishedTopics: Sendable {
    private let box = Lock(TopicSnapshot())

    var current: TopicSnapshot { box.withLock { $0 } }

    func publish(_ snapshot: TopicSnapshot) { box.withLock { $0 = snapshot } }
}
