import Broker
import Glibc
import KafkaProtocol
import TestData
import Testing
import Vocabulary

@Suite("Starting with a journal")
struct JournalStartTests {
    @Test(arguments: ["1", "2"])
    func `records whose segments were lost come back from the journal`(
        _ loopsAfterwards: String
    ) async throws {
        let broker = try await TestBroker.start(["num.network.threads": "2"])
        let client = try await broker.connect()
        try await client.createTopic("orders", partitions: 4)
        // The journal's files are made in the background meanwhile.
        var rounds = 0
        var plainRounds: Int?
        while rounds < (plainRounds ?? 200) * 2 + 60 {
            for partition in 0..<4 as Range<Int32> {
                _ = try await client.produce(
                    Batch.of(["\(rounds)"]), to: "orders", partition: partition)
            }
            rounds += 1
            if plainRounds == nil, try DataFolderCopy.journalsWithWrites(in: broker.folder) >= 2 {
                plainRounds = rounds
            }
        }
        let plain = try #require(plainRounds)
        let ends = try await ends(client)
        let copy = try temporaryFolder(named: "millrace-journal")
        try DataFolderCopy.make(of: broker.folder, at: copy)
        await broker.stop()
        let lost = try loseUnsynced(in: copy, share: Double(plain + 2) / Double(rounds))

        let again = try await TestBroker.start(
            ["num.network.threads": loopsAfterwards], folder: copy)
        let later = try await again.connect()
        let recovered = try await self.ends(later)
        await again.stop()

        #expect(lost > 0)
        #expect(recovered == ends)
        #expect(try DataFolderCopy.journals(in: copy).isEmpty)
    }

    @Test
    func `a journal of a later version keeps the broker from starting`() async throws {
        let broker = try await TestBroker.start()
        await broker.stop()
        let path = "\(broker.folder)/journal-0.1"
        var header = Array("MRJOURNL".utf8) + [0, 3]
        header += [UInt8](repeating: 0, count: 4_096 - header.count)
        try DataFolderCopy.write(header, to: path)

        await #expect(throws: (any Error).self) {
            _ = try await TestBroker.start(folder: broker.folder)
        }

        unlink(path)
        await (try await TestBroker.start(folder: broker.folder)).stop()
    }

    @Test
    func `without a journal nothing is made and all is acknowledged`() async throws {
        try await TestBroker.run(["log.journal.bytes": "0"]) { broker, client in
            try await client.createTopic("orders")
            for _ in 0..<5 { _ = try await client.produce(Batch.of(["a"]), to: "orders") }

            #expect(try DataFolderCopy.journals(in: broker.folder).isEmpty)
            #expect(try await client.fetch("orders", from: 0).values.count == 5)
        }
    }

    private func ends(_ client: KafkaClient) async throws -> [Int64] {
        var ends: [Int64] = []
        for partition in 0..<4 as Range<Int32> {
            ends.append(
                try await client.fetch("orders", partition: partition, from: 0).highWatermark)
        }
        return ends
    }

    /// Takes away what only the journal had made durable, as a power cut may.
    private func loseUnsynced(in folder: String, share: Double) throws -> Int {
        var count = 0
        for partition in 0..<4 {
            let log = "\(folder)/orders-\(partition)/00000000000000000000.log"
            // What was appended before there was a journal was synced, and stays.
            let size = try readFile(log).count
            let kept = Int(Double(size) * share)
            truncate(log, kept)
            count += size - kept
        }
        return count
    }
}
