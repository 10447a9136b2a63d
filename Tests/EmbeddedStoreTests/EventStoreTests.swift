import EmbeddedStore
import Glibc
import TestData
import Testing

/// Opening, closing and what a crash leaves.
struct EventStoreTests {
    @Test(arguments: Codec.allCases, Durability.allCases)
    func `what was appended is there after closing and opening again`(
        _ codec: Codec, _ durability: Durability
    ) async throws {
        let folder = try freshFolder()
        var settings = EventStoreSettings()
        settings.log.durability = durability
        settings.log.segmentBytes = 2_000
        let sent = (0..<100).map { "event \($0) of a kind that compresses: aaaaaaaaaaaaaaaaaaa" }

        try await withEventStore(at: folder, settings) { store in
            let log = try await store.log("events")
            for start in stride(from: 0, to: 100, by: 10) {
                try await log.append(batch(Array(sent[start..<start + 10]), codec: codec))
            }
        }

        try await withEventStore(at: folder, settings) { store in
            #expect(try await store.logNames() == ["events"])
            let log = try await store.log("events")
            #expect(log.state.durableEnd == Offset(100))
            #expect(log.openingNotices.isEmpty)
            #expect(try await values(log) == sent)
            #expect(try await values(log, from: Offset(95)) == Array(sent[95...]))
        }
    }

    @Test
    func `a folder belongs to one store at a time`() async throws {
        let folder = try freshFolder()
        let store = try await EventStore.open(folder)

        await #expect {
            _ = try await EventStore.open(folder)
        } throws: { error in
            guard case .folder(.locked) = error as? EventStoreError else { return false }
            return true
        }
        try await store.close()

