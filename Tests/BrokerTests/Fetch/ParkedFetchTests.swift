import Disk
import KafkaProtocol
import NIOCore
import NIOEmbedded
import SegmentStore
import Simulation
import Testing
import Vocabulary

@testable import Broker

@Suite("Fetches that are parked")
struct ParkedFetchTests {
    @Test
    func `a move that is not enough reads no records`() throws {
        let embedded = try EmbeddedShard(durability: "os")
        try embedded.createTopic("orders")
        let fetch = try embedded.park(minBytes: 3_000)
        let readsBefore = embedded.readCount

        try embedded.append(valueByteCount: 1_000)
        try embedded.append(valueByteCount: 1_000)
        let readsAfterTwo = embedded.readCount
        let answerAfterTwo = try embedded.fetched(fetch)
        try embedded.append(valueByteCount: 1_000)

        #expect(readsAfterTwo == readsBefore)
        #expect(answerAfterTwo == nil)
        let records = try #require(try embedded.fetched(fetch)?.records)
        #expect(records.byteCount > 3_000)
    }

    @Test
    func `what several partitions have is counted together`() throws {
        let embedded = try EmbeddedShard(durability: "os")
        try embedded.createTopic("orders")
        try embedded.createTopic("returns")
        let fetch = try embedded.park(["orders", "returns"], minBytes: 1_900)

        try embedded.append(to: "orders", valueByteCount: 1_000)
        let afterOne = try embedded.fetched(fetch)
        try embedded.append(to: "returns", valueByteCount: 1_000)

        #expect(afterOne == nil)
        #expect(try embedded.fetched(fetch) != nil)
    }

    @Test
    func
        `whole batches just below the partition's limit are enough for a minimum that is the limit`()
        throws
    {
        let embedded = try EmbeddedShard(durability: "os")
        try embedded.createTopic("orders")
        try embedded.append(valueByteCount: 600)
        try embedded.append(valueByteCount: 600)

        let fetch = try embedded.park(minBytes: 1_000, partitionMaxBytes: 1_000)

        let records = try #require(try embedded.fetched(fetch)?.records)
        #expect(records.byteCount > 600 && records.byteCount < 1_000)
    }

    @Test
    func `a batch that does not fit any more ends the wait for the partition's limit`() throws {
        let embedded = try EmbeddedShard(durability: "os")
        try embedded.createTopic("orders")
        try embedded.append(valueByteCount: 600)
        let fetch = try embedded.park(minBytes: 1_000, partitionMaxBytes: 1_000)
        let answerToOne = try embedded.fetched(fetch)

        try embedded.append(valueByteCount: 600)

        #expect(answerToOne == nil)
        #expect(try embedded.fetched(fetch) != nil)
    }

    @Test
    func `a partition that goes away ends the wait for many bytes`() throws {
        let embedded = try EmbeddedShard(durability: "os")
        try embedded.createTopic("orders")
        let topic = try #require(embedded.services.topics.current.byName["orders"])
        let fetch = try embedded.park(minBytes: 3_000)

        _ = embedded.shard.remove(slot: 0, topicID: topic.id)

        #expect(try embedded.fetched(fetch)?.errorCode == .unknownTopicOrPartition)
    }

    @Test
    func `a fetch whose client leaves while another loop is read waits for nothing`() throws {
        let embedded = try EmbeddedShard()
        let otherLoop = EmbeddedEventLoop()
        let other = Shard(
            index: 1, eventLoop: otherLoop, store: Store(disk: SimulatedDisk(seed: 1)),
            configuration: embedded.services.configuration,
            coldReadPace: SharedReadPace(bytesPerSecond: nil), logger: embedded.services.logger)
        let handles = [ShardHandle(embedded.shard), ShardHandle(other)]
        embedded.shard.outbox.connect(handles)
        other.outbox.connect(handles)
        let exchange = FetchExchange(
            terms: FetchExchange.Terms(
                minBytes: 1, maxBytes: 1_000, deadline: .now() + .hours(1),
                isReadCommitted: false),
            context: try embedded.services.sessions.begin(
                FetchSessions.Request(
                    sessionID: 0, epoch: -1, usesTopicIDs: false,
                    partitions: [
                        FetchPartition(
                            topic: .name("orders"), partition: PartitionIndex(0), offset: .zero,
                            maxBytes: 1_000)
                    ], forgotten: []), now: Timestamp(0)),
            groups: [
                FetchGroup(
                    shard: 1,
                    wants: [
                        FetchWant(
                            index: 0, slot: 0, topicID: .random(), offset: .zero, maxBytes: 1_000,
                            currentLeaderEpoch: nil, codeIfGone: .unknownTopicOrPartition)
                    ])
            ],
            failures: [PartitionRead()], home: embedded.shard, connection: 7
        ) { _, _ in Issue.record("nobody is there to be answered") }

        exchange.start()
        embedded.shard.connectionClosed(7)
        embedded.loop.run()
        otherLoop.run()
        embedded.loop.run()

        #expect(exchange.isAnswered)
    }
}

extension EmbeddedShard {
    fileprivate var readCount: Int {
        disk.trace.count { $0.operation == "read" && $0.path.hasSuffix(".log") }
    }

    fileprivate func park(
        _ topics: [String] = ["orders"], minBytes: Int32, partitionMaxBytes: Int32? = nil
    ) throws -> UInt64 {
        var request = FetchRequest.sessionless(topics[0], [0: 0])
        for topic in topics.dropFirst() {
            request.topics += FetchRequest.sessionless(topic, [0: 0]).topics
        }
        request.maxWaitMs = 60_000
        request.minBytes = minBytes
        if let partitionMaxBytes {
            request.topics[0].partitions[0].partitionMaxBytes = partitionMaxBytes
        }
        return send(FetchApi.self, request, version: 12)
    }

    fileprivate func append(to topic: String = "orders", valueByteCount: Int) throws {
        send(
            ProduceApi.self,
            .one(Batch.ofOne(valueByteCount: valueByteCount), to: topic, acks: 1), version: 9)
        endTick()
        finishDisk()
    }

    fileprivate func fetched(_ number: UInt64) throws -> FetchResponse.Partition? {
        try answer(to: number, as: FetchResponse.self, version: 12)?.responses[0].partitions[0]
    }
}
