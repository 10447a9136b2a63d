import Glibc
import KafkaProtocol
import Testing

@Suite("DeleteRecords")
struct DeleteRecordsTests {
    @Test(arguments: 0...2 as ClosedRange<Int16>)
    func `records below the offset are gone for everyone`(version: Int16) async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            for value in ["a", "b", "c"] {
                _ = try await client.produce(Batch.of([value]), to: "orders")
            }

            let deleted = try await client.deleteRecords(before: 2, version: version)

            #expect(deleted.errorCode == .none)
            #expect(deleted.lowWatermark == 2)
            #expect(try await client.earliestOffset() == 2)
            #expect(try await client.fetch("orders", from: 1).errorCode == .offsetOutOfRange)
            let left = try await client.fetch("orders", from: 2)
            #expect(try left.values == ["c"])
            #expect(left.logStartOffset == 2)
        }
    }

    @Test
    func `minus one stands for the high watermark, and earlier offsets change nothing`()
        async throws
    {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a", "b", "c"]), to: "orders")

            let all = try await client.deleteRecords(before: -1)
            let again = try await client.deleteRecords(before: 1)

            #expect(all.lowWatermark == 3)
            #expect(again.errorCode == .none)
            #expect(again.lowWatermark == 3)
            #expect(try await client.fetch("orders", from: 3).errorCode == .none)
            #expect(try await client.produce(Batch.of(["d"]), to: "orders").baseOffset == 3)
        }
    }

    @Test(arguments: [4, -2, .max, .min] as [Int64])
    func `offsets that there are not are refused`(offset: Int64) async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a", "b", "c"]), to: "orders")

            let refused = try await client.deleteRecords(before: offset)

            #expect(refused.errorCode == .offsetOutOfRange)
            #expect(refused.lowWatermark == -1)
            #expect(try await client.earliestOffset() == 0)
        }
    }

    @Test
    func `unknown, compacted and sound partitions each get their code`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders", partitions: 2)
            try await client.createTopic("kept", configs: ["cleanup.policy": "compact"])
            try await client.createTopic("both", configs: ["cleanup.policy": "compact,delete"])
            try await client.createTopic("none", configs: ["cleanup.policy": ""])
            func partition(_ index: Int32) -> DeleteRecordsRequest.Partition {
                .init(partitionIndex: index, offset: -1)
            }

            let response = try await client.send(
                DeleteRecordsRequest(topics: [
                    .init(name: "orders", partitions: [1, 2, -1, 0].map(partition)),
                    .init(name: "missing", partitions: [partition(0)]),
                    .init(name: "kept", partitions: [partition(0)]),
                    .init(name: "both", partitions: [partition(0)]),
                    .init(name: "none", partitions: [partition(0)]),
                ]), version: 2)

            let partitions = response.topics.flatMap(\.partitions)
            #expect(
                partitions.map(\.errorCode) == [
                    .none, .unknownTopicOrPartition, .unknownTopicOrPartition, .none,
                    .unknownTopicOrPartition, .policyViolation, .none, .none,
                ])
            #expect(partitions.map(\.lowWatermark) == [0, -1, -1, 0, -1, -1, 0, 0])
            #expect(partitions.map(\.partitionIndex) == [1, 2, -1, 0, 0, 0, 0, 0])
        }
    }

    @Test
    func `the new start is in the checkpoint before the answer`() async throws {
        try await TestBroker.run { broker, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a", "b", "c"]), to: "orders")

            _ = try await client.deleteRecords(before: 2)

            let path = "\(broker.folder)/log-start-offset-checkpoint"
            let text = try #require(Self.text(of: path))
            #expect(text.split(separator: "\n").contains("orders 0 2"))
        }
    }

    @Test
    func `a start that cannot be kept is not promised`() async throws {
        try await TestBroker.run { broker, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a", "b", "c"]), to: "orders")
            // In the way of the file that the checkpoint is written to first.
            let obstacle = "\(broker.folder)/log-start-offset-checkpoint.tmp"
            mkdir(obstacle, 0o755)

            let refused = try await client.deleteRecords(before: 2)
            rmdir(obstacle)
            let kept = try await client.deleteRecords(before: 2)

            #expect(refused.errorCode == .kafkaStorageError)
            #expect(kept.errorCode == .none)
            #expect(kept.lowWatermark == 2)
        }
    }

    @Test
    func `deleted records do not come back with a restart`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("orders")
        _ = try await client.produce(Batch.of(["a", "b", "c"]), to: "orders")
        _ = try await client.deleteRecords(before: 2)
        await broker.stop()

        let again = try await TestBroker.start(folder: broker.folder)
        let other = try await again.connect()
        let earliest = try await other.earliestOffset()
        await again.stop()

        #expect(earliest == 2)
    }

    @Test
    func `records older than the topic keeps them go by themselves, as soon as it says so`()
        async throws
    {
        try await TestBroker.run(["log.retention.check.interval.ms": "50"]) { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a", "b"]), to: "orders")
            #expect(try await client.earliestOffset() == 0)

            _ = try await client.alter(2, "orders", [("retention.ms", 0, "1000")])
            // Each question waits for its answer; the broker checks twenty times a second.
            var earliest: Int64 = 0
            for _ in 0..<100_000 where earliest == 0 {
                earliest = try await client.earliestOffset()
            }

            #expect(earliest == 2)
            #expect(try await client.produce(Batch.of(["c"]), to: "orders").baseOffset == 2)
        }
    }

    private static func text(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}

extension KafkaClient {
    /// Deletes records of the only partition of `orders`.
    fileprivate func deleteRecords(
        before offset: Int64, version: Int16 = 2
    ) async throws -> DeleteRecordsResponse.Partition {
        let response = try await send(
            DeleteRecordsRequest(
                topics: [
                    .init(name: "orders", partitions: [.init(partitionIndex: 0, offset: offset)])
                ], timeoutMs: 10_000), version: version)
        return response.topics[0].partitions[0]
    }

    fileprivate func earliestOffset() async throws -> Int64 {
        let response = try await send(
            ListOffsetsRequest(
                replicaID: -1,
                topics: [
                    .init(name: "orders", partitions: [.init(partitionIndex: 0, timestamp: -2)])
                ]), version: 7)
        return response.topics[0].partitions[0].offset
    }
}
