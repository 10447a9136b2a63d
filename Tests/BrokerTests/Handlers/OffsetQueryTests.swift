import Compression
import KafkaProtocol
import Testing

@Suite("ListOffsets and OffsetForLeaderEpoch")
struct OffsetQueryTests {
    @Test(arguments: 1...11 as ClosedRange<Int16>)
    func `every version finds the ends`(version: Int16) async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a", "b", "c"]), to: "orders")

            let latest = try await client.offset(of: -1, version: version)
            let earliest = try await client.offset(of: -2, version: version)

            #expect(latest.offset == 3)
            #expect(latest.timestamp == -1)
            #expect(earliest.offset == 0)
        }
    }

    @Test(arguments: [Codec.none, .zstd])
    func `a timestamp finds the first record not older, also inside a batch`(
        codec: Codec
    ) async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            let start: Int64 = 1_700_000_000_000
            _ = try await client.produce(
                Batch.of(["a", "b", "c"], codec: codec, timestamp: start), to: "orders")
            _ = try await client.produce(
                Batch.of(["d", "e"], codec: codec, timestamp: start - 5_000), to: "orders")
            _ = try await client.produce(
                Batch.of(["f"], codec: codec, timestamp: start + 9_000), to: "orders")

            let inside = try await client.offset(of: start + 1)
            let first = try await client.offset(of: 0)
            let later = try await client.offset(of: start + 3)
            let never = try await client.offset(of: start + 9_001)

            #expect(inside.offset == 1)
            #expect(inside.timestamp == start + 1)
            #expect(first.offset == 0)
            #expect(later.offset == 5)
            #expect(never.errorCode == .none)
            #expect(never.offset == -1)
            #expect(never.timestamp == -1)
        }
    }

    @Test
    func `the maximum timestamp is found where it is`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            let start: Int64 = 1_700_000_000_000
            _ = try await client.produce(
                Batch.of(["a", "b"], timestamp: start + 5_000), to: "orders")
            _ = try await client.produce(Batch.of(["c"], timestamp: start), to: "orders")

            let maximum = try await client.offset(of: -3)

            #expect(maximum.offset == 1)
            #expect(maximum.timestamp == start + 5_001)
        }
    }

    @Test
    func `nothing is tiered, and the local start is the start`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a"]), to: "orders")

            let local = try await client.offset(of: -4)
            let tiered = try await client.offset(of: -5)
            let pending = try await client.offset(of: -6)

            #expect(local.offset == 0)
            #expect(tiered.errorCode == .none)
            #expect(tiered.offset == -1)
            #expect(pending.offset == -1)
        }
    }

    @Test
    func `names of a later version and of none are refused`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")

            let early = try await client.offset(of: -3, version: 6)
            let unknown = try await client.offset(of: -9)

            #expect(early.errorCode == .unsupportedVersion)
            #expect(unknown.errorCode == .unsupportedVersion)
        }
    }

    @Test
    func `a partition asked twice, an unknown one and a future epoch are refused`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")

            let response = try await client.send(
                ListOffsetsRequest(
                    replicaID: -1,
                    topics: [
                        .init(
                            name: "orders",
                            partitions: [
                                .init(partitionIndex: 0, timestamp: -1),
                                .init(partitionIndex: 0, timestamp: -2),
                                .init(partitionIndex: 5, timestamp: -1),
                            ]),
                        .init(
                            name: "missing", partitions: [.init(partitionIndex: 0, timestamp: -1)]),
                    ]), version: 7)
            let future = try await client.offset(of: -1, leaderEpoch: 9)

            #expect(
                response.topics.flatMap(\.partitions).map(\.errorCode) == [
                    .none, .invalidRequest, .unknownTopicOrPartition, .unknownTopicOrPartition,
                ])
            #expect(future.errorCode == .unknownLeaderEpoch)
        }
    }

    @Test(arguments: 2...4 as ClosedRange<Int16>)
    func `the end of a leader epoch is found`(version: Int16) async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            _ = try await client.produce(Batch.of(["a", "b"]), to: "orders")

            let response = try await client.send(
                OffsetForLeaderEpochRequest(
                    topics: [
                        .init(
                            topic: "orders",
                            partitions: [
                                .init(partition: 0, leaderEpoch: 0),
                                .init(partition: 0, leaderEpoch: 8),
                                .init(partition: 3, leaderEpoch: 0),
                                .init(partition: 0, currentLeaderEpoch: 4, leaderEpoch: 0),
                            ])
                    ]), version: version)

            let answers = response.topics[0].partitions
            #expect(answers.map(\.endOffset) == [2, -1, -1, -1])
            #expect(
                answers.map(\.errorCode)
                    == [.none, .none, .unknownTopicOrPartition, .unknownLeaderEpoch])
        }
    }
}

extension KafkaClient {
    fileprivate func offset(
        of timestamp: Int64, version: Int16 = 11, leaderEpoch: Int32 = -1
    ) async throws -> ListOffsetsResponse.Partition {
        let response = try await send(
            ListOffsetsRequest(
                replicaID: -1,
                topics: [
                    .init(
                        name: "orders",
                        partitions: [
                            .init(
                                partitionIndex: 0, currentLeaderEpoch: leaderEpoch,
                                timestamp: timestamp)
                        ])
                ]), version: version)
        return response.topics[0].partitions[0]
    }
}
