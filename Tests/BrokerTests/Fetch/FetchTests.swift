import Glibc
import KafkaProtocol
import Testing

@Suite("Fetch")
struct FetchTests {
    @Test(arguments: 4...18 as ClosedRange<Int16>)
    func `every version reads`(version: Int16) async throws {
        try await TestBroker.run { _, client in
            let topic = try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a", "b"]), to: "orders")

            let fetched = try await client.fetch(
                version < 13 ? "orders" : "", from: 0, version: version, topicID: topic.topicID)

            #expect(fetched.errorCode == .none)
            #expect(try fetched.values == ["a", "b"])
            #expect(fetched.lastStableOffset == 2)
        }
    }

    @Test
    func `an offset inside a batch gives the whole batch`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a", "b", "c"]), to: "orders")

            #expect(try await client.fetch("orders", from: 2).values == ["a", "b", "c"])
        }
    }

    @Test
    func `the end of the log is empty and beyond it is out of range`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a"]), to: "orders")

            let end = try await client.fetch("orders", from: 1)
            let beyond = try await client.fetch("orders", from: 2)
            let before = try await client.fetch("orders", from: -1)

            #expect(end.errorCode == .none)
            #expect(end.recordBytes.isEmpty)
            #expect(beyond.errorCode == .offsetOutOfRange)
            #expect(before.errorCode == .offsetOutOfRange)
        }
    }

    @Test
    func `the first batch comes although it is larger than every limit`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.ofOne(valueByteCount: 10_000), to: "orders")

            let fetched = try await client.fetch(
                "orders", from: 0, maxBytes: 100, partitionMaxBytes: 10)

            #expect(fetched.recordBytes.count > 10_000)
        }
    }

    @Test
    func `later partitions get what is left of the budget`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders", partitions: 3)
            for partition: Int32 in 0..<3 {
                _ = try await client.produce(
                    Batch.ofOne(valueByteCount: 1_000), to: "orders", partition: partition)
            }
            var request = FetchRequest.sessionless("orders", [0: 0, 1: 0, 2: 0])
            request.maxBytes = 2_500

            let response = try await client.send(request, version: 12)

            let sizes = response.responses[0].partitions.map { $0.recordBytes.count > 0 }
            #expect(sizes == [true, true, false])
        }
    }

    @Test
    func `regions large enough for sendfile arrive whole`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            var sent: [[UInt8]] = []
            for _ in 0..<5 {
                let batch = Batch.ofOne(valueByteCount: 200_000)
                sent.append(batch)
                _ = try await client.produce(batch, to: "orders")
            }

            let fetched = try await client.fetch("orders", from: 0, partitionMaxBytes: 10 << 20)

            #expect(try Batch.headers(in: fetched.recordBytes).count == 5)
            #expect(fetched.recordBytes.count == sent.joined().count)
            #expect(Array(fetched.recordBytes.suffix(200_000)) == Array(sent[4].suffix(200_000)))
        }
    }

    @Test
    func `regions that the page cache has lost arrive whole`() async throws {
        try await TestBroker.run { broker, client in
            try await client.createTopic("orders")
            for _ in 0..<20 {
                _ = try await client.produce(Batch.ofOne(valueByteCount: 200_000), to: "orders")
            }
            let file = open("\(broker.folder)/orders-0/00000000000000000000.log", O_RDONLY)
            posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
            close(file)

            let fetched = try await client.fetch("orders", from: 0, partitionMaxBytes: 10 << 20)

            #expect(try Batch.records(in: fetched.recordBytes).count == 20)
        }
    }

    @Test
    func `unknown names, ids and partitions get their codes`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")

            let name = try await client.fetch("missing", from: 0)
            let partition = try await client.fetch("orders", partition: 9, from: 0)
            let negative = try await client.fetch("orders", partition: -1, from: 0)
            let id = try await client.fetch("", from: 0, version: 13, topicID: .random())

            #expect(name.errorCode == .unknownTopicOrPartition)
            #expect(partition.errorCode == .unknownTopicOrPartition)
            #expect(negative.errorCode == .unknownTopicOrPartition)
            #expect(id.errorCode == .unknownTopicID)
        }
    }

    @Test
    func `an old leader epoch is fenced and a future one unknown`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            let epoch = try await client.send(
                MetadataRequest(topics: [.init(name: "orders")]), version: 12
            ).topics[0].partitions[0].leaderEpoch

            let same = try await client.fetch("orders", from: 0, leaderEpoch: epoch)
            let future = try await client.fetch("orders", from: 0, leaderEpoch: epoch + 1)

            #expect(same.errorCode == .none)
            #expect(future.errorCode == .unknownLeaderEpoch)
        }
    }

    @Test
    func `read committed names no aborted transactions`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a"]), to: "orders")

            let committed = try await client.fetch("orders", from: 0, isolationLevel: 1)
            let uncommitted = try await client.fetch("orders", from: 0)

            #expect(committed.abortedTransactions == [])
            #expect(uncommitted.abortedTransactions == nil)
        }
    }
}

extension FetchRequest {
    /// A request without a session for partitions of one topic from these offsets on.
    static func sessionless(_ topic: String, _ offsets: [Int32: Int64]) -> FetchRequest {
        FetchRequest(
            maxWaitMs: 0, minBytes: 1, maxBytes: 50 << 20, sessionEpoch: -1,
            topics: [
                Topic(
                    topic: topic,
                    partitions: offsets.sorted { $0.key < $1.key }.map {
                        Partition(
                            partition: $0.key, fetchOffset: $0.value, partitionMaxBytes: 1 << 20)
                    })
            ])
    }
}
