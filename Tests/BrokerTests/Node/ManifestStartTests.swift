import Broker
import Disk
import Glibc
import KafkaProtocol
import LinuxDisk
import SegmentStore
import TestData
import Testing
import Vocabulary

@Suite("Starting with a manifest")
struct ManifestStartTests {
    /// A copy of a data folder, as a crash of the machine or the process would leave it.
    private func image(of folder: String) throws -> String {
        let copy = try temporaryFolder(named: "millrace-image")
        let disk = try LinuxDisk(.inline)
        defer { disk.close() }
        try copyFolder(folder, to: copy, on: disk)
        unlink("\(copy)/.lock")
        return copy
    }

    private func copyFolder(_ from: String, to: String, on disk: LinuxDisk) throws {
        for entry in try disk.list(from) {
            let (source, target) = ("\(from)/\(entry.name)", "\(to)/\(entry.name)")
            if entry.isFolder {
                mkdir(target, 0o755)
                try copyFolder(source, to: target, on: disk)
            } else {
                try disk.replaceFile(target, with: disk.readFile(source))
            }
        }
    }

    private func manifest(in folder: String) throws -> Manifest? {
        let disk = try LinuxDisk(.inline)
        defer { disk.close() }
        return try Manifest.read(on: disk, folder: folder)
    }

    @Test
    func `a clean stop leaves a manifest that names every partition`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        let topic = try await client.createTopic("orders", partitions: 3)
        _ = try await client.produce(Batch.of(["a", "b"]), to: "orders", partition: 2)
        await broker.stop()

        let logs = try #require(try manifest(in: broker.folder)).logs

