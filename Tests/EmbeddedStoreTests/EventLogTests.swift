import Dispatch
import Glibc
import TestData
import Testing

@testable import EmbeddedStore

/// Appending and reading while the store is open.
struct EventLogTests {
    @Test
    func `appends of many tasks at once get offsets of their own, and what is there is theirs`()
        async throws
    {
        try await withEventStore(at: try freshFolder()) { store in
            let log = try await store.log("events")

            let said = try await withThrowingTaskGroup(of: [(Offset, String)].self) { group in
                for task in 0..<32 {
                    group.addTask {
                        var said: [(Offset, String)] = []
                        for round in 0..<20 {
                            let values = (0..<3).map { "\(task)/\(round)/\($0)" }
                            let range = try await log.append(
                                contentsOf: values.map { try batch([$0]) })
                            #expect(range.last - range.base == 2)
                            #expect(log.state.durableEnd > range.last)
                            for (index, value) in values.enumerated() {
                                said.append((range.base + Int64(index), value))
                            }
                        }
                        return said
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }

            let sorted = said.sorted { $0.0 < $1.0 }
            #expect(sorted.map(\.0) == (0..<1_920).map { Offset($0) })
            #expect(try await values(log) == sorted.map(\.1))
        }
    }

    @Test
    func `cancelling gives up the wait, not the write`() async throws {
        try await withEventStore(at: try freshFolder()) { store in
            let log = try await store.log("events")
            // The store's thread is kept busy, so that the append cannot be over too early.
            let thread = HeldThread(store)
            await thread.isHeld()

            let append = Task { try await log.append(batch(["abandoned"])) }
            while store.appendBytesUnderWay == 0 { await Task.yield() }
            append.cancel()
            let outcome = await append.result
            thread.letGo()

            #expect(throws: EventStoreError.cancelled(.outcomeUnknown)) { try outcome.get() }
            try await log.append(batch(["later"]))
            #expect(try await values(log) == ["abandoned", "later"])
        }
    }

    @Test
    func `appends beyond the bytes in flight wait, and a cancelled one leaves nothing behind`()
        async throws
    {
        var settings = EventStoreSettings()
        settings.appendBytesInFlight = 100
        try await withEventStore(at: try freshFolder(), settings) { store in
            let log = try await store.log("events")
            let thread = HeldThread(store)
            await thread.isHeld()

            let first = Task { try await log.append(batch([String(repeating: "a", count: 200)])) }
            while store.appendBytesUnderWay == 0 { await Task.yield() }
            let second = Task { try await log.append(batch(["b"])) }
            while store.waitingAppends < 1 { await Task.yield() }
            let third = Task { try await log.append(batch(["c"])) }
            while store.waitingAppends < 2 { await Task.yield() }
            second.cancel()
            let outcome = await second.result
            thread.letGo()

            #expect(throws: EventStoreError.cancelled(.beforeStart)) { try outcome.get() }
            #expect(try await first.value.base == .zero)
            #expect(try await third.value.base == Offset(1))
            #expect(log.readEnd == Offset(2))
            #expect(store.appendBytesUnderWay == 0)
        }
    }

    @Test
    func `a reader that follows gets what is appended later, and ends when it is cancelled`()
        async throws
    {
        try await withEventStore(at: try freshFolder()) { store in
            let log = try await store.log("events")
            let (found, report) = AsyncStream.makeStream(of: Offset.self)
            let reader = Task {
                for try await batch in log.batches(from: Offset(0), following: true) {
                    report.yield(batch.baseOffset)
                }
                return true
            }
            var offsets = found.makeAsyncIterator()

            for number in 0..<5 {
                try await log.append(batch(["\(number)"]))
                #expect(await offsets.next() == Offset(Int64(number)))
            }
            reader.cancel()

            #expect(try await reader.value)
        }
    }

    @Test
    func `whoever waits for a record hears that the store was closed or the log deleted`()
        async throws
    {
        let store = try await EventStore.open(try freshFolder())
        let deleted = try await store.log("deleted")
        let closed = try await store.log("closed")
        let waits = [deleted, closed].map { log in
            Task { () -> EventStoreError? in
                do throws(EventStoreError) {
                    try await log.wait(for: Offset(5))
                    return nil
                } catch {
                    return error
                }
            }
        }
        for log in [deleted, closed] {
            while try await log.waitingReaders == 0 { await Task.yield() }
        }

        try await store.deleteLog("deleted")
        try await store.close()

        #expect(await waits[0].value == .logDeleted)
        #expect(await waits[1].value == .closed)
    }

    @Test
    func `reading outside of the log is refused with where it begins and ends`() async throws {
        try await withEventStore(at: try freshFolder()) { store in
            let log = try await store.log("events")
            try await log.append(batch(["one", "two"]))

            #expect(try await log.read(from: Offset(2)).isEmpty)
            await #expect(
                throws: EventStoreError.store(
                    .offsetOutOfRange(Offset(3), start: .zero, end: Offset(2)))
            ) { try await log.read(from: Offset(3)) }
        }
    }

    @Test(arguments: [true, false])
    func `a read names a damaged batch, unless checksums are not asked for`(
        _ verifies: Bool
    ) async throws {
        let folder = try freshFolder()
        var settings = EventStoreSettings()
        settings.verifiesChecksums = verifies
        try await withEventStore(at: folder, settings) { store in
            let log = try await store.log("events")
            let first = try batch(["one"])
            try await log.append(first)
            try await log.append(batch(["two"]))
            let file = "\(folder)/events-0/00000000000000000000.log"
            try flipByte(of: file, at: -2)

            if verifies {
                await #expect {
                    _ = try await log.read(from: .zero)
                } throws: { error in
                    guard case .corrupt(file, let place, _) = error as? EventStoreError else {
                        return false
                    }
                    return place == FilePosition(Int64(first.byteCount))
                }
            } else {
                #expect(try await values(log) == ["one", "tw/"])
            }
        }
    }

