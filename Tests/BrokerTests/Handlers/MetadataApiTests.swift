import KafkaProtocol
import Testing
import Vocabulary

@Suite("Metadata")
struct MetadataApiTests {
    @Test(arguments: 0...13 as ClosedRange<Int16>)
    func `every version tells the broker and the topic`(version: Int16) async throws {
        try await TestBroker.run { broker, client in
            let created = try await client.createTopic("orders", partitions: 3)

            let response = try await client.send(
                MetadataRequest(topics: [.init(name: "orders")]), version: version)

            #expect(response.brokers.map(\.port) == [Int32(broker.port)])
            #expect(response.topics.map(\.name) == ["orders"])
            #expect(response.topics[0].partitions.map(\.partitionIndex) == [0, 1, 2])
            #expect(response.topics[0].partitions.allSatisfy { $0.leaderID == 1 })
            if version >= 10 { #expect(response.topics[0].topicID == created.topicID) }
        }
    }

    @Test
    func `an empty list means all topics in version 0 only`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("a")
            try await client.createTopic("b")

            let oldest = try await client.send(MetadataRequest(topics: []), version: 0)
            let empty = try await client.send(MetadataRequest(topics: []), version: 1)
            let null = try await client.send(MetadataRequest(topics: nil), version: 1)

            #expect(oldest.topics.map(\.name) == ["a", "b"])
            #expect(empty.topics.isEmpty)
            #expect(null.topics.map(\.name) == ["a", "b"])
        }
    }

    @Test
    func `a missing topic is created only if client and broker allow it`() async throws {
        try await TestBroker.run { _, client in
            let refused = try await client.send(
                MetadataRequest(topics: [.init(name: "x")], allowAutoTopicCreation: false),
                version: 9)
            let created = try await client.send(
                MetadataRequest(topics: [.init(name: "x")]), version: 9)

            #expect(refused.topics[0].errorCode == .unknownTopicOrPartition)
            #expect(created.topics[0].errorCode == .none)
            #expect(created.topics[0].partitions.count == 1)
        }
        try await TestBroker.run(["auto.create.topics.enable": "false"]) { _, client in
            let response = try await client.send(
                MetadataRequest(topics: [.init(name: "x")]), version: 9)

            #expect(response.topics[0].errorCode == .unknownTopicOrPartition)
        }
    }

    @Test(arguments: [
        "", ".", "..", "../up", "a/b", "a b", "ä", String(repeating: "x", count: 250),
    ])
    func `an illegal name creates nothing`(name: String) async throws {
        try await TestBroker.run { _, client in
            let response = try await client.send(
                MetadataRequest(topics: [.init(name: name)]), version: 9)
            let all = try await client.send(MetadataRequest(topics: nil), version: 9)

            #expect(response.topics.map(\.errorCode) == [.invalidTopicException])
            #expect(all.topics.isEmpty)
        }
    }

    @Test
    func `version 12 finds topics by id`() async throws {
        try await TestBroker.run { _, client in
            let created = try await client.createTopic("orders")

            let response = try await client.send(
                MetadataRequest(topics: [
                    .init(topicID: created.topicID, name: nil),
                    .init(topicID: .random(), name: nil),
                ]), version: 12)

            #expect(response.topics.map(\.errorCode) == [.none, .unknownTopicID])
            #expect(response.topics.map(\.name) == ["orders", nil])
        }
    }

    @Test(arguments: [10, 11] as [Int16])
    func `versions 10 and 11 refuse null names`(version: Int16) async throws {
        try await TestBroker.run { _, client in
            let response = try await client.send(
                MetadataRequest(topics: [.init(topicID: .random(), name: nil)]), version: version)

            #expect(response.topics.map(\.errorCode) == [.invalidRequest])
        }
    }

    @Test
    func `operations are told to those who ask`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            let asking = MetadataRequest(
                topics: [.init(name: "orders")], includeClusterAuthorizedOperations: true,
                includeTopicAuthorizedOperations: true)

            let told = try await client.send(asking, version: 8)
            let untold = try await client.send(
                MetadataRequest(topics: [.init(name: "orders")]), version: 8)

            #expect(told.topics[0].topicAuthorizedOperations == 3_576)
            #expect(told.clusterAuthorizedOperations == 8_096)
            #expect(untold.topics[0].topicAuthorizedOperations == .min)
        }
    }

    @Test
    func `the cluster describes itself`() async throws {
        try await TestBroker.run { broker, client in
            let metadata = try await client.send(MetadataRequest(topics: []), version: 9)
            let cluster = try await client.send(
                DescribeClusterRequest(endpointType: 1), version: 2)
            let controllers = try await client.send(
                DescribeClusterRequest(endpointType: 2), version: 1)
            let nonsense = try await client.send(
                DescribeClusterRequest(endpointType: 7), version: 1)

            #expect(cluster.clusterID == metadata.clusterID)
            #expect(cluster.controllerID == 1)
            #expect(cluster.brokers.map(\.port) == [Int32(broker.port)])
            #expect(controllers.errorCode == .mismatchedEndpointType)
            #expect(nonsense.errorCode == .unsupportedEndpointType)
        }
    }

    @Test
    func `partitions are described page by page`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("a", partitions: 3)
            try await client.createTopic("b", partitions: 2)

            var pages: [[String]] = []
            var cursor: DescribeTopicPartitionsRequest.Cursor?
            repeat {
                let response = try await client.send(
                    DescribeTopicPartitionsRequest(responsePartitionLimit: 2, cursor: cursor),
                    version: 0)
                pages.append(
                    response.topics.flatMap { topic in
                        topic.partitions.map { "\(topic.name ?? "")-\($0.partitionIndex)" }
                    })
                cursor = response.nextCursor.map {
                    .init(topicName: $0.topicName, partitionIndex: $0.partitionIndex)
                }
            } while cursor != nil

            #expect(pages == [["a-0", "a-1"], ["a-2", "b-0"], ["b-1"]])
        }
    }

    @Test
    func `a page for an unknown topic or a bad cursor says so`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("a")

            let unknown = try await client.send(
                DescribeTopicPartitionsRequest(topics: [.init(name: "x"), .init(name: "a")]),
                version: 0)
            let negative = try await client.send(
                DescribeTopicPartitionsRequest(
                    topics: [.init(name: "a")],
                    cursor: .init(topicName: "a", partitionIndex: -1)), version: 0)

            #expect(unknown.topics.map(\.errorCode) == [.none, .unknownTopicOrPartition])
            #expect(negative.topics.map(\.errorCode) == [.invalidRequest])
        }
    }

    @Test(arguments: 0...6 as ClosedRange<Int16>)
    func `no coordinator is available yet`(version: Int16) async throws {
        try await TestBroker.run { _, client in
            let response = try await client.send(
                FindCoordinatorRequest(key: "g", coordinatorKeys: ["g", "h"]), version: version)

            if version < 4 {
                #expect(response.errorCode == .coordinatorNotAvailable)
                #expect(response.nodeID == -1)
            } else {
                #expect(
                    response.coordinators.map(\.errorCode)
                        == [.coordinatorNotAvailable, .coordinatorNotAvailable])
            }
        }
    }
}