        try await EventStore.open(folder).close()
    }

    @Test
    func `a folder without a parent is not made`() async throws {
        let folder = "\(try freshFolder())/below"

        await #expect {
            _ = try await EventStore.open(folder)
        } throws: { error in
            guard case .store(.disk(let refusal)) = error as? EventStoreError else { return false }
            return refusal.isMissing
        }
    }

    @Test
    func `a broker's folder is not opened, and stays as it is`() async throws {
        let folder = try freshFolder()
        try await EventStore.open(folder).close()
        close(open("\(folder)/meta.properties", O_CREAT | O_WRONLY, 0o644))
        let before = try namesInFolder(folder)

        await #expect {
            _ = try await EventStore.open(folder)
        } throws: { error in
            guard case .store(.unexpectedFolder(folder, _)) = error as? EventStoreError else {
                return false
            }
            return true
        }

        #expect(try namesInFolder(folder) == before)
        #expect(before.contains(CleanShutdownMark.name))
    }

    @Test
    func `a closed store refuses everything, and closing it twice is harmless`() async throws {
        let store = try await EventStore.open(try freshFolder())
        let log = try await store.log("events")
        try await log.append(key: nil, value: [1])

        try await store.close()
        try await store.close()

        await #expect(throws: EventStoreError.closed) { try await log.append(key: nil, value: []) }
        await #expect(throws: EventStoreError.closed) { try await log.read(from: .zero) }
        await #expect(throws: EventStoreError.closed) { try await log.wait(for: Offset(7)) }
        await #expect(throws: EventStoreError.closed) { try await store.log("others") }
        await #expect(throws: EventStoreError.closed) { try await store.logNames() }
        await #expect(throws: EventStoreError.closed) { try await store.deleteLog("events") }
    }

    @Test
    func `a name that would leave the folder is refused`() async throws {
        try await withEventStore(at: try freshFolder()) { store in
            await #expect(throws: EventStoreError.illegalName(.illegalCharacter(at: 2))) {
                try await store.log("../outside")
            }
            await #expect(throws: EventStoreError.illegalName(.empty)) {
                try await store.deleteLog("")
            }
        }
    }

    @Test
    func `what the body throws is what the caller gets, and the store is closed`() async throws {
        struct Refusal: Error {}
        let folder = try freshFolder()

        await #expect(throws: Refusal.self) {
            try await withEventStore(at: folder) { store in
                try await store.log("events").append(key: nil, value: [1])
                throw Refusal()
            }
        }

        #expect(try namesInFolder(folder).contains(CleanShutdownMark.name))
    }

    @Test
    func `after a crash a torn tail is cut and what is whole is kept`() async throws {
        let folder = try freshFolder()
        try await withEventStore(at: folder) { store in
            let log = try await store.log("events")
            try await log.append(batch(["first"]))
            try await log.append(batch(["second"]))
        }
        removeCleanMark(of: folder)
        unlink("\(folder)/recovery-point-offset-checkpoint")
        try flipByte(of: "\(folder)/events-0/00000000000000000000.log", at: -1)

        try await withEventStore(at: folder) { store in
            let log = try await store.log("events")

            #expect(try await values(log) == ["first"])
            let range = try await log.append(batch(["third"]))
            #expect(range.base == Offset(1))
            #expect(try await store.damagedLogs().isEmpty)
            #expect(log.openingNotices.contains { $0.contains("00000000000000000000.log") })
            let last = try await log.read(from: Offset(1)).first { _ in true }
            #expect(last?.header.leaderEpoch == LeaderEpoch(1))
        }
    }

    @Test
    func `what was acknowledged is there after a crash, and what was given up is not`()
        async throws
    {
        let folder = try freshFolder()
        try await withEventStore(at: folder) { store in
            let log = try await store.log("events")
            for number in 0..<20 { try await log.append(batch(["\(number)"])) }
            try await log.advanceStart(to: Offset(5))
            try await log.truncate(to: Offset(18))
            let copy = try crashCopy(of: folder)

            try await withEventStore(at: copy) { store in
                let log = try await store.log("events")
                #expect(log.state.startOffset == Offset(5))
                #expect(try await values(log, from: Offset(5)) == (5..<18).map { "\($0)" })
                await #expect(
                    throws: EventStoreError.store(
                        .offsetOutOfRange(Offset(4), start: Offset(5), end: Offset(18)))
                ) { try await log.read(from: Offset(4)) }
            }
        }
    }

    @Test
    func `a damaged log is named and left alone until it is repaired, the others work`()
        async throws
    {
        let folder = try freshFolder()
        try await withEventStore(at: folder) { store in
            for name in ["events", "others"] {
                let log = try await store.log(name)
                for value in ["first", "second", "third"] { try await log.append(batch([value])) }
            }
        }
        removeCleanMark(of: folder)
        let damaged = "\(folder)/events-0/00000000000000000000.log"
        try flipByte(of: damaged, at: 70)
        unlink("\(folder)/recovery-point-offset-checkpoint")
        let before = try readFile(damaged)

        // The second time shows that the first left no clean mark.
        for _ in 0..<2 {
            try await withEventStore(at: folder) { store async throws in
                #expect(try await store.damagedLogs().keys.sorted() == ["events"])
                await #expect {
                    _ = try await store.log("events")
                } throws: { error in
                    guard case .corrupt(damaged, FilePosition(0), _) = error as? EventStoreError
                    else { return false }
                    return true
                }
                #expect(try await values(store.log("others")) == ["first", "second", "third"])
            }
            #expect(try readFile(damaged) == before)
        }
    }

    @Test
    func `a deleted log is gone, and its handle does not write into the next of that name`()
        async throws
    {
        let folder = try freshFolder()
        try await withEventStore(at: folder) { store in
            let old = try await store.log("events")
            try await old.append(batch(["old"]))

            try await store.deleteLog("events")
            let new = try await store.log("events")

            #expect(try await values(new) == [])
            await #expect(throws: EventStoreError.logDeleted) {
                try await old.append(batch(["late"]))
            }
            await #expect(throws: EventStoreError.logDeleted) { try await old.read(from: .zero) }
            try await new.append(batch(["new"]))
        }

        try await withEventStore(at: folder) { store async throws in
            #expect(try await values(store.log("events")) == ["new"])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `retention that fails is told`() async throws {
        let folder = try freshFolder()
        var settings = EventStoreSettings()
        settings.log.segmentBytes = 500
        settings.log.retentionBytes = 0
        settings.store.retentionCheckMilliseconds = 10
        let (failures, told) = AsyncStream.makeStream(of: (String, EventStoreError).self)

        try await withEventStore(
            at: folder, settings, onRetentionFailure: { told.yield(($0, $1)) }
        ) { store in
            let log = try await store.log("events")
            // In the way of what a deleted segment is renamed to.
            mkdir("\(folder)/events-0/00000000000000000000.log.deleted", 0o755)
            for number in 0..<20 { try await log.append(batch(["event \(number)"])) }

            let first = await failures.first { _ in true }

            #expect(first?.0 == "events")
            guard case .store(.disk(let error)) = first?.1 else {
                Issue.record("not an error of the disk: \(String(describing: first))")
                return
            }
            #expect(error.operation == "rename")
        }
    }

    @Test
    func `an actor may live on the store's thread`() async throws {
        actor Counter {
            nonisolated let store: EventStore
            var count = 0
            nonisolated var unownedExecutor: UnownedSerialExecutor {
                store.executor.asUnownedSerialExecutor()
            }

            init(_ store: EventStore) { self.store = store }

            func add(to log: EventLog) async throws {
                count += 1
                try await log.append(batch(["\(count)"]))
                preconditionIsolated()
            }
        }

        try await withEventStore(at: try freshFolder()) { store in
            let log = try await store.log("events")
            let counter = Counter(store)
            for _ in 0..<10 { try await counter.add(to: log) }

            #expect(try await values(log) == (1...10).map(String.init))
        }
    }
}
