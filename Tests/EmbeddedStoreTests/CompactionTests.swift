import EmbeddedStore
import TestData
import Testing

/// Compaction through the async face; what it does to records is the store's own tests' matter.
struct CompactionTests {
    private static var compacted: EventStoreSettings {
        var settings = EventStoreSettings()
        settings.log.segmentBytes = 2_000
        settings.log.compaction = CompactionSettings()
        return settings
    }

    private static func fill(_ log: EventLog, rounds: Int) async throws {
        for round in 0..<rounds {
            for key in 0..<4 {
                try await log.append(
                    key: Array("\(key)".utf8), value: Array("\(key)/\(round)".utf8))
            }
        }
    }

    @Test
    func `compaction keeps the newest record of every key while appends and reads go on`()
        async throws
    {
        let folder = try freshFolder()
        try await withEventStore(at: folder, Self.compacted) { store in
            let log = try await store.log("state")
            try await Self.fill(log, rounds: 100)

            async let more: Void = Self.fill(log, rounds: 100)
            let first = try await log.compact()
            try await more
            _ = try await log.compact()

            #expect(try #require(first).recordsKept < 10)
            let left = try await values(log)
            #expect(left.count < 100)
            #expect(left.suffix(4) == ["0/99", "1/99", "2/99", "3/99"])
            #expect(log.readEnd == Offset(800))
        }

        try await withEventStore(at: folder, Self.compacted) { store in
            let log = try await store.log("state")
            #expect(try await values(log).suffix(4) == ["0/99", "1/99", "2/99", "3/99"])
            // What was compacted before is remembered.
            #expect(try await log.compact() == nil)
        }
    }

    @Test
    func `a log whose settings do not ask for it is not compacted`() async throws {
        var settings = Self.compacted
        settings.log.compaction = nil
        try await withEventStore(at: try freshFolder(), settings) { store in
            let log = try await store.log("state")
            try await Self.fill(log, rounds: 100)

            #expect(try await log.compact() == nil)
            #expect(try await values(log).count == 400)
        }
    }

    @Test
    func `closing the store ends a compaction, and what was there is there`() async throws {
        let folder = try freshFolder()
        let store = try await EventStore.open(folder, Self.compacted)
        let log = try await store.log("state")
        try await Self.fill(log, rounds: 200)

        let compaction = Task { try await log.compact() }
        try await store.close()
        switch await compaction.result {
        case .success: break
        case .failure(let error): #expect(error as? EventStoreError == .closed)
        }

        await #expect(throws: EventStoreError.closed) { try await log.compact() }
        try await withEventStore(at: folder, Self.compacted) { store in
            let again = try await store.log("state")
            #expect(try await values(again).suffix(4) == ["0/199", "1/199", "2/199", "3/199"])
        }
    }
}
