import Broker
import Glibc
import KafkaProtocol
import Testing
import Vocabulary

@Suite("Creating, growing and deleting topics")
struct TopicChangesTests {
    @Test(arguments: 2...7 as ClosedRange<Int16>)
    func `every version creates`(version: Int16) async throws {
        try await TestBroker.run { _, client in
            let response = try await client.send(
                CreateTopicsRequest(topics: [
                    .init(name: "orders", numPartitions: 3, replicationFactor: 1)
                ]), version: version)

            #expect(response.topics.map(\.errorCode) == [.none])
            if version >= 5 {
                #expect(response.topics[0].numPartitions == 3)
                #expect(
                    response.topics[0].configs?.first { $0.name == "max.message.bytes" }?.value
                        == "1048588")
            }
        }
    }

    /// A topic to create beside the existing `orders.eu`, and the code it must get.
    static let refused: [(CreateTopicsRequest.Topic, ErrorCode)] = [
        (.init(name: "orders.eu", numPartitions: 1, replicationFactor: 1), .topicAlreadyExists),
        (.init(name: "orders_eu", numPartitions: 1, replicationFactor: 1), .invalidTopicException),
        (.init(name: "a/b", numPartitions: 1, replicationFactor: 1), .invalidTopicException),
        (.init(name: "..", numPartitions: 1, replicationFactor: 1), .invalidTopicException),
        (
            .init(name: "__millrace_metadata", numPartitions: 1, replicationFactor: 1),
            .invalidTopicException
        ),
        (.init(name: "new", numPartitions: 0, replicationFactor: 1), .invalidPartitions),
        (.init(name: "new", numPartitions: -2, replicationFactor: 1), .invalidPartitions),
        (.init(name: "new", numPartitions: 1, replicationFactor: 0), .invalidReplicationFactor),
        (.init(name: "new", numPartitions: 1, replicationFactor: 3), .invalidReplicationFactor),
        (
            .init(
                name: "new", numPartitions: 1, replicationFactor: 1,
                configs: [.init(name: "no.such.key", value: "1")]), .invalidConfig
        ),
        (
            .init(
                name: "new", numPartitions: 1, replicationFactor: 1,
                configs: [.init(name: "max.message.bytes", value: "many")]), .invalidConfig
        ),
        (
            .init(
                name: "new", numPartitions: 1, replicationFactor: 1,
                configs: [.init(name: "max.message.bytes", value: nil)]), .invalidConfig
        ),
        (
            .init(
                name: "new", numPartitions: 2, replicationFactor: -1,
                assignments: [.init(partitionIndex: 0, brokerIDs: [1])]), .invalidRequest
        ),
        (
            .init(
                name: "new", numPartitions: -1, replicationFactor: 1,
                assignments: [.init(partitionIndex: 0, brokerIDs: [1])]), .invalidRequest
        ),
        (
            .init(
                name: "new", numPartitions: -1, replicationFactor: -1,
                assignments: [.init(partitionIndex: 0, brokerIDs: [9])]),
            .invalidReplicaAssignment
        ),
        (
            .init(
                name: "new", numPartitions: -1, replicationFactor: -1,
                assignments: [.init(partitionIndex: 0, brokerIDs: [])]),
            .invalidReplicaAssignment
        ),
        (
            .init(
                name: "new", numPartitions: -1, replicationFactor: -1,
                assignments: [.init(partitionIndex: 1, brokerIDs: [1])]),
            .invalidReplicaAssignment
        ),
    ]

    @Test(arguments: refused.indices)
    func `what cannot be created says why and leaves nothing`(index: Int) async throws {
        try await TestBroker.run { _, client in
            let (topic, code) = Self.refused[index]
            try await client.createTopic("orders.eu")

            let response = try await client.send(CreateTopicsRequest(topics: [topic]), version: 7)
            let all = try await client.send(MetadataRequest(topics: nil), version: 9)

            #expect(response.topics.map(\.errorCode) == [code])
            #expect(response.topics[0].errorMessage != nil)
            #expect(all.topics.map(\.name) == ["orders.eu"])
        }
    }

    @Test
    func `more topics than one operation may create are all refused`() async throws {
        try await TestBroker.run { _, client in
            let topics = (0...10_000).map {
                CreateTopicsRequest.Topic(name: "t\($0)", numPartitions: 1, replicationFactor: 1)
            }

            let response = try await client.send(
                CreateTopicsRequest(topics: topics, validateOnly: true), version: 7)

            #expect(response.topics.count == 10_001)
            #expect(response.topics.allSatisfy { $0.errorCode == .policyViolation })
        }
    }

    @Test
    func `a topic named twice in one request is refused and the others are created`() async throws {
        try await TestBroker.run { _, client in
            let twice = CreateTopicsRequest.Topic(
                name: "twice", numPartitions: 1, replicationFactor: 1)
            let once = CreateTopicsRequest.Topic(
                name: "once", numPartitions: 1, replicationFactor: 1)

            let response = try await client.send(
                CreateTopicsRequest(topics: [twice, once, twice]), version: 7)

            #expect(
                response.topics.map(\.errorCode) == [.invalidRequest, .none, .invalidRequest])
        }
    }

    @Test
    func `validating creates nothing`() async throws {
        try await TestBroker.run { _, client in
            let topic = CreateTopicsRequest.Topic(
                name: "orders", numPartitions: -1, replicationFactor: -1)

            let response = try await client.send(
                CreateTopicsRequest(topics: [topic], validateOnly: true), version: 7)
            let all = try await client.send(MetadataRequest(topics: nil), version: 9)

            #expect(response.topics.map(\.errorCode) == [.none])
            #expect(all.topics.isEmpty)
        }
    }

    @Test
    func `partitions are assigned by hand or counted by the broker's default`() async throws {
        try await TestBroker.run(["num.partitions": "5"]) { _, client in
            let response = try await client.send(
                CreateTopicsRequest(topics: [
                    .init(
                        name: "assigned", numPartitions: -1, replicationFactor: -1,
                        assignments: [
                            .init(partitionIndex: 1, brokerIDs: [1]),
                            .init(partitionIndex: 0, brokerIDs: [1]),
                        ]), .init(name: "default", numPartitions: -1, replicationFactor: -1),
                ]), version: 7)

            #expect(response.topics.map(\.numPartitions) == [2, 5])
        }
    }

    @Test
    func `a topic grows and its new partitions take records`() async throws {
        try await TestBroker.run(["num.network.threads": "2"]) { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["old"]), to: "orders")

            let grown = try await client.send(
                CreatePartitionsRequest(topics: [.init(name: "orders", count: 3)]), version: 3)
            let answer = try await client.produce(Batch.of(["new"]), to: "orders", partition: 2)
            let old = try await client.fetch("orders", from: 0)

            #expect(grown.results.map(\.errorCode) == [.none])
            #expect(answer.errorCode == .none)
            #expect(try old.values == ["old"])
        }
    }

    @Test
    func `a topic grows only to more partitions, of topics that exist`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders", partitions: 2)

            let response = try await client.send(
                CreatePartitionsRequest(topics: [
                    .init(name: "orders", count: 2), .init(name: "missing", count: 2),
                ]), version: 3)
            let fewer = try await client.send(
                CreatePartitionsRequest(topics: [.init(name: "orders", count: 1)]), version: 3)
            let misassigned = try await client.send(
                CreatePartitionsRequest(topics: [
                    .init(name: "orders", count: 4, assignments: [.init(brokerIDs: [1])])
                ]), version: 3)
            let twice = try await client.send(
                CreatePartitionsRequest(topics: [
                    .init(name: "orders", count: 4), .init(name: "orders", count: 5),
                ]), version: 3)

            #expect(
                response.results.map(\.errorCode)
                    == [.invalidPartitions, .unknownTopicOrPartition])
            #expect(fewer.results.map(\.errorCode) == [.invalidPartitions])
            #expect(misassigned.results.map(\.errorCode) == [.invalidReplicaAssignment])
            #expect(twice.results.map(\.errorCode) == [.invalidRequest, .invalidRequest])
        }
    }

    @Test(arguments: 1...6 as ClosedRange<Int16>)
    func `every version deletes`(version: Int16) async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")

            let response = try await client.send(
                DeleteTopicsRequest(
                    topics: [.init(name: "orders")], topicNames: ["orders"], timeoutMs: 1_000),
                version: version)
            let all = try await client.send(MetadataRequest(topics: nil), version: 9)

            #expect(response.responses.map(\.errorCode) == [.none])
            #expect(all.topics.isEmpty)
        }
    }

    @Test
    func `deleting what is not there gets its code`() async throws {
        try await TestBroker.run { _, client in
            let response = try await client.send(
                DeleteTopicsRequest(
                    topics: [
                        .init(name: "missing"), .init(name: nil, topicID: .random()),
                        .init(name: "both", topicID: .random()), .init(name: nil),
                    ], timeoutMs: 1_000), version: 6)

            #expect(
                response.responses.map(\.errorCode) == [
                    .unknownTopicOrPartition, .unknownTopicID, .invalidRequest, .invalidRequest,
                ])
        }
    }

    @Test
    func `a topic that a request names twice is not deleted`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("twice")
            try await client.createTopic("once")

            let response = try await client.send(
                DeleteTopicsRequest(
                    topics: [.init(name: "twice"), .init(name: "once"), .init(name: "twice")],
                    timeoutMs: 1_000), version: 6)
            let left = try await client.send(MetadataRequest(topics: nil), version: 9)

            #expect(response.responses.map(\.name) == ["twice", "once"])
            #expect(response.responses.map(\.errorCode) == [.invalidRequest, .none])
            #expect(left.topics.map(\.name) == ["twice"])
        }
    }

    @Test
    func `new partitions whose logs cannot be made are told of`() async throws {
        try await TestBroker.run { broker, client in
            try await client.createTopic("orders")
            // A file in the place of a partition's folder.
            try writeFile("\(broker.folder)/orders-1")

            let response = try await client.send(
                CreatePartitionsRequest(topics: [.init(name: "orders", count: 2)]), version: 3)

            #expect(response.results.map(\.errorCode) == [.kafkaStorageError])
        }
    }

    @Test
    func `a topic that could not be made is gone for good, and its name is free`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try writeFile("\(broker.folder)/orders-1")

        let refused = try await client.send(
            CreateTopicsRequest(topics: [
                .init(name: "orders", numPartitions: 2, replicationFactor: -1)
            ]), version: 7)
        await broker.stop()
        unlink("\(broker.folder)/orders-1")
        let again = try await TestBroker.start(folder: broker.folder)
        let later = try await again.connect()
        let found = try await later.send(MetadataRequest(topics: nil), version: 9)
        let retried = try await later.createTopic("orders", partitions: 2)
        await again.stop()

        #expect(refused.topics.map(\.errorCode) == [.kafkaStorageError])
        #expect(found.topics.isEmpty)
        #expect(retried.errorCode == .none)
    }

    @Test
    func `a topic deleted while a partition is offline does not come back`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("orders", partitions: 2)
        _ = try await client.produce(Batch.of(["a"]), to: "orders", partition: 1)
        await broker.stop()
        let log = "\(broker.folder)/orders-1/00000000000000000000.log"
        unlink(log)
        mkdir(log, 0o755)

        let again = try await TestBroker.start(folder: broker.folder)
        let response = try await again.connect().send(
            DeleteTopicsRequest(topics: [.init(name: "orders")], timeoutMs: 1_000), version: 6)
        let afterDeletion = access("\(broker.folder)/orders-1", F_OK)
        await again.stop()
        let third = try await TestBroker.start(folder: broker.folder)
        let found = try await third.connect().send(MetadataRequest(topics: nil), version: 9)
        await third.stop()

        #expect(response.responses.map(\.errorCode) == [.none])
        #expect(afterDeletion != 0)
        #expect(found.topics.isEmpty)
    }

    @Test
    func `a broker may refuse to delete`() async throws {
        try await TestBroker.run(["delete.topic.enable": "false"]) { _, client in
            try await client.createTopic("orders")

            let response = try await client.send(
                DeleteTopicsRequest(topics: [.init(name: "orders")], timeoutMs: 1_000), version: 6)

            #expect(response.responses.map(\.errorCode) == [.topicDeletionDisabled])
        }
    }

    @Test(arguments: ["1", "2"])
    func `a topic deleted and recreated is another one, and empty`(loops: String) async throws {
        try await TestBroker.run(["num.network.threads": loops]) { _, client in
            var ids: Set<TopicID> = []
            for _ in 0..<5 {
                let topic = try await client.createTopic("orders", partitions: 2)
                ids.insert(topic.topicID)
                let answer = try await client.produce(Batch.of(["a"]), to: "orders", partition: 1)
                let old = try await client.fetch(
                    "", partition: 1, from: 0, version: 13, topicID: topic.topicID)
                _ = try await client.send(
                    DeleteTopicsRequest(
                        topics: [.init(name: nil, topicID: topic.topicID)], timeoutMs: 1_000),
                    version: 6)
                let gone = try await client.fetch(
                    "", partition: 1, from: 0, version: 13, topicID: topic.topicID)

                #expect(answer.baseOffset == 0)
                #expect(try old.values == ["a"])
                #expect(gone.errorCode == .unknownTopicID)
            }
            #expect(ids.count == 5)
        }
    }

    @Test
    func `a producer's sequence starts anew in a recreated topic`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a"], producer: 4, sequence: 0), to: "orders")
            _ = try await client.send(
                DeleteTopicsRequest(topics: [.init(name: "orders")], timeoutMs: 1_000), version: 6)
            try await client.createTopic("orders")

            let answer = try await client.produce(
                Batch.of(["b"], producer: 4, sequence: 0), to: "orders")

            #expect(answer.errorCode == .none)
            #expect(try await client.fetch("orders", from: 0).values == ["b"])
        }
    }
}

/// Puts an empty file at `path`.
private func writeFile(_ path: String) throws {
    let file = creat(path, 0o644)
    #expect(file >= 0)
    close(file)
}
