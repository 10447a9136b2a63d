import KafkaProtocol
import Testing

@Suite("Fetch sessions over the wire")
struct SessionWireTests {
    @Test
    func `an incremental fetch answers with what changed`() async throws {
        try await TestBroker.run(["num.network.threads": "2"]) { _, client in
            try await client.createTopic("orders", partitions: 3)
            var request = FetchRequest.sessionless("orders", [0: 0, 1: 0, 2: 0])
            request.sessionEpoch = 0

            let full = try await client.send(request, version: 12)
            _ = try await client.produce(Batch.of(["a"]), to: "orders", partition: 1)
            let changed = try await client.send(
                FetchRequest.next(full.sessionID, epoch: 1), version: 12)
            let quiet = try await client.send(
                FetchRequest.next(full.sessionID, epoch: 2, ["orders": [1: 1]]), version: 12)

            #expect(full.sessionID != 0)
            #expect(full.responses[0].partitions.count == 3)
            #expect(changed.responses.flatMap(\.partitions).map(\.partitionIndex) == [1])
            #expect(try changed.responses[0].partitions[0].values == ["a"])
            #expect(quiet.responses.isEmpty)
        }
    }

    @Test
    func `a wrong epoch and an unknown session are told and nothing else breaks`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            var request = FetchRequest.sessionless("orders", [0: 0])
            request.sessionEpoch = 0
            let session = try await client.send(request, version: 12).sessionID

            let wrong = try await client.send(FetchRequest.next(session, epoch: 9), version: 12)
            let unknown = try await client.send(
                FetchRequest.next(session &+ 1, epoch: 1), version: 12)
            let right = try await client.send(FetchRequest.next(session, epoch: 1), version: 12)

            #expect(wrong.errorCode == .invalidFetchSessionEpoch)
            #expect(unknown.errorCode == .fetchSessionIDNotFound)
            #expect(right.errorCode == .none)
        }
    }

    @Test
    func `without room for sessions fetches go on without one`() async throws {
        let settings = ["max.incremental.fetch.session.cache.slots": "0"]
        try await TestBroker.run(settings) { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a"]), to: "orders")
            var request = FetchRequest.sessionless("orders", [0: 0])
            request.sessionEpoch = 0

            let response = try await client.send(request, version: 12)

            #expect(response.sessionID == 0)
            #expect(try response.responses[0].partitions[0].values == ["a"])
        }
    }

    @Test
    func `a session learns that its topic was deleted`() async throws {
        try await TestBroker.run { _, client in
            let topic = try await client.createTopic("orders")
            var request = FetchRequest.sessionless("", [0: 0])
            request.topics[0].topicID = topic.topicID
            request.sessionEpoch = 0
            let session = try await client.send(request, version: 13).sessionID
            _ = try await client.send(
                DeleteTopicsRequest(topics: [.init(name: "orders")], timeoutMs: 1_000), version: 6)

            let response = try await client.send(FetchRequest.next(session, epoch: 1), version: 13)

            #expect(response.responses[0].partitions.map(\.errorCode) == [.unknownTopicID])
        }
    }
}

extension FetchRequest {
    fileprivate static func next(
        _ session: Int32, epoch: Int32, _ changed: [String: [Int32: Int64]] = [:]
    ) -> FetchRequest {
        FetchRequest(
            maxWaitMs: 0, minBytes: 1, maxBytes: 50 << 20, sessionID: session,
            sessionEpoch: epoch,
            topics: changed.flatMap { FetchRequest.sessionless($0.key, $0.value).topics })
    }
}
