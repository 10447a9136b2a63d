import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

struct DurabilityTests {
    private static let path = "\(LogBench.folder)/00000000000000000000.log"

    @Test
    func `many appends of a tick share one sync`() throws {
        let bench = try LogBench()
        let before = bench.disk.trace.count

        for tag in 0..<20 { try bench.append(TestBatch.make(tag: tag)) }
        #expect(bench.log.durableEnd == .zero)
        bench.settle()

        #expect(bench.log.durableEnd == Offset(20))
        let syncs = bench.disk.trace[before...].filter {
            $0.operation == "sync" && $0.phase == .effective
        }
        #expect(syncs.count == 1)
    }

    @Test
    func `appends while a sync is under way wait for the next one, which starts at once`() throws {
        let bench = try LogBench()
        try bench.append(TestBatch.make())
        bench.store.commit()
        #expect(bench.disk.inFlight == 1)
        try bench.append(TestBatch.make())
        bench.store.commit()
        #expect(bench.disk.inFlight == 1)

        bench.disk.wait()
        bench.store.drain()

        #expect(bench.log.durableEnd == Offset(1))
        #expect(bench.disk.inFlight == 1)
        bench.disk.wait()
        bench.store.drain()
        #expect(bench.log.durableEnd == Offset(2))
        #expect(bench.disk.inFlight == 0)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `nothing is acknowledged before a sync that began after it was written`(
        _ seed: UInt64
    ) throws {
        var settings = LogSettings()
        settings.segmentBytes = 3_000
        let bench = try LogBench(disk: SimulatedDisk(seed: seed), settings: settings)
        var random = SeededRandom(seed: seed)
        var acknowledged = 0
        bench.log.onProgress = { log in
            guard log.durableEnd.rawValue > acknowledged else { return }
            acknowledged = Int(log.durableEnd.rawValue)
            // A power cut now, whatever it spares, must leave all of these.
            let survivor = bench.disk.crash(seed: random.next())
            let reopened = try? LogBench(
                opening: survivor, settings: settings,
                hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))
            #expect(reopened?.log.logEnd.rawValue ?? -1 >= acknowledged)
        }

        for tag in 0..<40 {
            try bench.append(TestBatch.make(tag: tag))
            if random.chance(oneIn: 3) { bench.store.commit() }
            if random.chance(oneIn: 3) { bench.store.drain() }
        }
        bench.settle()

