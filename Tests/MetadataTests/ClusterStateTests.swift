import Metadata
import Testing
import Vocabulary

struct ClusterStateTests {
    // MARK: - Topics

    @Test
    func `a created topic is found by name and by id`() throws {
        var state = ClusterState()

        let records = try state.decideTopicCreation(
            name: "orders", id: id(1), partitionCount: 3, configs: ["b": "2", "a": "1"])
        try state.apply(records)

        let topic = try #require(state.topic(named: "orders"))
        #expect(topic == state.topic(id(1)))
        #expect(topic.partitionCount == 3)
        #expect(topic.configs == ["a": "1", "b": "2"])
        #expect(topic.partitions.map(\.description) == ["orders-0", "orders-1", "orders-2"])
    }

    @Test
    func `deciding changes nothing`() throws {
        let state = try state(with: "orders")
        let before = state

        _ = try state.decideTopicCreation(name: "other", id: id(2), partitionCount: 1)
        _ = try state.decideDeletion(of: id(1))
        _ = state.decideProducerIDBlock()

        #expect(state == before)
    }

    @Test(
        arguments: [
            ("orders", 1, MetadataError.topicExists("orders")),
            ("or.ders", 1, .nameCollides("or.ders", with: "or_ders")),
            ("__millrace_metadata", 1, .reservedName("__millrace_metadata")),
            ("__cluster_metadata", 1, .reservedName("__cluster_metadata")),
            ("../x", 1, .illegalName(.illegalCharacter(at: 2))),
            ("", 1, .illegalName(.empty)),
            ("new", 0, .invalidPartitionCount(0)),
            ("new", -1, .invalidPartitionCount(-1)),
            ("new", 10_001, .tooManyPartitions(requested: 10_001, limit: 10_000)),
            ("new", .max, .tooManyPartitions(requested: .max, limit: 10_000)),
        ] as [(String, Int32, MetadataError)])
    func `a topic that may not be is refused with the reason`(
        _ name: String, _ partitionCount: Int32, _ error: MetadataError
    ) throws {
        let state = try state(with: "orders", "or_ders")

        #expect(throws: error) {
            try state.decideTopicCreation(name: name, id: id(9), partitionCount: partitionCount)
        }
    }

    @Test(
        arguments: [
            (1, MetadataError.partitionsNotMore(current: 1, requested: 1)),
            (0, .partitionsNotMore(current: 1, requested: 0)),
            (10_001, .tooManyPartitions(requested: 10_001, limit: 10_000)),
        ] as [(Int32, MetadataError)])
    func `partitions only grow and not without end`(_ count: Int32, _ error: MetadataError) throws {
        let state = try state(with: "orders")

        #expect(throws: error) {
            try state.decidePartitions(topic: "orders", partitionCount: count)
        }
    }

    @Test
    func `more partitions are added and an unknown topic has none`() throws {
        var state = try state(with: "orders")

        try state.apply(try state.decidePartitions(topic: "orders", partitionCount: 4))

        #expect(state.topic(named: "orders")?.partitionCount == 4)
        #expect(throws: MetadataError.unknownTopic("x")) {
            try state.decidePartitions(topic: "x", partitionCount: 4)
        }
    }

    // MARK: - Deletion

    @Test
    func `a deleted topic is gone at once and its name free while its files remain`() throws {
        var state = try state(with: "orders")

        try state.apply(try state.decideDeletion(of: id(1)))
        try state.apply(
            try state.decideTopicCreation(name: "orders", id: id(2), partitionCount: 1))

        #expect(state.topic(id(1)) == nil)
        #expect(state.topic(named: "orders")?.id == id(2))
        #expect(state.topicsBeingDeleted.map(\.id) == [id(1)])

        try state.apply(state.decideDeletionFinished(of: id(1)))

        #expect(state.topicsBeingDeleted.isEmpty)
        #expect(state.decideDeletionFinished(of: id(1)).isEmpty)
    }

    @Test
    func `a topic is deleted once only and an id is never used twice meanwhile`() throws {
        var state = try state(with: "orders")
        try state.apply(try state.decideDeletion(of: id(1)))

        #expect(throws: MetadataError.unknownTopicID(id(1))) {
            try state.decideDeletion(of: id(1))
        }
        #expect(throws: InconsistentRecord.self) {
            var copy = state
            try copy.apply(.topicCreated(name: "x", id: id(1), partitionCount: 1))
        }
    }

    @Test
    func `after a deletion a name that collided is legal`() throws {
        var state = try state(with: "a_b")

        try state.apply(try state.decideDeletion(of: id(1)))

        #expect(try !state.decideTopicCreation(name: "a.b", id: id(2), partitionCount: 1).isEmpty)
    }

    // MARK: - Configuration

    @Test
    func `configs are set and removed and what stays the same makes no record`() throws {
        var state = try state(with: "orders")

        try state.apply(
            try state.decideConfigs(of: id(1), changes: ["a": "1", "b": "2", "gone": nil]))
        try state.apply(try state.decideConfigs(of: id(1), changes: ["a": nil, "b": "3"]))

        #expect(state.topic(id(1))?.configs == ["b": "3"])
        #expect(try state.decideConfigs(of: id(1), changes: ["b": "3", "a": nil]).isEmpty)
    }

    @Test
    func `brokers' configs are kept apart, and gone with the last of them`() throws {
        var state = ClusterState()

        try state.apply(
            try state.decideBrokerConfigs(of: BrokerID(1), changes: ["a": "1", "gone": nil]))
        try state.apply(try state.decideBrokerConfigs(of: nil, changes: ["a": "2", "b": "3"]))

        #expect(state.brokerConfigs(of: BrokerID(1)) == ["a": "1"])
        #expect(state.brokerConfigs(of: BrokerID(2)).isEmpty)
        #expect(state.brokerConfigs(of: nil) == ["a": "2", "b": "3"])
        #expect(try state.decideBrokerConfigs(of: nil, changes: ["b": "3", "c": nil]).isEmpty)
        var replayed = ClusterState()
        try replayed.apply(state.records)
        #expect(replayed == state)

        try state.apply(try state.decideBrokerConfigs(of: BrokerID(1), changes: ["a": nil]))
        try state.apply(
            try state.decideBrokerConfigs(of: nil, changes: ["a": nil, "b": nil]))
        #expect(state == ClusterState())
        var limits = MetadataLimits()
        limits.configBytes = 3
        #expect(throws: MetadataError.configTooLong(key: "a", limit: 3)) {
            try state.decideBrokerConfigs(of: nil, changes: ["a": "long"], limits: limits)
        }
    }

    @Test
    func `a config too long for its record is refused`() throws {
        let state = try state(with: "orders")
        var limits = MetadataLimits()
        limits.configBytes = .max

        #expect(throws: MetadataError.configTooLong(key: "k", limit: 65_535)) {
            try state.decideConfigs(
                of: id(1), changes: ["k": String(repeating: "é", count: 32_768)], limits: limits)
        }
    }

    // MARK: - Producer ids

    @Test
    func `blocks of producer ids follow each other and never overlap`() throws {
        var state = ClusterState()
        var ids = ProducerIDs()
        var given: [Int64] = []

        #expect(takeAll(&ids).isEmpty)
        for _ in 0..<3 {
            let (block, records) = state.decideProducerIDBlock()
            try state.apply(records)
            ids.refill(block)
            given += takeAll(&ids)
        }

        #expect(given == Array(0..<3_000))
    }

    @Test(
        arguments: [(0, 1_000), (999, 1_000), (1_000, 2_000), (123_456, 124_000)]
            as [(Int64, Int64)])
    func `ids that files name are left out`(_ used: Int64, _ next: Int64) throws {
        var state = ClusterState()

        try state.apply(state.decideProducerIDs(above: ProducerID(used)))

        #expect(state.nextProducerID == ProducerID(next))
        #expect(state.decideProducerIDs(above: ProducerID(used)).isEmpty)
        for odd in [Int64.max - 1_500, Int64.max - 10_000, Int64(1) << 62] {
            #expect(state.decideProducerIDs(above: ProducerID(odd)).isEmpty)
        }
        #expect(state.decideProducerIDs(above: ProducerID(.max)).isEmpty)
    }

    // MARK: - Identity

    @Test
    func `a state belongs to one cluster and node`() throws {
        var state = ClusterState()
        try state.apply(try state.decideRegistration(clusterID: "c", nodeID: BrokerID(1)))

        #expect(try state.decideRegistration(clusterID: "c", nodeID: BrokerID(1)).isEmpty)
        #expect(throws: MetadataError.self) {
            try state.decideRegistration(clusterID: "d", nodeID: BrokerID(1))
        }
        #expect(throws: MetadataError.self) {
            try state.decideRegistration(clusterID: "c", nodeID: BrokerID(2))
        }
    }

    // MARK: - Replay

    @Test(
        arguments: [
            .topicCreated(name: "orders", id: TopicID(high: 0, low: 7), partitionCount: 1),
            .topicCreated(name: "x", id: TopicID(high: 0, low: 1), partitionCount: 1),
            .topicCreated(name: "x", id: .zero, partitionCount: 1),
            .topicCreated(name: "x", id: TopicID(high: 0, low: 7), partitionCount: 0),
            .topicCreated(name: "../x", id: TopicID(high: 0, low: 7), partitionCount: 1),
            .partitionsAdded(topicID: TopicID(high: 0, low: 1), partitionCount: 1),
            .partitionsAdded(topicID: TopicID(high: 0, low: 7), partitionCount: 5),
            .topicDeletionStarted(topicID: TopicID(high: 0, low: 7)),
            .topicDeletionFinished(topicID: TopicID(high: 0, low: 1)),
            .topicConfigSet(topicID: TopicID(high: 0, low: 7), key: "a", value: "b"),
            .topicConfigRemoved(topicID: TopicID(high: 0, low: 7), key: "a"),
            .producerIDsAllocated(next: ProducerID(0)),
            .producerIDsAllocated(next: ProducerID(-5)),
        ] as [MetadataRecord])
    func `a record that cannot follow is refused and changes nothing`(
        _ record: MetadataRecord
    ) throws {
        var state = try state(with: "orders")
        let before = state

        #expect(throws: InconsistentRecord.self) { try state.apply(record) }

        #expect(state == before)
    }

    @Test
    func `the records of a state lead to it again`() throws {
        var state = try state(with: "orders", "or_ders", "x")
        try state.apply(try state.decideRegistration(clusterID: "c", nodeID: BrokerID(3)))
        try state.apply(try state.decideConfigs(of: id(2), changes: ["a": "1", "b": ""]))
        try state.apply(try state.decideDeletion(of: id(3)))
        try state.apply(try state.decideTopicCreation(name: "x", id: id(4), partitionCount: 9))
        try state.apply(state.decideProducerIDBlock().records)

        var again = ClusterState()
        try again.apply(state.records)

        #expect(again == state)
    }

    // MARK: - Made up

    /// A state with topics of one partition and the ids 1, 2, …
    private func state(with names: String...) throws -> ClusterState {
        var state = ClusterState()
        for (index, name) in names.enumerated() {
            try state.apply(
                .topicCreated(name: name, id: id(UInt64(index + 1)), partitionCount: 1))
        }
        return state
    }

    private func takeAll(_ ids: inout ProducerIDs) -> [Int64] {
        var taken: [Int64] = []
        while let id = ids.take() { taken.append(id.rawValue) }
        return taken
    }

    private func id(_ low: UInt64) -> TopicID { TopicID(high: 0, low: low) }
}

extension ClusterState {
    /// Takes up several records.
    mutating func apply(_ records: [MetadataRecord]) throws {
        for record in records { try apply(record) }
    }
}