    @Test
    func `bytes that are not in memory are read as well`() async throws {
        let folder = try freshFolder()
        var settings = EventStoreSettings()
        settings.log.segmentBytes = 50_000
        try await withEventStore(at: folder, settings) { store in
            let log = try await store.log("events")
            let sent = (0..<20).map { "\($0)" + String(repeating: "x", count: 10_000) }
            for value in sent { try await log.append(batch([value])) }
            for name in try namesInFolder("\(folder)/events-0") where name.hasSuffix(".log") {
                let file = open("\(folder)/events-0/\(name)", O_RDONLY)
                posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
                close(file)
            }

            let read = try await log.read(from: .zero, maxBytes: 1 << 20)

            #expect(read.count == 20)
            #expect(try await values(log) == sent)
        }
    }

    @Test
    func `a full disk refuses an append and the next one may work`() async throws {
        let folder = try freshFolder()
        try await withEventStore(at: folder) { store in _ = try await store.log("events") }
        var settings = EventStoreSettings()
        settings.store.reservedBytes = .max / 2

        try await withEventStore(at: folder, settings) { store in
            let log = try await store.log("events")
            await #expect(
                throws: EventStoreError.store(.outOfSpace(path: "\(folder)/events-0"))
            ) { try await log.append(batch(["one"])) }
            #expect(store.appendBytesUnderWay == 0)

            var own = LogSettings()
            own.usesReservedSpace = true
            try await log.apply(own)
            #expect(try await log.append(batch(["two"])).base == .zero)
        }
    }

    @Test
    func `what is too much is deleted while the store is open`() async throws {
        var settings = EventStoreSettings()
        settings.log.segmentBytes = 300
        settings.log.retentionBytes = 600
        settings.store.retentionCheckMilliseconds = 1
        try await withEventStore(at: try freshFolder(), settings) { store in
            let log = try await store.log("events")
            for number in 0..<50 { try await log.append(batch(["\(number)"])) }

            while log.state.startOffset < Offset(40) { await Task.yield() }

            #expect(try await values(log, from: Offset(49)) == ["49"])
        }
    }

    @Test
    func `records are found by their time, and taken back from an offset on`() async throws {
        try await withEventStore(at: try freshFolder()) { store in
            let log = try await store.log("events")
            for time in 1...5 {
                try await log.append(key: nil, value: nil, timestamp: Timestamp(Int64(time) * 100))
            }

            #expect(try await log.firstRecord(notBefore: Timestamp(250))?.offset == Offset(2))
            #expect(try await log.firstRecord(notBefore: Timestamp(501)) == nil)

            try await log.truncate(to: Offset(2))
            #expect(log.readEnd == Offset(2))
            #expect(try await log.firstRecord(notBefore: Timestamp(250)) == nil)
            #expect(try await log.append(key: nil, value: nil).base == Offset(2))
        }
    }

    @Test
    func `an append that is cut off before it is acknowledged fails`() async throws {
        try await withEventStore(at: try freshFolder()) { store in
            let log = try await store.log("events")
            let lost = try batch(["lost"])
            let answer = Answer<Result<AppendedRange, EventStoreError>>()
            #expect(await store.budget.take(lost.byteCount))
            let request = AppendRequest(
                slot: log.slot, log: ObjectIdentifier(log.published), batches: .one(lost),
                byteCount: lost.byteCount, budget: store.budget, answer: answer)

            try await log.onLog { hosted throws(EventStoreError) in
                hosted.append(request, now: Timestamp(1_000))
                try hosted.truncate(to: .zero)
            }
            try await log.append(batch(["kept"]))

            let outcome = await answer.value()
            #expect(throws: EventStoreError.truncated) { try outcome.get() }
            #expect(try await values(log) == ["kept"])
        }
    }
}

extension EventLog {
    fileprivate var waitingReaders: Int {
        get async throws {
            try await onLog { hosted throws(EventStoreError) in hosted.waitingReaders }
        }
    }
}

/// Keeps a store's thread busy until it is let go.
private struct HeldThread {
    private let gate = DispatchSemaphore(value: 0)
    private let held: Task<Void, Never>
    private let began: AsyncStream<Void>

    init(_ store: EventStore) {
        let (began, report) = AsyncStream.makeStream(of: Void.self)
        self.began = began
        let gate = gate
        held = Task(executorPreference: store.executor) {
            report.finish()
            Self.wait(gate)
        }
    }

    func isHeld() async { for await _ in began {} }

    func letGo() { gate.signal() }

    private static func wait(_ gate: DispatchSemaphore) { gate.wait() }
}
