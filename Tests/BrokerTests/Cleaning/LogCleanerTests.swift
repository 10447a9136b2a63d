import KafkaProtocol
import Records
import SegmentStore
import Testing

@testable import Broker

struct LogCleanerTests {
    private static let settings = [
        "log.cleaner.backoff.ms": "20", "log.cleaner.io.max.bytes.per.second": "50000000",
    ]
    private static let topic = [
        "cleanup.policy": "compact", "segment.bytes": "1048576",
        "min.cleanable.dirty.ratio": "0.01",
    ]

    @Test(.timeLimit(.minutes(2)))
    func `a compacted topic comes down to the last record of every key, and stays so`() async throws
    {
        let broker = try await TestBroker.start(Self.settings)
        let client = try await broker.connect()
        try await client.createTopic("table", configs: Self.topic)
        for round in UInt8(0)..<8 { try await fill(client, round: round) }

        // Each look is a round trip to the broker, which leaves it time to go on.
        while try await firstOffset(client) < 20 {}

        let records = try await all(client)
        #expect(records.map(\.offset) == records.map(\.offset).sorted())
        #expect(lastRounds(records) == Array(repeating: 7, count: 10))
        await client.close()
        await broker.stop()

        let again = try await TestBroker.start(Self.settings, folder: broker.folder)
        let reader = try await again.connect()
        #expect(try await lastRounds(all(reader)) == Array(repeating: 7, count: 10))
        await reader.close()
        await again.stop()
    }

    @Test(.timeLimit(.minutes(2)))
    func `a topic that is deleted while it is compacted is gone, and the broker goes on`()
        async throws
    {
        try await TestBroker.run([
            "log.cleaner.backoff.ms": "1", "log.cleaner.io.max.bytes.per.second": "500000",
        ]) { _, client in
            for name in ["one", "two"] {
                try await client.createTopic("table", configs: Self.topic)
                for round in UInt8(0)..<5 { try await fill(client, round: round) }
                let response = try await client.send(
                    DeleteTopicsRequest(topics: [.init(name: "table")], timeoutMs: 10_000),
                    version: 6)
                #expect(response.responses.first?.errorCode == ErrorCode.none, "\(name)")
            }

            try await client.createTopic("other")
            let sent = try await client.produce(Batch.of(["alive"]), to: "other")
            #expect(sent.errorCode == .none)
        }
    }

    /// Ten keys with values of 60,000 bytes that say which round they are of.
    private func fill(_ client: KafkaClient, round: UInt8) async throws {
        var builder = BatchBuilder()
        for key in UInt8(0)..<10 {
            builder.append(
                key: [key], value: [UInt8](repeating: round, count: 60_000),
                timestamp: .init(1_700_000_000_000))
        }
        let sent = try await client.produce(builder.build(), to: "table")
        #expect(sent.errorCode == .none)
    }

    /// Of which round the last value of each key is.
    private func lastRounds(_ records: [Record]) -> [UInt8] {
        var last: [[UInt8]: UInt8] = [:]
        for record in records { last[record.key ?? []] = record.value?.first }
        return last.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }

    private func firstOffset(_ client: KafkaClient) async throws -> Int64 {
        let found = try await client.fetch("table", from: 0)
        return try Batch.records(in: found.recordBytes).first?.offset.rawValue ?? 0
    }

    private func all(_ client: KafkaClient) async throws -> [Record] {
        var records: [Record] = []
        var next: Int64 = 0
        while true {
            let found = try await client.fetch("table", from: next)
            guard let last = try Batch.headers(in: found.recordBytes).last else { return records }
            records += try Batch.records(in: found.recordBytes)
            next = last.nextOffset.rawValue
        }
    }
}
