import Broker
import Glibc
import KafkaProtocol
import TestData
import Testing
import Vocabulary

@Suite("Starting and stopping")
struct StartTests {
    @Test
    func `topics, ids, configs and records survive a restart`() async throws {
        let broker = try await TestBroker.start(["num.network.threads": "2"])
        let client = try await broker.connect()
        let topic = try await client.createTopic(
            "orders", partitions: 3, configs: ["retention.ms": "777"])
        _ = try await client.produce(Batch.of(["a", "b"]), to: "orders", partition: 2)
        let cluster = try await client.send(MetadataRequest(topics: []), version: 9).clusterID
        await broker.stop()

        let again = try await TestBroker.start(folder: broker.folder)
        let later = try await again.connect()
        let metadata = try await later.send(MetadataRequest(topics: nil), version: 12)
        let fetched = try await later.fetch("orders", partition: 2, from: 0)
        let configs = try await later.send(
            DescribeConfigsRequest(
                resources: [
                    .init(
                        resourceType: 2, resourceName: "orders",
                        configurationKeys: ["retention.ms"])
                ]), version: 4)
        await again.stop()

        #expect(metadata.clusterID == cluster)
        #expect(metadata.topics.map(\.topicID) == [topic.topicID])
        #expect(metadata.topics[0].partitions.count == 3)
        #expect(try fetched.values == ["a", "b"])
        #expect(configs.results[0].configs.map(\.value) == ["777"])
    }

    @Test
    func `a clean stop leaves the mark and the next start takes it away`() async throws {
        let broker = try await TestBroker.start()
        let mark = "\(broker.folder)/.kafka_cleanshutdown"
        let whileRunning = access(mark, F_OK)
        await broker.stop()
        let afterStop = access(mark, F_OK)

        let again = try await TestBroker.start(folder: broker.folder)
        let whileRunningAgain = access(mark, F_OK)
        await again.stop()

        #expect(whileRunning != 0)
        #expect(afterStop == 0)
        #expect(whileRunningAgain != 0)
    }

    @Test
    func `the leader epoch rises after an unclean stop and stays after a clean one`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("orders")
        let first = try await client.leaderEpoch("orders")
        await broker.stop()

        let clean = try await TestBroker.start(folder: broker.folder)
        let second = try await clean.connect().leaderEpoch("orders")
        await clean.stop()
        unlink("\(broker.folder)/.kafka_cleanshutdown")
        let unclean = try await TestBroker.start(folder: broker.folder)
        let third = try await unclean.connect().leaderEpoch("orders")
        await unclean.stop()