        #expect(acknowledged == 40)
    }

    @Test
    func `interval syncs when its time has come and not before`() throws {
        var settings = LogSettings()
        settings.durability = .interval
        settings.flushIntervalMilliseconds = 100
        let bench = try LogBench(settings: settings)
        try bench.append(TestBatch.make())
        bench.settle()
        #expect(bench.log.writtenEnd == Offset(1))
        #expect(bench.log.durableEnd == .zero)

        let due = bench.store.tick(now: bench.now + 50)
        bench.settle()
        #expect(due == bench.now + 100)
        #expect(bench.log.durableEnd == .zero)
        bench.store.tick(now: bench.now + 100)
        bench.settle()

        #expect(bench.log.durableEnd == Offset(1))
        #expect(bench.store.tick(now: bench.now + 200) == nil)
    }

    @Test
    func `as many unsynced records as flush messages says are synced, and fewer are not`() throws {
        for durability in [Durability.os, .interval] {
            var settings = LogSettings()
            settings.durability = durability
            settings.flushMessages = 5
            settings.flushIntervalMilliseconds = .max / 4
            let bench = try LogBench(settings: settings)
            try bench.append(TestBatch.make(records: 4))
            bench.settle()
            #expect(bench.log.durableEnd == .zero)

            try bench.append(TestBatch.make(records: 1))
            bench.settle()

            #expect(bench.log.durableEnd == Offset(5))
            try bench.append(TestBatch.make(records: 4))
            bench.settle()
            #expect(bench.log.durableEnd == Offset(5))
        }
    }

    @Test
    func `flush ms syncs a log under os too, and its change at run time counts`() throws {
        var settings = LogSettings()
        settings.durability = .os
        let bench = try LogBench(settings: settings)
        try bench.append(TestBatch.make())
        bench.settle()
        bench.store.tick(now: bench.now + 10_000)
        bench.settle()
        #expect(bench.log.durableEnd == .zero)

        bench.log.settings.flushIntervalMilliseconds = 100
        bench.store.tick(now: bench.now + 10_000)
        bench.store.tick(now: bench.now + 10_100)
        bench.settle()

        #expect(bench.log.durableEnd == Offset(1))
    }

    @Test
    func `an append moves the next tick closer than a producer that waits to be forgotten`()
        throws
    {
        var settings = LogSettings()
        settings.durability = .interval
        settings.flushIntervalMilliseconds = 100
        let bench = try LogBench(settings: settings)
        try bench.append(TestBatch.make(producer: (id: 7, epoch: 0, sequence: 0)))
        bench.settle()
        bench.store.tick(now: bench.now + 100)
        bench.settle()
        bench.now = bench.now + 200
        let far = try #require(bench.store.tick(now: bench.now))
        #expect(far > bench.now + 10_000)

        try bench.append(TestBatch.make(producer: (id: 7, epoch: 0, sequence: 1)))
        bench.settle()

        #expect(bench.store.nextTick == bench.now + 100)
        bench.store.tick(now: bench.now + 100)
        bench.settle()
        #expect(bench.log.durableEnd == Offset(2))
    }

    @Test
    func `an interval without end never syncs by the clock`() throws {
        var settings = LogSettings()
        settings.durability = .interval
        settings.flushIntervalMilliseconds = .max
        settings.producerIDExpirationMilliseconds = .max
        let bench = try LogBench(settings: settings)

        try bench.append(TestBatch.make(producer: (id: 7, epoch: 0, sequence: 0)))
        bench.settle()
        for _ in 0..<3 {
            bench.now = bench.now + 100_000
            bench.store.tick(now: bench.now)
            bench.settle()
        }

        #expect(bench.log.durableEnd == .zero)
        #expect(bench.log.producerCount == 1)
    }

    @Test
    func `os syncs by itself only after so many bytes`() throws {
        var settings = LogSettings()
        settings.durability = .os
        var store = StoreSettings()
        store.recoveryPointBytes = 10_000
        let bench = try LogBench(settings: settings, store: store)
        var told: [Offset] = []
        bench.store.onRecoveryPoint = { told.append($0.recoveryPoint) }

        for _ in 0..<9 {
            try bench.append(TestBatch.make(valueBytes: 1_000))
            bench.settle()
        }
        #expect(bench.log.durableEnd == .zero)
        try bench.append(TestBatch.make(valueBytes: 1_000))
        bench.settle()

        #expect(bench.log.durableEnd == Offset(10))
        #expect(told == [Offset(10)])
    }

    @Test
    func `a failed sync ends the log for good and freezes what is durable`() throws {
        let bench = try LogBench()
        try bench.append(TestBatch.make())
        bench.settle()
        var progress = 0
        bench.log.onProgress = { _ in progress += 1 }
        bench.disk.inject(DiskFault("sync", pathPart: ".log"))

        try bench.append(TestBatch.make())
        bench.settle()

        #expect(bench.log.durableEnd == Offset(1))
        #expect(bench.log.writtenEnd == Offset(2))
        let failure = try #require(bench.log.failure)
        #expect(progress > 0)
        #expect(throws: failure) { try bench.append(TestBatch.make()) }
        let before = bench.disk.trace.count
        bench.settle()
        bench.store.tick(now: bench.now + 100_000)
        bench.store.close(now: bench.now)
        #expect(!bench.disk.trace[before...].contains { $0.operation == "sync" })
        #expect(bench.log.durableEnd == Offset(1))
    }

    @Test(arguments: [24, 23, 12] as [Int32], ["open", "rename"])
    func `a roll for which something is lacking refuses the append, and a later one works`(
        _ code: Int32, _ operation: String
    ) throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_000
        for skipping in 0..<8 {
            let bench = try LogBench(settings: settings)
            try bench.append(TestBatch.make(valueBytes: 800))
            bench.settle()
            bench.disk.inject(DiskFault(operation, code: code, skipping: skipping))

            // One of these is refused.
            for tag in 1..<14 { _ = try? bench.append(TestBatch.make(valueBytes: 800, tag: tag)) }
            bench.settle()
            try bench.append(TestBatch.make(valueBytes: 800, tag: 14))
            bench.settle()
            #expect(bench.log.logEnd == Offset(14))
            bench.store.tick(now: bench.now)
            bench.settle()

            #expect(bench.log.failure == nil)
            #expect(bench.log.durableEnd == bench.log.logEnd)
            let reopened = try LogBench(
                opening: bench.disk.crash(seed: 1), settings: settings,
                hint: bench.hint(clean: false))
            #expect(reopened.log.logEnd == bench.log.logEnd)
        }
    }

    @Test
    func `indexes that could not be opened to be synced are tried again by a tick`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_000
        settings.durability = .os
        let bench = try LogBench(settings: settings)
        for tag in 0..<2 { try bench.append(TestBatch.make(valueBytes: 800, tag: tag)) }
        bench.disk.inject(DiskFault("open", pathPart: "000.index", code: 24))
        bench.settle()
        #expect(bench.log.failure == nil)
        #expect(bench.log.durableEnd == .zero)

        let next = bench.store.tick(now: bench.now)
        bench.settle()

        #expect(next == bench.now + 100)
        #expect(bench.log.durableEnd >= Offset(1))
    }

    @Test
    func `a write that the system has no memory for is cut back, and appends work again`() throws {
        let bench = try LogBench()
        bench.disk.inject(DiskFault("write", pathPart: ".log", code: 12))

        #expect(throws: StoreError.self) { try bench.append(TestBatch.make()) }
        try bench.append(TestBatch.make(tag: 1))
        bench.settle()

        #expect(bench.log.durableEnd == Offset(1))
        #expect(try bench.headers(in: bench.readAll()).count == 1)
    }

    @Test
    func `a failed log leaves the others alone`() throws {
        let bench = try LogBench()
        let other = try bench.store.createLog(
            folder: "/data/orders-1", topicID: TopicID(high: 1, low: 2), settings: LogSettings(),
            leaderEpoch: LogBench.epoch, now: bench.now)
        bench.disk.inject(DiskFault("write", pathPart: "orders-0"))

        #expect(throws: StoreError.self) { try bench.append(TestBatch.make()) }
        let batch = TestBatch.make()
        try other.append(
            TestBatch.header(batch), bytes: [OwnedBytes(batch)], leaderEpoch: LogBench.epoch,
            now: bench.now)
        bench.settle()

        #expect(bench.log.failure != nil)
        #expect(other.failure == nil)
        #expect(other.durableEnd == Offset(1))
    }

    @Test
    func `a write without space is cut back, and appends work again when there is some`() throws {
        let bench = try LogBench()
        try bench.append(TestBatch.make(tag: 1))
        bench.settle()
        bench.disk.inject(DiskFault("write", pathPart: ".log", code: DiskError.noSpace))

        #expect(throws: StoreError.outOfSpace(path: LogBench.folder)) {
            try bench.append(TestBatch.make(valueBytes: 5_000, tag: 2))
        }
        #expect(bench.log.logEnd == Offset(1))
        #expect(try bench.disk.readFile(Self.path).count == TestBatch.make(tag: 1).count)
        try bench.append(TestBatch.make(tag: 3))
        bench.settle()

        #expect(bench.log.failure == nil)
        #expect(bench.log.durableEnd == Offset(2))
        #expect(try bench.headers(in: bench.readAll()).count == 2)
    }

    @Test
    func `appends leave the reserved space free`() throws {
        let disk = SimulatedDisk(
            seed: 1, settings: SimulatedDiskSettings(capacity: 1 << 20, reorders: false))
        var store = StoreSettings()
        store.reservedBytes = 512 << 10
        let bench = try LogBench(disk: disk, store: store)
        let batch = TestBatch.make(valueBytes: 30_000)
        let header = try TestBatch.header(batch)
        var appended = 0

        var refused: StoreError?
        while refused == nil, appended < 100 {
            do throws(StoreError) {
                try bench.log.append(
                    header, bytes: [OwnedBytes(batch)], leaderEpoch: LogBench.epoch,
                    now: bench.now)
                appended += 1
            } catch {
                refused = error
            }
        }
        bench.settle()

        #expect(refused == .outOfSpace(path: LogBench.folder))
        #expect((15...18).contains(appended))
        #expect(bench.log.failure == nil)
        disk.capacity = 4 << 20
        bench.now = bench.now + 1
        try bench.append(batch)
        bench.settle()
        #expect(bench.log.durableEnd == Offset(Int64(appended + 1)))
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `beyond the dirty bound writes are queued and counted in their order`(
        _ seed: UInt64
    ) throws {
        var store = StoreSettings()
        store.inlineDirtyBound = 0
        let bench = try LogBench(disk: SimulatedDisk(seed: seed), store: store)
        var written: [Int64] = []
        bench.log.onProgress = { written.append($0.writtenEnd.rawValue) }

        for tag in 0..<10 { try bench.append(TestBatch.make(tag: tag)) }
        #expect(bench.log.writtenEnd == .zero)
        #expect(bench.store.bytesInFlight == 10 * TestBatch.make().count)
        bench.settle()

        #expect(bench.store.bytesInFlight == 0)
        #expect(bench.log.durableEnd == Offset(10))
        #expect(written == written.sorted())
        #expect(try bench.headers(in: bench.readAll()).map(\.baseOffset.rawValue) == Array(0..<10))
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `queued writes that find no space are cut back with all behind them`(
        _ seed: UInt64
    ) throws {
        var store = StoreSettings()
        store.inlineDirtyBound = 0
        let bench = try LogBench(disk: SimulatedDisk(seed: seed), store: store)
        var cut: [Offset] = []
        bench.log.onCutBack = { _, offset in cut.append(offset) }
        bench.disk.inject(
            DiskFault("write", pathPart: ".log", code: DiskError.noSpace, skipping: 1))

        for tag in 0..<10 {
            try bench.append(
                TestBatch.make(tag: tag, producer: (id: 9, epoch: 0, sequence: Int32(tag))))
        }
        bench.settle()
        let end = bench.log.logEnd

        #expect(cut == [end])
        #expect(end < Offset(10))
        #expect(bench.log.failure == nil)
        let again = TestBatch.make(
            tag: 77, producer: (id: 9, epoch: 0, sequence: Int32(end.rawValue)))
        #expect(try bench.log.check(TestBatch.header(again), now: bench.now) == .inOrder)
        try bench.append(again)
        bench.settle()
        #expect(bench.log.durableEnd == end + 1)
        #expect(
            try bench.headers(in: bench.readAll()).map(\.baseOffset.rawValue)
                == Array(0...end.rawValue))
    }

    @Test(arguments: [true, false])
    func `an epoch entered behind records that are cut back begins where they did`(
        _ stops: Bool
    ) throws {
        var store = StoreSettings()
        store.inlineDirtyBound = 0
        let bench = try LogBench(store: store)
        try bench.append(TestBatch.make())
        bench.settle()
        bench.disk.inject(DiskFault("write", pathPart: ".log", code: DiskError.noSpace))
        for tag in 1..<4 { try bench.append(TestBatch.make(tag: tag)) }
        try bench.log.updateLeaderEpoch(LeaderEpoch(7))
        bench.settle()
        try #require(bench.log.logEnd == Offset(1))

        if stops {
            bench.store.close(now: bench.now)
            let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: true))
            #expect(reopened.log.latestEpoch == LeaderEpoch(7))
            return
        }
        let batch = TestBatch.make(tag: 5)
        try bench.log.append(
            TestBatch.header(batch), bytes: [OwnedBytes(batch)], leaderEpoch: LeaderEpoch(7),
            now: bench.now)
        bench.settle()

        #expect(bench.log.leaderEpoch(at: Offset(1)) == LeaderEpoch(7))
        let reopened = try LogBench(
            opening: bench.disk.crash(seed: 1), hint: bench.hint(clean: false))
        #expect(reopened.log.leaderEpoch(at: Offset(0)) == LogBench.epoch)
        #expect(reopened.log.leaderEpoch(at: Offset(1)) == LeaderEpoch(7))
    }

    @Test
    func `pages beyond the budget are dropped, oldest first, but not from under a region`() throws {
        var settings = LogSettings()
        settings.durability = .os
        var store = StoreSettings()
        store.writeBehindBytes = 10_000
        store.pageCacheBudget = 40_000
        let bench = try LogBench(settings: settings, store: store)
        let batch = TestBatch.make(valueBytes: 5_000)
        try bench.append(batch)
        bench.settle()
        var region: LogRead? = try bench.log.read(
            from: .zero, upTo: bench.log.logEnd, maxBytes: 100_000, minOneBatch: true)
        #expect(region?.byteCount == batch.count)

        for _ in 0..<40 {
            try bench.append(batch)
            bench.settle()
        }
        let first = try #require(dropped(on: bench).first)
        #expect(first.lowerBound > .zero)
        region = nil
        for _ in 0..<40 {
            try bench.append(batch)
            bench.settle()
        }

        let ranges = dropped(on: bench)
        #expect(ranges.contains { $0.lowerBound == .zero })
        #expect(ranges.count > 25)
    }

    private func dropped(on bench: LogBench) -> [Range<FilePosition>] {
        bench.disk.trace.filter { $0.operation == "dropFromCache" && $0.phase == .effective }
            .compactMap(\.range)
    }
}
