import Vocabulary

/// What the cluster consists of: its topics, their configuration, and how far producer ids have
/// been given out.
///
/// A mind backed by a log: `decide…` looks and answers with records or an error, `apply` is the
/// only thing that changes it, live and when the log is replayed. Between the two whoever runs it
/// makes the records durable. Looking up costs one hash; a value is copied on write.
public struct ClusterState: Sendable, Equatable {
    /// `nil` until the first record has told it.
    public private(set) var clusterID: String?
    /// `nil` until the first record has told it.
    public private(set) var nodeID: BrokerID?
    /// The first producer id not given out.
    public private(set) var nextProducerID = ProducerID(0)
    /// Settings of single brokers, and under `nil` those of all, as they were set while running.
    private var configsByBroker: [BrokerID?: [String: String]] = [:]
    private var topicsByID: [TopicID: Topic] = [:]
    private var idsByName: [String: TopicID] = [:]
    /// What names look like to metrics. Adopted topics may share a key, others do not.
    private var namesByCollisionKey: [String: [String]] = [:]
    private var deletingByID: [TopicID: Topic] = [:]

    public init() {}

    /// Two states are equal when nothing that can be asked of them differs.
    public static func == (left: ClusterState, right: ClusterState) -> Bool {
        (left.clusterID, left.nodeID, left.nextProducerID)
            == (right.clusterID, right.nodeID, right.nextProducerID)
            && left.topicsByID == right.topicsByID && left.deletingByID == right.deletingByID
            && left.configsByBroker == right.configsByBroker
    }

    // MARK: - Looking

    /// Those being deleted are not counted.
    public var topicCount: Int { topicsByID.count }

    /// All topics, ascending by name. Costs a sort: for listings.
    public var topics: [Topic] { topicsByID.values.sorted { $0.name < $1.name } }

    /// The topics whose files are still to be removed; no longer visible to clients.
    public var topicsBeingDeleted: [Topic] {
        deletingByID.values.sorted { ($0.name, $0.id.description) < ($1.name, $1.id.description) }
    }

    /// By its name; `nil` for one that is being deleted.
    public func topic(named name: String) -> Topic? {
        idsByName[name].flatMap { topicsByID[$0] }
    }

    /// By its id; `nil` for one that is being deleted.
    public func topic(_ id: TopicID) -> Topic? { topicsByID[id] }

    /// Whether the topic's files are still to be removed.
    public func isBeingDeleted(_ id: TopicID) -> Bool { deletingByID[id] != nil }

    /// What was set for one broker, or with `nil` for all, while they ran.
    public func brokerConfigs(of broker: BrokerID?) -> [String: String] {
        configsByBroker[broker] ?? [:]
    }

    /// Whose settings there are: all brokers' first.
    var brokersWithConfigs: [BrokerID?] {
        configsByBroker.keys.sorted { ($0?.rawValue ?? -1) < ($1?.rawValue ?? -1) }
    }

    /// The topic that shares `name`'s form in metrics.
    func topicName(collidingWith name: TopicName) -> String? {
        namesByCollisionKey[name.collisionKey]?.min()
    }

    // MARK: - Changing

    /// Takes up one record: the only way to change the state.
    ///
    /// - Throws: a sentence that says why no sequence of decisions can have led here. The state is
    ///   unchanged then.
    public mutating func apply(_ record: MetadataRecord) throws(InconsistentRecord) {
        switch record {
        case .clusterRegistered(let clusterID, let nodeID):
            guard self.clusterID == nil || (self.clusterID, self.nodeID) == (clusterID, nodeID)
            else { throw InconsistentRecord("the cluster was registered as another before") }
            self.clusterID = clusterID
            self.nodeID = nodeID
        case .topicCreated(let name, let id, let partitionCount):
            try create(name: name, id: id, partitionCount: partitionCount)
        case .partitionsAdded(let id, let partitionCount):
            let topic = try known(id)
            guard partitionCount > topic.partitionCount else {
                throw InconsistentRecord("the partitions of \(topic.name) do not grow")
            }
            topicsByID[id]?.partitionCount = partitionCount
        case .topicDeletionStarted(let id):
            let topic = try known(id)
            topicsByID[id] = nil
            idsByName[topic.name] = nil
            forgetCollisionKey(of: topic.name)
            deletingByID[id] = topic
        case .topicDeletionFinished(let id):
            guard deletingByID.removeValue(forKey: id) != nil else {
                throw InconsistentRecord("the topic with the id \(id) is not being deleted")
            }
        case .topicConfigSet(let id, let key, let value):
            _ = try known(id)
            topicsByID[id]?.configs[key] = value
        case .topicConfigRemoved(let id, let key):
            _ = try known(id)
            topicsByID[id]?.configs[key] = nil
        case .brokerConfigSet(let broker, let key, let value):
            configsByBroker[broker, default: [:]][key] = value
        case .brokerConfigRemoved(let broker, let key):
            configsByBroker[broker]?[key] = nil
            if configsByBroker[broker]?.isEmpty ?? false { configsByBroker[broker] = nil }
        case .producerIDsAllocated(let next):
            guard next > nextProducerID else {
                throw InconsistentRecord("producer ids from \(next) on were given out before")
            }
            nextProducerID = next
        }
    }

    private func known(_ id: TopicID) throws(InconsistentRecord) -> Topic {
        guard let topic = topicsByID[id] else {
            throw InconsistentRecord("there is no topic with the id \(id)")
        }
        return topic
    }

    private mutating func create(
        name: String, id: TopicID, partitionCount: Int32
    ) throws(InconsistentRecord) {
        guard TopicName(name.utf8) != nil else {
            throw InconsistentRecord("a topic has an illegal name")
        }
        guard idsByName[name] == nil else {
            throw InconsistentRecord("the topic \(name) exists already")
        }
        guard topicsByID[id] == nil, deletingByID[id] == nil, id != .zero else {
            throw InconsistentRecord("the id \(id) of topic \(name) is taken")
        }
        guard partitionCount > 0 else {
            throw InconsistentRecord("the topic \(name) has \(partitionCount) partitions")
        }
        topicsByID[id] = Topic(name: name, id: id, partitionCount: partitionCount)
        idsByName[name] = id
        let key = TopicName.collisionKey(of: name)
        namesByCollisionKey[key, default: []].append(name)
    }

    private mutating func forgetCollisionKey(of name: String) {
        let key = TopicName.collisionKey(of: name)
        namesByCollisionKey[key]?.removeAll { $0 == name }
        if namesByCollisionKey[key]?.isEmpty ?? false { namesByCollisionKey[key] = nil }
    }
}

/// Why a record cannot follow those before it.
public struct InconsistentRecord: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