        #expect(second == first)
        #expect(third == first + 1)
    }

    @Test
    func `a new leader epoch without records ends where the log does`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("orders")
        _ = try await client.produce(Batch.of(["a", "b"]), to: "orders")
        await broker.stop()
        unlink("\(broker.folder)/.kafka_cleanshutdown")

        let unclean = try await TestBroker.start(folder: broker.folder)
        let later = try await unclean.connect()
        let epoch = try await later.leaderEpoch("orders")
        let response = try await later.send(
            OffsetForLeaderEpochRequest(
                topics: [
                    .init(
                        topic: "orders",
                        partitions: [
                            .init(partition: 0, leaderEpoch: epoch),
                            .init(partition: 0, leaderEpoch: epoch - 1),
                        ])
                ]), version: 4)
        await unclean.stop()

        let answers = response.topics[0].partitions
        #expect(epoch == 1)
        #expect(answers.map(\.leaderEpoch) == [1, 0])
        #expect(answers.map(\.endOffset) == [2, 2])
    }

    @Test
    func `the checkpoints name every partition`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("orders", partitions: 2)
        _ = try await client.produce(Batch.of(["a", "b"]), to: "orders", partition: 1)
        await broker.stop()

        let bytes = try readFile("\(broker.folder)/recovery-point-offset-checkpoint")

        #expect(String(decoding: bytes, as: UTF8.self) == "0\n2\norders 0 0\norders 1 2\n")
    }

    @Test
    func `the checkpoints forget a deleted topic before the deletion is answered`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("orders")
        try await client.createTopic("kept")
        _ = try await client.produce(Batch.of(["a", "b"]), to: "orders")
        await broker.stop()

        let again = try await TestBroker.start(folder: broker.folder)
        let later = try await again.connect()
        _ = try await later.send(
            DeleteTopicsRequest(topics: [.init(name: "orders")], timeoutMs: 1_000), version: 6)
        let bytes = try readFile("\(broker.folder)/recovery-point-offset-checkpoint")
        await again.stop()

        #expect(String(decoding: bytes, as: UTF8.self) == "0\n1\nkept 0 0\n")
    }

    @Test
    func `a roll makes the recovery point be written while the broker runs`() async throws {
        try await TestBroker.run { broker, client in
            try await client.createTopic("orders", configs: ["segment.bytes": "1048576"])

            for _ in 0..<2 {
                _ = try await client.produce(
                    Batch.ofOne(valueByteCount: 600_000), to: "orders")
            }

            let path = "\(broker.folder)/recovery-point-offset-checkpoint"
            #expect(
                await eventually {
                    guard let bytes = try? readFile(path) else { return false }
                    return String(decoding: bytes, as: UTF8.self).contains("orders 0 ")
                })
        }
    }

    @Test
    func `a folder in use is refused`() async throws {
        let broker = try await TestBroker.start()

        await #expect(throws: NodeStartError.self) {
            try await TestBroker.start(folder: broker.folder)
        }

        await broker.stop()
    }

    @Test
    func `a folder of another node is refused`() async throws {
        let broker = try await TestBroker.start()
        await broker.stop()

        await #expect(throws: NodeStartError.self) {
            try await TestBroker.start(["node.id": "7"], folder: broker.folder)
        }

        // Nothing was written: the next start must not recover for it.
        #expect(access("\(broker.folder)/.kafka_cleanshutdown", F_OK) == 0)
    }

    @Test
    func `a partition whose log is damaged is offline and the others are served`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("good")
        try await client.createTopic("bad")
        _ = try await client.produce(Batch.of(["a"]), to: "good")
        await broker.stop()
        // A folder in the place of a log file cannot be opened.
        let log = "\(broker.folder)/bad-0/00000000000000000000.log"
        unlink(log)
        mkdir(log, 0o755)

        let again = try await TestBroker.start(folder: broker.folder)
        let later = try await again.connect()
        let refused = try await later.produce(Batch.of(["x"]), to: "bad")
        let served = try await later.fetch("good", from: 0)
        await again.stop()

        #expect(refused.errorCode == .kafkaStorageError)
        #expect(try served.values == ["a"])
    }

    @Test
    func `a damaged partition is refused again at the start after that`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("bad")
        try await client.createTopic("good")
        _ = try await client.produce(Batch.of(["acknowledged", "too"]), to: "bad")
        await broker.stop()
        unlink("\(broker.folder)/.kafka_cleanshutdown")
        let log = "\(broker.folder)/bad-0/00000000000000000000.log"
        let size = try readFile(log).count
        truncate(log, size - 1)

        for _ in 0..<3 {
            let again = try await TestBroker.start(folder: broker.folder)
            let later = try await again.connect()
            let refused = try await later.fetch("bad", from: 0)
            let served = try await later.produce(Batch.of(["x"]), to: "good")
            await again.stop()

            #expect(refused.errorCode == .kafkaStorageError)
            #expect(served.errorCode == .none)
            #expect(try readFile(log).count == size - 1)
        }
        let points = try readFile("\(broker.folder)/recovery-point-offset-checkpoint")
        #expect(String(decoding: points, as: UTF8.self).contains("bad 0 2\n"))
    }

    @Test
    func `a partition whose folder was lost is not begun anew`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("orders")
        _ = try await client.produce(Batch.of(["a"]), to: "orders")
        await broker.stop()
        rename("\(broker.folder)/orders-0", "\(broker.folder)-elsewhere")

        let again = try await TestBroker.start(folder: broker.folder)
        let refused = try await again.connect().produce(Batch.of(["x"]), to: "orders")
        await again.stop()
        rename("\(broker.folder)-elsewhere", "\(broker.folder)/orders-0")
        let restored = try await TestBroker.start(folder: broker.folder)
        let served = try await restored.connect().fetch("orders", from: 0)
        await restored.stop()

        #expect(refused.errorCode == .kafkaStorageError)
        #expect(try served.values == ["a"])
    }

    @Test(arguments: ["clean", "unclean"])
    func `a folder that Kafka wrote is adopted`(kind: String) async throws {
        let folder = try temporaryFolder(named: "millrace-adopted")
        try KafkaFolders.unpack(into: folder)

        let broker = try await TestBroker.start(folder: "\(folder)/\(kind)")
        let client = try await broker.connect()
        let metadata = try await client.send(MetadataRequest(topics: nil), version: 12)
        var counts: [String: Int64] = [:]
        for topic in metadata.topics {
            let name = topic.name ?? ""
            let response = try await client.send(
                ListOffsetsRequest(
                    replicaID: -1,
                    topics: [
                        .init(
                            name: name, partitions: [.init(partitionIndex: 0, timestamp: -1)])
                    ]), version: 7)
            counts[name] = response.topics[0].partitions[0].offset
        }
        await broker.stop()

        #expect(!metadata.topics.isEmpty)
        #expect(metadata.topics.allSatisfy { $0.errorCode == .none })
        #expect(counts.values.contains { $0 > 0 })
    }

    @Test
    func `a deletion that a crash cut short is finished`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("orders")
        _ = try await client.produce(Batch.of(["a"]), to: "orders")
        _ = try await client.send(
            DeleteTopicsRequest(topics: [.init(name: "orders")], timeoutMs: 1_000), version: 6)
        await broker.stop()
        // As after a crash between the renaming and the removal.
        let left = "\(broker.folder)/orders-0.0123456789abcdef0123456789abcdef-delete"
        mkdir(left, 0o755)
        // What a link in it leads to is somebody else's.
        let elsewhere = try temporaryFolder(named: "millrace-elsewhere")
        mkdir("\(elsewhere)/precious", 0o755)
        symlink(elsewhere, "\(left)/link")

        let again = try await TestBroker.start(folder: broker.folder)
        await again.stop()

        #expect(access(left, F_OK) != 0)
        #expect(access("\(elsewhere)/precious", F_OK) == 0)
        #expect(access("\(broker.folder)/orders-0", F_OK) != 0)
    }
}

extension KafkaClient {
    func leaderEpoch(_ topic: String) async throws -> Int32 {
        try await send(MetadataRequest(topics: [.init(name: topic)]), version: 12)
            .topics[0].partitions[0].leaderEpoch
    }
}
