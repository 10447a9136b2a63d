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
            if plainRounds == nil, try hasWrites(broker.folder) { plainRounds = rounds }
        }
        let plain = try #require(plainRounds)
        let ends = try await ends(client)
        let copy = try temporaryFolder(named: "millrace-journal")
        try copyFolder(broker.folder, to: copy)
        await broker.stop()
        let lost = try loseUnsynced(in: copy, share: Double(plain + 2) / Double(rounds))

        let again = try await TestBroker.start(
            ["num.network.threads": loopsAfterwards], folder: copy)
        let later = try await again.connect()
        let recovered = try await self.ends(later)
        await again.stop()

        #expect(lost > 0)
        #expect(recovered == ends)
        #expect(try journals(in: copy).isEmpty)
    }

    @Test
    func `a journal of a later version keeps the broker from starting`() async throws {
        let broker = try await TestBroker.start()
        await broker.stop()
        let path = "\(broker.folder)/journal-0.1"
        var header = Array("MRJOURNL".utf8) + [0, 2]
        header += [UInt8](repeating: 0, count: 4_096 - header.count)
        try write(header, to: path)

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

            #expect(try journals(in: broker.folder).isEmpty)
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

    private func journals(in folder: String) throws -> [String] {
        try entries(of: folder).filter { $0.hasPrefix("journal-") }
    }

    /// Whether each of two journals has a write behind its header.
    private func hasWrites(_ folder: String) throws -> Bool {
        let written = try journals(in: folder).filter { name in
            guard !name.hasSuffix(".tmp") else { return false }
            let bytes = try readFile("\(folder)/\(name)")
            return bytes.count > 4_100 && bytes[4_096] == UInt8(ascii: "M")
        }
        return written.count >= 2
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

    private func entries(of folder: String) throws -> [String] {
        guard let stream = opendir(folder) else { throw UnpackingFault() }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                })
        }
        return names.filter { $0 != "." && $0 != ".." }
    }

    private func copyFolder(_ source: String, to target: String) throws {
        for name in try entries(of: source) where name != ".lock" {
            var status = stat()
            guard lstat("\(source)/\(name)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                mkdir("\(target)/\(name)", 0o755)
                try copyFolder("\(source)/\(name)", to: "\(target)/\(name)")
            } else {
                try write(try readFile("\(source)/\(name)"), to: "\(target)/\(name)")
            }
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "wb") else { throw UnpackingFault() }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw UnpackingFault() }
    }

    private struct UnpackingFault: Error {}
}
