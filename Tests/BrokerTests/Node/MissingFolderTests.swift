import Broker
import Glibc
import KafkaProtocol
import TestData
import Testing
import Vocabulary

/// Starts after a crash that find a partition's folder gone while a journal has records of it.
@Suite("Starting without a partition's folder")
struct MissingFolderTests {
    /// A data folder as a crash leaves it: what the journal made durable is not in the segments.
    private struct Remains {
        let folder: String
        /// Where the missing partition's folder is meanwhile.
        let elsewhere: String
        let highWatermark: Int64
        let lostByteCount: Int

        func takeBack() { rename(elsewhere, "\(folder)/orders-0") }
    }

    /// - Parameter hasPoint: whether the checkpoints know a recovery point above 0.
    private func crash(hasPoint: Bool) async throws -> Remains {
        var broker = try await TestBroker.start()
        var client = try await broker.connect()
        try await client.createTopic("orders", partitions: 2)
        if hasPoint {
            _ = try await client.produce(Batch.of(["a", "b"]), to: "orders")
            await broker.stop()
            broker = try await TestBroker.start(folder: broker.folder)
            client = try await broker.connect()
        }
        // The journal's first file is made in the background meanwhile.
        var rounds = 0
        while try DataFolderCopy.journalsWithWrites(in: broker.folder) == 0, rounds < 400 {
            try await produce(1, client)
            rounds += 1
        }
        try #require(rounds < 400)
        let log = "orders-0/00000000000000000000.log"
        let synced = try readFile("\(broker.folder)/\(log)").count
        try await produce(20, client)
        let end = try await client.fetch("orders", from: 0).highWatermark
        let copy = try temporaryFolder(named: "millrace-missing")
        try DataFolderCopy.make(of: broker.folder, at: copy)
        await broker.stop()
        let written = try readFile("\(copy)/\(log)").count
        truncate("\(copy)/\(log)", synced)
        let elsewhere = "\(copy)-elsewhere"
        rename("\(copy)/orders-0", elsewhere)
        return Remains(
            folder: copy, elsewhere: elsewhere, highWatermark: end,
            lostByteCount: written - synced)
    }

    private func produce(_ rounds: Int, _ client: KafkaClient) async throws {
        for round in 0..<rounds {
            for partition in 0..<2 as Range<Int32> {
                _ = try await client.produce(
                    Batch.of(["\(round)"]), to: "orders", partition: partition)
            }
        }
    }

    @Test(arguments: [false, true])
    func `the partition is offline until its folder is back, and then has every record`(
        _ hasPoint: Bool
    ) async throws {
        let remains = try await crash(hasPoint: hasPoint)

        for _ in 0..<2 {
            let without = try await TestBroker.start(folder: remains.folder)
            let client = try await without.connect()
            let refused = try await client.produce(Batch.of(["x"]), to: "orders")
            let served = try await client.produce(Batch.of(["y"]), to: "orders", partition: 1)
            await without.stop()
            #expect(refused.errorCode == .kafkaStorageError)
            #expect(served.errorCode == .none)
            #expect(access("\(remains.folder)/orders-0", F_OK) != 0)
        }
        remains.takeBack()
        let again = try await TestBroker.start(folder: remains.folder)
        let found = try await again.connect().fetch("orders", from: 0)
        await again.stop()

        #expect(remains.lostByteCount > 0)
        #expect(found.highWatermark == remains.highWatermark)
        #expect(try Int64(found.values.count) == remains.highWatermark)
        #expect(try DataFolderCopy.journals(in: remains.folder).isEmpty)
    }

    @Test
    func `a topic that is given up no longer keeps a journal`() async throws {
        let remains = try await crash(hasPoint: false)
        let without = try await TestBroker.start(folder: remains.folder)
        let client = try await without.connect()
        let deleted = try await client.send(
            DeleteTopicsRequest(topics: [.init(name: "orders")], timeoutMs: 1_000), version: 6)
        await without.stop()
        let kept = try DataFolderCopy.journals(in: remains.folder)

        await (try await TestBroker.start(folder: remains.folder)).stop()

        #expect(deleted.responses.map(\.errorCode) == [.none])
        #expect(!kept.isEmpty)
        #expect(try DataFolderCopy.journals(in: remains.folder).isEmpty)
    }
}
