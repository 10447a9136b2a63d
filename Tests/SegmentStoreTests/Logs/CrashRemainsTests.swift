import Disk
import Records
@testable import SegmentStore
import Simulation
import Testing
import Vocabulary

/// What crashes at awkward moments leave: each of these was found by the simulator.
struct CrashRemainsTests {
    private static let first = "\(LogBench.folder)/00000000000000000000"

    @Test(arguments: [Durability.os, .interval])
    func `without sync, too, a power cut leaves a beginning of the log, whatever was rolled`(
        _ durability: Durability
    ) throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_500
        settings.durability = durability
        let bench = try LogBench(disk: SimulatedDisk(seed: 2), settings: settings)
        for tag in 0..<20 { try bench.append(TestBatch.make(valueBytes: 400, tag: tag)) }
        let all = try bench.readAll()

        var ends: Set<Offset> = []
        for seed in 0..<200 as Range<UInt64> {
            let survivor = bench.disk.crash(seed: seed)
            let reopened = try LogBench(
                opening: survivor, settings: settings,
                hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))
            let bytes = try reopened.readAll()
            #expect(bytes == Array(all.prefix(bytes.count)), "seed \(seed)")
            let last = try reopened.headers(in: bytes).last
            #expect(reopened.log.logEnd == last?.nextOffset ?? .zero, "seed \(seed)")
            #expect(try !reopened.names().contains { $0.hasSuffix(".unsynced") })
            ends.insert(reopened.log.logEnd)
        }
        #expect(ends.count > 5)
    }

    @Test
    func `the mark of an early roll goes when the segment before it is durable`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_000
        settings.durability = .os
        let bench = try LogBench(settings: settings)
        for tag in 0..<3 { try bench.append(TestBatch.make(valueBytes: 400, tag: tag)) }
        #expect(try bench.names().contains("00000000000000000002.unsynced"))

        bench.settle()

        #expect(bench.log.durableEnd >= Offset(2))
        #expect(try !bench.names().contains { $0.hasSuffix(".unsynced") })
    }

    @Test
    func `a process killed amid queued writes leaves no hole`() throws {
        var store = StoreSettings()
        store.inlineDirtyBound = 0
        let bench = try LogBench(disk: SimulatedDisk(seed: 4), store: store)
        var acknowledged = 0
        for tag in 0..<30 {
            try bench.append(TestBatch.make(valueBytes: 90, tag: tag))
            if tag % 4 == 0 { bench.store.commit() }
            if tag % 5 == 0 { bench.store.drain() }
            acknowledged = Int(bench.log.writtenEnd.rawValue)
        }

        for seed in 0..<100 as Range<UInt64> {
            let reopened = try LogBench(
                opening: bench.disk.kill(seed: seed),
                hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))
            #expect(reopened.log.logEnd.rawValue >= acknowledged)
        }
    }

    @Test
    func `after a failed sync and a restart the log ends where the device does`() throws {
        let bench = try LogBench(disk: SimulatedDisk(seed: 1))
        for tag in 0..<5 { try bench.append(TestBatch.make(valueBytes: 4_000, tag: tag)) }
        bench.settle()
        bench.disk.inject(DiskFault("sync"))
        for tag in 5..<9 { try bench.append(TestBatch.make(valueBytes: 4_000, tag: tag)) }
        bench.settle()
        #expect(bench.log.failure != nil)

        for seed in 0..<20 as Range<UInt64> {
            let restarted = try LogBench(
                opening: bench.disk.kill(seed: seed),
                hint: OpenHint(cleanShutdown: false, recoveryPoint: Offset(5)))
            #expect(restarted.log.logEnd == Offset(5))
            try restarted.append(TestBatch.make(tag: 77))
            restarted.settle()
            let again = try LogBench(
                opening: restarted.disk.crash(seed: seed), hint: restarted.hint(clean: false))
            #expect(again.log.logEnd == Offset(6))
        }
    }

    @Test
    func `a log has the indexes of its batches also after a cut`() throws {
        var settings = LogSettings()
        settings.indexIntervalBytes = 300
        let bench = try LogBench(settings: settings)
        let untouched = try LogBench(settings: settings)
        // The largest timestamp lies before the cut, the index entry that tells of it behind.
        let kept = TestBatch.make(valueBytes: 400, timestamps: [5_000_000])
        try bench.append(kept)
        try bench.append(TestBatch.make(valueBytes: 400, tag: 1))
        bench.settle()
        try bench.log.truncate(to: Offset(1))
        try untouched.append(kept)
        for tag in 2..<5 {
            let batch = TestBatch.make(valueBytes: 400, timestamps: [5_000_000 + Int64(tag)])
            try bench.append(batch)
            try untouched.append(batch)
        }

        bench.store.close(now: bench.now)
        untouched.store.close(now: untouched.now)

        for kind in ["index", "timeindex"] {
            let expected = try untouched.disk.readFile("\(Self.first).\(kind)")
            #expect(try bench.disk.readFile("\(Self.first).\(kind)") == expected, "\(kind)")
            #expect(!expected.isEmpty)
        }
    }

    @Test
    func `a folder that a killed creation left is durable once its log is open`() throws {
        let simulated = SimulatedDisk(seed: 1)
        let disk = CrashingDisk(simulated)
        var moments: [SimulatedDisk] = []
        disk.afterOperation = { moments.append(simulated.kill(seed: 1)) }
        _ = try disk.perform(.createFolder(path: "/data"))
        _ = try disk.perform(.syncFolder(path: "/"))
        _ = try Store(disk: disk).createLog(
            folder: LogBench.folder, topicID: TopicID(high: 1, low: 2), settings: LogSettings(),
            leaderEpoch: LogBench.epoch, now: Timestamp(1))

        for moment in moments.dropFirst(2) {
            guard try moment.list("/data").contains(where: { $0.name == "orders-0" }) else {
                continue
            }
            let bench = try LogBench(
                opening: moment, hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))
            try bench.append(TestBatch.make())
            bench.settle()
            let known = bench.log.topicID
            for seed in 0..<20 as Range<UInt64> {
                let again = try LogBench(
                    opening: moment.crash(seed: seed), hint: bench.hint(clean: false))
                #expect(again.log.logEnd == Offset(1))
                #expect(again.log.topicID == known)
            }
        }
    }

    @Test
    func `nothing takes the place of records that were cut back before that is told`() throws {
        var store = StoreSettings()
        store.inlineDirtyBound = 0
        let bench = try LogBench(store: store)
        let other = try bench.store.createLog(
            folder: "/data/others-0", topicID: TopicID(high: 3, low: 4), settings: LogSettings(),
            leaderEpoch: LogBench.epoch, now: bench.now)
        var cut: [Offset] = []
        bench.log.onCutBack = { cut.append($1) }
        bench.disk.inject(
            DiskFault("write", pathPart: "/orders-0/", code: DiskError.noSpace))
        try bench.append(TestBatch.make())
        let header = try TestBatch.header(TestBatch.make(tag: 9))
        try other.append(
            header, bytes: [OwnedBytes(TestBatch.make(tag: 9))], leaderEpoch: LogBench.epoch,
            now: bench.now)
        // Waiting for one log takes in what became of the other; callbacks come later.
        try other.truncate(to: .zero)

        #expect(cut == [])
        #expect(throws: StoreError.outOfSpace(path: LogBench.folder)) {
            try bench.append(TestBatch.make(tag: 1))
        }
        bench.settle()
        #expect(cut == [.zero])
        #expect(try bench.append(TestBatch.make(tag: 2)).base == .zero)
    }

    @Test
    func `the indexes of a segment are durable when the recovery point is behind it`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_000
        settings.indexIntervalBytes = 1
        settings.durability = .interval
        let bench = try LogBench(settings: settings)
        for tag in 0..<2 { try bench.append(TestBatch.make(valueBytes: 400, tag: tag)) }
        bench.settle()
        bench.store.tick(now: bench.now)
        bench.store.tick(now: bench.now + 10_000)
        bench.settle()
        #expect(bench.log.durableEnd == Offset(2))

        try bench.append(TestBatch.make(valueBytes: 400, tag: 2))

        #expect(bench.log.segmentCount == 2)
        for kind in ["index", "timeindex"] {
            let path = "\(Self.first).\(kind)"
            #expect(try bench.disk.durableContents(of: path) == bench.disk.readFile(path))
            #expect(try !bench.disk.readFile(path).isEmpty)
        }
    }

    @Test
    func `a log that gets stricter covers what it had closed before`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_000
        settings.durability = .os
        let bench = try LogBench(settings: settings)
        for tag in 0..<3 { try bench.append(TestBatch.make(valueBytes: 400, tag: tag)) }
        bench.log.settings.durability = .sync
        for tag in 3..<5 { try bench.append(TestBatch.make(valueBytes: 400, tag: tag)) }

        #expect(bench.log.durableEnd == Offset(4))
        for base in ["00000000000000000000", "00000000000000000002"] {
            let path = "\(LogBench.folder)/\(base).log"
            let count = try bench.disk.readFile(path).count
            #expect(bench.disk.isDurable(path, upTo: FilePosition(Int64(count))), "\(base)")
        }
    }

    @Test
    func `indexes whose sync failed are written anew before the next one`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_000
        settings.indexIntervalBytes = 1
        settings.durability = .os
        let bench = try LogBench(settings: settings)
        for tag in 0..<3 { try bench.append(TestBatch.make(valueBytes: 400, tag: tag)) }
        bench.disk.inject(
            DiskFault("sync", pathPart: "00000.index", code: DiskError.noSpace))
        bench.settle()
        for step in 1..<5 as Range<Int64> {
            bench.store.tick(now: bench.now + step * 200)
            bench.settle()
        }

        #expect(bench.log.durableEnd >= Offset(2) || bench.log.failure != nil)
        if bench.log.failure == nil {
            let path = "\(Self.first).index"
            #expect(try bench.disk.durableContents(of: path) == bench.disk.readFile(path))
        }
    }
}
