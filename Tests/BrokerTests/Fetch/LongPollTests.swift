import KafkaProtocol
import Testing

@Suite("Waiting fetches")
struct LongPollTests {
    /// Long enough that an answer before it can only come from being woken.
    private static let patience: Int32 = 60_000

    @Test(arguments: ["1", "2"])
    func `a fetch at the end waits for the next record`(loops: String) async throws {
        try await TestBroker.run(["num.network.threads": loops]) { broker, client in
            try await client.createTopic("orders", partitions: 2)
            let consumer = try await broker.connect()

            async let waiting = consumer.fetch(
                "orders", partition: 1, from: 0, maxWait: Self.patience)
            _ = try await client.produce(Batch.of(["a"]), to: "orders", partition: 1)

            #expect(try await waiting.values == ["a"])
            await consumer.close()
        }
    }

    @Test(arguments: ["1", "2"])
    func `a fetch of several partitions is woken by any of them`(loops: String) async throws {
        try await TestBroker.run(["num.network.threads": loops]) { broker, client in
            try await client.createTopic("orders", partitions: 4)
            let consumer = try await broker.connect()
            for round: Int64 in 0..<4 {
                var request = FetchRequest.sessionless("orders", [0: 0, 1: 0, 2: 0, 3: 0])
                for partition in 0..<Int(round) {
                    request.topics[0].partitions[partition].fetchOffset = 1
                }
                request.maxWaitMs = Self.patience

                async let waiting = consumer.send(request, version: 12)
                _ = try await client.produce(
                    Batch.of(["v\(round)"]), to: "orders", partition: Int32(round))

                let values = try await waiting.responses[0].partitions.flatMap { try $0.values }
                #expect(values == ["v\(round)"])
            }
            await consumer.close()
        }
    }

    @Test
    func `a fetch that wants more than it may get does not wait for it`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a", "b"]), to: "orders")
            var request = FetchRequest.sessionless("orders", [0: 0])
            request.maxWaitMs = Self.patience
            request.minBytes = .max
            request.maxBytes = 50

            let response = try await client.send(request, version: 12)

            #expect(try response.responses[0].partitions[0].values == ["a", "b"])
        }
    }

    @Test
    func `a fetch waits until there are as many bytes as it wants`() async throws {
        try await TestBroker.run { broker, client in
            try await client.createTopic("orders")
            let consumer = try await broker.connect()

            async let waiting = consumer.fetch(
                "orders", from: 0, maxWait: Self.patience, minBytes: 3_000)
            for _ in 0..<3 {
                _ = try await client.produce(Batch.ofOne(valueByteCount: 1_000), to: "orders")
            }

            #expect(try Batch.headers(in: try await waiting.recordBytes).count == 3)
            await consumer.close()
        }
    }

    @Test
    func `a fetch that gets nothing is answered when its time is up`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")

            let fetched = try await client.fetch("orders", from: 0, maxWait: 20)

            #expect(fetched.errorCode == .none)
            #expect(fetched.recordBytes.isEmpty)
        }
    }

    @Test
    func `an error is answered at once`() async throws {
        try await TestBroker.run { _, client in
            let fetched = try await client.fetch("missing", from: 0, maxWait: Self.patience)

            #expect(fetched.errorCode == .unknownTopicOrPartition)
        }
    }

    @Test(arguments: ["1", "2"])
    func `deleting the topic ends the wait`(loops: String) async throws {
        try await TestBroker.run(["num.network.threads": loops]) { broker, client in
            try await client.createTopic("orders", partitions: 2)
            let consumer = try await broker.connect()

            async let waiting = consumer.fetch(
                "orders", partition: 1, from: 0, maxWait: Self.patience)
            // The first fetch is parked before the deletion, or finds the topic gone: either way
            // it must not wait.
            _ = try await client.send(
                DeleteTopicsRequest(topics: [.init(name: "orders")], timeoutMs: 1_000), version: 6)

            #expect(try await waiting.errorCode == .unknownTopicOrPartition)
            await consumer.close()
        }
    }

    @Test
    func `stopping the broker answers who waits`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("orders")

        async let waiting = client.fetch("orders", from: 0, maxWait: Self.patience)
        // Another connection is served behind the fetch's loop turn: it is parked by then.
        let other = try await broker.connect()
        _ = try await other.send(ApiVersionsRequest(), version: 0)
        await broker.stop()

        let answer = try? await waiting
        #expect(answer == nil || answer?.errorCode == ErrorCode.none)
    }

    @Test
    func `a consumer that leaves does not disturb the next record`() async throws {
        try await TestBroker.run { broker, client in
            try await client.createTopic("orders")
            for _ in 0..<10 {
                let consumer = try await broker.connect()
                try await consumer.post(
                    FetchRequest.patient("orders", wait: Self.patience), version: 12)
                await consumer.close()
            }

            let answer = try await client.produce(Batch.of(["a"]), to: "orders")

            #expect(answer.errorCode == .none)
        }
    }
}

extension FetchRequest {
    fileprivate static func patient(_ topic: String, wait: Int32) -> FetchRequest {
        var request = FetchRequest.sessionless(topic, [0: 0])
        request.maxWaitMs = wait
        return request
    }
}