        #expect(Set(logs.map(\.topicPartition.partition.rawValue)) == [0, 1, 2])
        #expect(logs.allSatisfy { $0.topicID == topic.topicID })
        #expect(logs.map(\.logEnd.rawValue).sorted() == [0, 0, 2])
    }

    @Test
    func `a log is looked at when somebody asks for it, and no sooner`() async throws {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("bad")
        try await client.createTopic("good")
        for topic in ["bad", "good"] {
            _ = try await client.produce(Batch.of(["a"]), to: topic)
        }
        await broker.stop()
        let path = "\(broker.folder)/bad-0/00000000000000000000.log"
        let away = "\(broker.folder)/bad-0.log"
        rename(path, away)

        let again = try await TestBroker.start(folder: broker.folder)
        let later = try await again.connect()
        let metadata = try await later.send(MetadataRequest(topics: nil), version: 12)
        let served = try await later.fetch("good", from: 0)
        rename(away, path)
        let found = try await later.fetch("bad", from: 0)
        await again.stop()

        #expect(metadata.topics.flatMap(\.partitions).allSatisfy { $0.errorCode == .none })
        #expect(try served.values == ["a"])
        #expect(try found.values == ["a"])
    }

    @Test
    func `a log that is damaged when it is asked for is refused, and the others are served`()
        async throws
    {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("bad")
        try await client.createTopic("good")
        _ = try await client.produce(Batch.of(["a"]), to: "bad")
        await broker.stop()
        let path = "\(broker.folder)/bad-0/00000000000000000000.log"
        let size = try readFile(path).count
        truncate(path, size - 1)

        for _ in 0..<3 {
            let again = try await TestBroker.start(folder: broker.folder)
            let later = try await again.connect()
            let read = try await later.fetch("bad", from: 0)
            let refused = try await later.produce(Batch.of(["x"]), to: "bad")
            let served = try await later.produce(Batch.of(["x"]), to: "good")
            await again.stop()

            #expect(read.errorCode == .kafkaStorageError)
            #expect(refused.errorCode == .kafkaStorageError)
            #expect(served.errorCode == .none)
            #expect(try readFile(path).count == size - 1)
        }
    }

    @Test(arguments: ["lost", "damaged", "of another time"])
    func `without a manifest that can be believed everything is served all the same`(
        _ kind: String
    ) async throws {
        let broker = try await TestBroker.start()
        let path = "\(broker.folder)/\(Manifest.name)"
        let client = try await broker.connect()
        try await client.createTopic("orders", partitions: 2)
        _ = try await client.produce(Batch.of(["a"]), to: "orders", partition: 1)
        await broker.stop()
        let old = try readFile(path)
        let between = try await TestBroker.start(folder: broker.folder)
        _ = try await between.connect().produce(Batch.of(["b"]), to: "orders", partition: 1)
        await between.stop()
        let disk = try LinuxDisk(.inline)
        switch kind {
        case "lost": unlink(path)
        case "damaged": truncate(path, 50)
        default: try disk.replaceFile(path, with: old)
        }
        disk.close()

        let again = try await TestBroker.start(folder: broker.folder)
        let later = try await again.connect()
        let fetched = try await later.fetch("orders", partition: 1, from: 0)
        let epoch = try await later.leaderEpoch("orders")
        await again.stop()

        #expect(try fetched.values == ["a", "b"])
        #expect(epoch == 0)
    }

    @Test
    func `a manifest of a later version keeps the broker from starting`() async throws {
        let broker = try await TestBroker.start()
        await broker.stop()
        let path = "\(broker.folder)/\(Manifest.name)"
        var bytes = try readFile(path)
        bytes[5] = 2
        let disk = try LinuxDisk(.inline)
        try disk.replaceFile(path, with: bytes)
        disk.close()

        await #expect(throws: NodeStartError.self) {
            try await TestBroker.start(folder: broker.folder)
        }
    }

    @Test
    func `after a crash what was acknowledged is there, in logs that changed and others`()
        async throws
    {
        let broker = try await TestBroker.start(["num.network.threads": "2"])
        let client = try await broker.connect()
        try await client.createTopic("orders", partitions: 6)
        for partition in 0..<6 as Range<Int32> {
            _ = try await client.produce(
                Batch.of(["before \(partition)"]), to: "orders", partition: partition)
        }
        await broker.stop()
        let again = try await TestBroker.start(
            ["num.network.threads": "2"], folder: broker.folder)
        let later = try await again.connect()
        for partition in [1, 4] as [Int32] {
            _ = try await later.produce(
                Batch.of(["after \(partition)"]), to: "orders", partition: partition)
        }
        let crashed = try image(of: broker.folder)
        await again.stop()

        // Started with another number of loops, and once more after another crash.
        for round in 1...2 {
            let recovered = try await TestBroker.start(folder: crashed)
            let reader = try await recovered.connect()
            for partition in 0..<6 as Range<Int32> {
                let fetched = try await reader.fetch("orders", partition: partition, from: 0)
                let expected =
                    ["before \(partition)"]
                    + ([1, 4].contains(partition) ? ["after \(partition)"] : [])
                #expect(try fetched.values == expected)
            }
            #expect(try await reader.leaderEpoch("orders") == Int32(round))
            await recovered.stop()
            unlink("\(crashed)/.kafka_cleanshutdown")
        }
    }

    @Test
    func `leader epochs that were told never go back, whether or not a record was taken`()
        async throws
    {
        let broker = try await TestBroker.start()
        let client = try await broker.connect()
        try await client.createTopic("orders", partitions: 2)
        await broker.stop()
        var folder = broker.folder
        var told: Int32 = 0
        for round in 0..<6 {
            let again = try await TestBroker.start(folder: folder)
            let later = try await again.connect()
            let epoch = try await later.leaderEpoch("orders")
            #expect(round.isMultiple(of: 2) ? epoch == told : epoch == told + 1, "round \(round)")
            told = epoch
            let produced = try await later.produce(
                Batch.of(["\(round)"]), to: "orders", partition: round < 3 ? 1 : 0)
            #expect(produced.errorCode == .none)
            if round.isMultiple(of: 2) { folder = try image(of: folder) }
            await again.stop()
        }
    }
}
