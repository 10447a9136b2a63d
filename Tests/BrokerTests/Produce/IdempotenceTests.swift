import KafkaProtocol
import Testing

@Suite("Idempotent producers")
struct IdempotenceTests {
    @Test
    func `ids are never given out twice, also after a restart`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        var ids: [Int64] = []
        for _ in 0..<3 {
            ids.append(try await client.send(InitProducerIdRequest(), version: 5).producerID)
        }
        await broker.stop()

        let again = try await TestBroker.start(folder: broker.folder)
        let later = try await again.connect()
        ids.append(try await later.send(InitProducerIdRequest(), version: 5).producerID)
        await again.stop()

        #expect(Set(ids).count == 4)
        #expect(ids.allSatisfy { $0 >= 0 })
    }

    @Test
    func `a resent batch is answered with its first offset and stored once`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            let batch = try Batch.of(["a", "b"], producer: 7, sequence: 0)

            let first = try await client.produce(batch, to: "orders")
            _ = try await client.produce(
                Batch.of(["c"], producer: 7, sequence: 2), to: "orders")
            let resent = try await client.produce(batch, to: "orders")
            let fetched = try await client.fetch("orders", from: 0)

            #expect(first.baseOffset == 0)
            #expect(resent.errorCode == .none)
            #expect(resent.baseOffset == 0)
            #expect(try fetched.values == ["a", "b", "c"])
        }
    }

    @Test
    func `a gap in the sequence is refused`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a"], producer: 7, sequence: 0), to: "orders")

            let answer = try await client.produce(
                Batch.of(["b"], producer: 7, sequence: 5), to: "orders")

            #expect(answer.errorCode == .outOfOrderSequenceNumber)
        }
    }

    @Test
    func `an older epoch is fenced`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(
                Batch.of(["a"], producer: 7, epoch: 3, sequence: 0), to: "orders")

            let answer = try await client.produce(
                Batch.of(["b"], producer: 7, epoch: 2, sequence: 1), to: "orders")

            #expect(answer.errorCode == .invalidProducerEpoch)
        }
    }

    @Test
    func `five batches in flight and all resent after a restart are stored once`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("orders")
        let batches = try (0..<5).map {
            try Batch.of(["v\($0)"], producer: 9, sequence: Int32($0))
        }
        for batch in batches {
            try await client.post(
                ProduceRequest.one(batch, to: "orders", acks: -1), version: 9)
        }
        for _ in batches { _ = try await client.nextFrame() }
        await broker.stop()

        let again = try await TestBroker.start(folder: broker.folder)
        let later = try await again.connect()
        var offsets: [Int64] = []
        for batch in batches {
            offsets.append(try await later.produce(batch, to: "orders").baseOffset)
        }
        let values = try await later.fetch("orders", from: 0).values
        await again.stop()

        #expect(offsets == [0, 1, 2, 3, 4])
        #expect(values == ["v0", "v1", "v2", "v3", "v4"])
    }

    @Test
    func `a transactional id has no coordinator yet`() async throws {
        try await TestBroker.run { _, client in
            let answer = try await client.send(
                InitProducerIdRequest(transactionalID: "orders"), version: 4)
            let empty = try await client.send(
                InitProducerIdRequest(transactionalID: ""), version: 4)

            #expect(answer.errorCode == .coordinatorNotAvailable)
            #expect(answer.producerID == -1)
            #expect(empty.errorCode == .invalidRequest)
        }
    }
}
