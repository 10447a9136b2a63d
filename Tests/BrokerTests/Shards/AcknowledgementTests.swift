import Disk
import KafkaProtocol
import NIOCore
import SegmentStore
import Simulation
import Testing
import Vocabulary

@testable import Broker

@Suite("Acknowledging")
struct AcknowledgementTests {
    @Test(arguments: [-1, 1] as [Int16])
    func `under sync an answer waits until its records are durable`(acks: Int16) throws {
        let embedded = try EmbeddedShard()
        try embedded.createTopic("orders")

        let number = embedded.send(
            ProduceApi.self, .one(try Batch.of(["a"]), to: "orders", acks: acks), version: 9)
        let before = try embedded.produced(number)
        embedded.endTick()
        let submitted = try embedded.produced(number)
        embedded.finishDisk()
        let after = try embedded.produced(number)

        #expect(before == nil)
        #expect(submitted == nil)
        #expect(after?.errorCode == ErrorCode.none)
        #expect(
            embedded.disk.isDurable(
                "/data/orders-0/00000000000000000000.log",
                upTo: FilePosition(Int64(try Batch.of(["a"]).count))))
    }

    @Test(arguments: ["os", "interval"])
    func `otherwise it leaves with the tick`(durability: String) throws {
        let embedded = try EmbeddedShard(durability: durability)
        try embedded.createTopic("orders")

        let number = embedded.send(
            ProduceApi.self, .one(try Batch.of(["a"]), to: "orders", acks: 1), version: 9)
        embedded.endTick()

        #expect(try embedded.produced(number)?.errorCode == ErrorCode.none)
    }

    @Test
    func `a durability turned down answers who waits, one turned up syncs what was written`()
        throws
    {
        let embedded = try EmbeddedShard()
        try embedded.createTopic("orders")
        let first = try Batch.of(["a"])
        let second = try Batch.of(["b"])
        func produce(_ batch: [UInt8]) -> UInt64 {
            embedded.send(ProduceApi.self, .one(batch, to: "orders", acks: 1), version: 9)
        }

        let waiting = produce(first)
        embedded.endTick()
        #expect(try embedded.produced(waiting) == nil)
        try embedded.setDurability(.os, of: "orders")
        #expect(try embedded.produced(waiting)?.errorCode == ErrorCode.none)

        embedded.finishDisk()
        let written = produce(second)
        embedded.endTick()
        #expect(try embedded.produced(written)?.errorCode == ErrorCode.none)
        let path = "/data/orders-0/00000000000000000000.log"
        let end = FilePosition(Int64(first.count + second.count))
        embedded.finishDisk()
        #expect(!embedded.disk.isDurable(path, upTo: end))

        try embedded.setDurability(.sync, of: "orders")
        embedded.endTick()
        embedded.finishDisk()
        #expect(embedded.disk.isDurable(path, upTo: end))
        let last = produce(try Batch.of(["c"]))
        embedded.endTick()
        #expect(try embedded.produced(last) == nil)
        embedded.finishDisk()
        #expect(try embedded.produced(last)?.errorCode == ErrorCode.none)
    }

    @Test
    func `under interval a sync comes in time, however far off the store's other work is`() throws {
        let embedded = try EmbeddedShard(durability: "interval")
        try embedded.createTopic("orders")
        let start = Timestamp.now()
        var elapsed: Int64 = 0
        /// Lets the ticks of the time between two flushes pass, and a few more.
        func pass() {
            for _ in 0..<15 {
                elapsed += 100
                embedded.shard.tick(now: start + elapsed)
                embedded.endTick()
                embedded.finishDisk()
            }
        }
        let first = try Batch.of(["a"], producer: 3, sequence: 0)
        let second = try Batch.of(["b"], producer: 3, sequence: 1)
        embedded.send(ProduceApi.self, .one(first, to: "orders", acks: 1), version: 9)
        embedded.endTick()
        pass()

        embedded.send(ProduceApi.self, .one(second, to: "orders", acks: 1), version: 9)
        embedded.endTick()
        pass()

        #expect(
            embedded.disk.isDurable(
                "/data/orders-0/00000000000000000000.log",
                upTo: FilePosition(Int64(first.count + second.count))))
    }

    @Test
    func `a cut refuses what was cut off, and not what is sent when that is told`() throws {
        let embedded = try EmbeddedShard()
        try embedded.createTopic("orders")
        let partition = try #require(
            embedded.shard.allPartitions.first { $0.topicPartition.topic == "orders" })
        func produce(_ value: String) throws -> UInt64 {
            embedded.send(
                ProduceApi.self, .one(try Batch.of([value]), to: "orders", acks: 1), version: 9)
        }
        let lost = [try produce("a"), try produce("b")]
        var next: UInt64?
        embedded.answers.whenAnswered { _ in
            guard next == nil else { return }
            next = 0
            next = try? produce("c")
        }

        partition.cutBack(to: .zero, outbox: embedded.shard.outbox)

        for number in lost {
            #expect(try embedded.produced(number)?.errorCode == .kafkaStorageError)
        }
        #expect(try embedded.produced(#require(next)) == nil)
        embedded.endTick()
        embedded.finishDisk()
        #expect(try embedded.produced(#require(next))?.errorCode == ErrorCode.none)
    }

    @Test
    func `under sync nobody is served what is not durable`() throws {
        let embedded = try EmbeddedShard()
        try embedded.createTopic("orders")

        embedded.send(
            ProduceApi.self, .one(try Batch.of(["a"]), to: "orders", acks: -1), version: 9)
        embedded.endTick()
        let early = embedded.send(
            FetchApi.self, .sessionless("orders", [0: 0]), version: 12)
        embedded.finishDisk()
        let late = embedded.send(FetchApi.self, .sessionless("orders", [0: 0]), version: 12)

        #expect(try embedded.fetched(early)?.recordBytes.isEmpty == true)
        #expect(try embedded.fetched(early)?.highWatermark == 0)
        #expect(try embedded.fetched(late)?.values == ["a"])
        #expect(try embedded.fetched(late)?.highWatermark == 1)
    }

    @Test
    func `a duplicate in flight is not answered before the batch it repeats`() throws {
        let embedded = try EmbeddedShard()
        try embedded.createTopic("orders")
        let batch = try Batch.of(["a"], producer: 3, sequence: 0)

        let first = embedded.send(
            ProduceApi.self, .one(batch, to: "orders", acks: -1), version: 9)
        embedded.endTick()
        let resent = embedded.send(
            ProduceApi.self, .one(batch, to: "orders", acks: -1), version: 9)
        embedded.endTick()
        let early = try embedded.produced(resent)
        embedded.finishDisk()

        #expect(early == nil)
        #expect(try embedded.produced(first)?.baseOffset == 0)
        #expect(try embedded.produced(resent)?.baseOffset == 0)
    }

    @Test
    func `acks 0 waits only where the disk does not follow`() throws {
        var settings = StoreSettings()
        settings.inlineDirtyBound = 0
        let embedded = try EmbeddedShard(settings: settings)
        try embedded.createTopic("orders")
        let batch = Batch.ofOne(valueByteCount: 900_000)

        let numbers = (0..<40).map { _ in
            embedded.send(ProduceApi.self, .one(batch, to: "orders", acks: 0), version: 9)
        }
        let early = numbers.filter { embedded.answers.has($0) }
        embedded.endTick()
        embedded.finishDisk()

        #expect(early.count * batch.count <= 33 << 20)
        #expect(early.count > 30)
        #expect(numbers.allSatisfy { embedded.answers.has($0) })
    }

    @Test
    func `a failed sync fails who waits and everyone after`() throws {
        let embedded = try EmbeddedShard()
        try embedded.createTopic("orders")
        embedded.disk.inject(
            DiskFault("sync", pathPart: "orders-0", code: DiskError.inputOutput))

        let waiting = embedded.send(
            ProduceApi.self, .one(try Batch.of(["a"]), to: "orders", acks: -1), version: 9)
        embedded.endTick()
        embedded.finishDisk()
        let later = embedded.send(
            ProduceApi.self, .one(try Batch.of(["b"]), to: "orders", acks: -1), version: 9)
        embedded.endTick()
        embedded.finishDisk()

        #expect(try embedded.produced(waiting)?.errorCode == .kafkaStorageError)
        #expect(try embedded.produced(later)?.errorCode == .kafkaStorageError)
    }

    @Test
    func `one failed partition leaves the others alone`() throws {
        let embedded = try EmbeddedShard()
        try embedded.createTopic("bad")
        try embedded.createTopic("good")
        embedded.disk.inject(DiskFault("sync", pathPart: "bad-0", code: DiskError.inputOutput))

        let bad = embedded.send(
            ProduceApi.self, .one(try Batch.of(["a"]), to: "bad", acks: -1), version: 9)
        let good = embedded.send(
            ProduceApi.self, .one(try Batch.of(["b"]), to: "good", acks: -1), version: 9)
        embedded.endTick()
        embedded.finishDisk()

        #expect(try embedded.produced(bad)?.errorCode == .kafkaStorageError)
        #expect(try embedded.produced(good)?.errorCode == ErrorCode.none)
    }

    @Test
    func `an answer that waits too long says so`() throws {
        let embedded = try EmbeddedShard()
        try embedded.createTopic("orders")
        var request = ProduceRequest.one(try Batch.of(["a"]), to: "orders", acks: -1)
        request.timeoutMs = 0

        let number = embedded.send(ProduceApi.self, request, version: 9)
        embedded.endTick()
        embedded.shard.tick()
        let timedOut = try embedded.produced(number)
        embedded.finishDisk()
        let fetch = embedded.send(FetchApi.self, .sessionless("orders", [0: 0]), version: 12)

        #expect(timedOut?.errorCode == .requestTimedOut)
        #expect(try embedded.fetched(fetch)?.values == ["a"])
    }

    @Test
    func `an answer whose time is up does not wait for one before it that has time`() throws {
        let embedded = try EmbeddedShard()
        try embedded.createTopic("orders")
        let numbers = try [0, 60_000, 0].map { (timeout: Int32) in
            var request = ProduceRequest.one(try Batch.of(["a"]), to: "orders", acks: -1)
            request.timeoutMs = timeout
            return embedded.send(ProduceApi.self, request, version: 9)
        }

        embedded.endTick()
        embedded.shard.tick()
        let expired = try numbers.map { try embedded.produced($0)?.errorCode }
        embedded.finishDisk()

        #expect(expired == [.requestTimedOut, nil, .requestTimedOut])
        #expect(try embedded.produced(numbers[1])?.errorCode == ErrorCode.none)
        #expect(try embedded.produced(numbers[1])?.baseOffset == 1)
    }

    @Test
    func `deleting a partition answers who waits for it`() throws {
        let embedded = try EmbeddedShard()
        try embedded.createTopic("orders")
        let topic = try #require(embedded.services.topics.current.byName["orders"])
        let place = try #require(topic.places[0])

        let produce = embedded.send(
            ProduceApi.self, .one(try Batch.of(["a"]), to: "orders", acks: -1), version: 9)
        var waiting = FetchRequest.sessionless("orders", [0: 0])
        waiting.maxWaitMs = 60_000
        let fetch = embedded.send(FetchApi.self, waiting, version: 12)
        try embedded.shard.deletePartition(slot: place.slot, topicID: topic.id)

        #expect(try embedded.produced(produce)?.errorCode == .unknownTopicOrPartition)
        #expect(try embedded.fetched(fetch)?.errorCode == .unknownTopicOrPartition)
    }
}

extension EmbeddedShard {
    fileprivate func produced(_ number: UInt64) throws -> ProduceResponse.Partition? {
        try answer(to: number, as: ProduceResponse.self, version: 9)?
            .responses[0].partitionResponses[0]
    }

    fileprivate func fetched(_ number: UInt64) throws -> FetchResponse.Partition? {
        try answer(to: number, as: FetchResponse.self, version: 12)?.responses[0].partitions[0]
    }
}
