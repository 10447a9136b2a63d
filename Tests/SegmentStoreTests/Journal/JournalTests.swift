import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

struct JournalTests {
    @Test
    func `small appends to many logs become durable by one write and no sync`() throws {
        let bench = try JournalBench(logs: 20)
        try bench.warmUp()
        let before = bench.disk.trace.count

        for index in 0..<20 { try bench.append(to: index, TestBatch.make(tag: index)) }
        bench.settle()

        #expect(bench.logs.allSatisfy { $0.durableEnd == $0.logEnd })
        #expect(bench.count("writeDurably", on: "journal-", since: before) == 1)
        #expect(bench.count("sync", on: "/data/t-", since: before) == 0)
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `what only the journal had made durable is there after a power cut`(
        _ seed: UInt64
    ) throws {
        let bench = try JournalBench(logs: 5)
        try bench.warmUp()
        for tag in 0..<30 { try bench.append(to: tag % 5, TestBatch.make(tag: tag)) }
        bench.settle()
        let expected = try (0..<5).map { try bench.contents($0) }
        #expect(bench.logs.map(\.recoveryPoint.rawValue) == [1, 0, 0, 0, 0])

        let recovered = try JournalBench(recovering: bench.disk.crash(seed: seed))

        for index in 0..<5 { #expect(try recovered.contents(index) == expected[index]) }
        #expect(try recovered.journalNames().isEmpty)
        // A second crash finds all of it in the segments.
        let again = try JournalBench(recovering: recovered.disk.crash(seed: seed))
        for index in 0..<5 { #expect(try again.contents(index) == expected[index]) }
    }

    @Test
    func `replaying twice changes nothing`() throws {
        let bench = try JournalBench(logs: 2)
        try bench.warmUp()
        for tag in 0..<10 { try bench.append(to: tag % 2, TestBatch.make(tag: tag)) }
        bench.settle()
        let expected = try (0..<2).map { try bench.contents($0) }
        let disk = bench.disk.crash(seed: 3)

        for _ in 0..<3 {
            let replay = try JournalReplay.read(folder: "/data", on: disk)
            let store = Store(disk: disk)
            for index in 0..<2 {
                let log = try store.openLog(
                    folder: "/data/t-\(index)", settings: LogSettings(),
                    hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero),
                    now: bench.now,
                    replaying: replay.batches(of: JournalBench.id, PartitionIndex(Int32(index))))
                #expect(Int(log.logEnd.rawValue) == expected[index].count)
            }
        }
    }

    @Test
    func `a large batch is synced in its segment, and later small ones wait for it`() throws {
        let bench = try JournalBench(
            logs: 1, disk: SimulatedDisk(seed: 5, settings: .init(reorders: true)),
            journal: { $0.largestBatchBytes = 2_000 })
        try bench.warmUp()
        let log = bench.logs[0]
        let start = log.logEnd

        try bench.append(to: 0, TestBatch.make(valueBytes: 3_000, tag: 1))
        bench.store.commit()
        try bench.append(to: 0, TestBatch.make(tag: 2))
        bench.store.commit()
        var ends: [Offset] = []
        log.onProgress = { ends.append($0.durableEnd) }
        // The journal may be done first: nothing is acknowledged before the large batch.
        for seed in 0..<50 as Range<UInt64> {
            let survivor = try JournalBench(recovering: bench.disk.crash(seed: seed))
            #expect(survivor.logs[0].logEnd >= log.durableEnd)
        }
        bench.settle()

        #expect(log.durableEnd == start + 2)
        #expect(ends.allSatisfy { $0 == start || $0 > start })
        #expect(bench.count("sync", on: "/data/t-0", since: 0) > 0)
    }

    @Test
    func `nothing is acknowledged that a power cut at that moment could take away`() throws {
        for seed in 0..<15 as Range<UInt64> {
            var settings = LogSettings()
            settings.segmentBytes = 20_000
            let bench = try JournalBench(
                logs: 3, disk: SimulatedDisk(seed: seed), settings: settings,
                journal: { $0.largestBatchBytes = 1_500 })
            var random = SeededRandom(seed: seed)
            var acknowledged = [Int](repeating: 0, count: 3)
            for (index, log) in bench.logs.enumerated() {
                log.onProgress = { log in
                    guard log.durableEnd.rawValue > acknowledged[index] else { return }
                    acknowledged[index] = Int(log.durableEnd.rawValue)
                    guard random.chance(oneIn: 4) else { return }
                    do {
                        let survivor = try JournalBench(
                            recovering: bench.disk.crash(seed: random.next()), settings: settings)
                        for index in 0..<3 {
                            #expect(
                                survivor.logs[index].logEnd.rawValue >= acknowledged[index],
                                "seed \(seed)")
                        }
                    } catch {
                        Issue.record("seed \(seed): \(error)")
                    }
                }
            }

            for tag in 0..<120 {
                let index = Int.random(in: 0..<3, using: &random)
                let size =
                    random.chance(oneIn: 5) ? 2_500 : Int.random(in: 10...900, using: &random)
                try bench.append(to: index, TestBatch.make(valueBytes: size, tag: tag))
                if random.chance(oneIn: 3) { bench.store.commit() }
                if random.chance(oneIn: 3) { bench.store.drain() }
            }
            bench.settle()

            #expect(acknowledged.reduce(0, +) == 120)
        }
    }

    @Test
    func `a steady load never outgrows the journal's files`() throws {
        let bench = try JournalBench(logs: 10, disk: SimulatedDisk(seed: 2))
        try bench.warmUp()

        for tag in 0..<2_000 {
            try bench.append(to: tag % 10, TestBatch.make(valueBytes: 400, tag: tag))
            if tag % 7 == 0 {
                bench.store.commit()
                bench.store.drain()
            }
            if tag % 200 == 0 { #expect(try bench.journalNames().count <= 3) }
        }
        bench.settle()

        #expect(bench.logs.allSatisfy { $0.durableEnd == $0.logEnd })
        #expect(try bench.journalNames().count <= 3)
        for name in try bench.journalNames() {
            #expect(try bench.disk.readFile("/data/\(name)").count == 64 << 10)
        }
        // Files were used again, which takes the logs' own syncs.
        #expect(bench.count("writeDurably", on: "journal-") > 100)
        let recovered = try JournalBench(recovering: bench.disk.crash(seed: 1))
        #expect(recovered.logs.map(\.logEnd) == bench.logs.map(\.logEnd))
    }

    @Test
    func `a stop in order leaves no journal behind`() throws {
        let bench = try JournalBench(logs: 3)
        try bench.warmUp()
        for tag in 0..<9 { try bench.append(to: tag % 3, TestBatch.make(tag: tag)) }

        bench.store.close(now: bench.now)

        #expect(try bench.journalNames().isEmpty)
        #expect(bench.logs.allSatisfy { $0.failure == nil && $0.recoveryPoint == $0.logEnd })
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `batches that were cut off do not come back in the place of later ones`(
        _ seed: UInt64
    ) throws {
        let bench = try JournalBench(logs: 2)
        try bench.warmUp()
        for tag in 0..<10 { try bench.append(to: 0, TestBatch.make(tag: tag)) }
        bench.settle()
        try bench.logs[0].truncate(to: Offset(4))
        // Shorter than what was cut off: an old batch would fit behind the new ones.
        try bench.append(to: 0, TestBatch.make(tag: 50))
        bench.settle()
        let expected = try bench.contents(0)
        #expect(expected.count == 5)

        let recovered = try JournalBench(recovering: bench.disk.crash(seed: seed))

        #expect(try recovered.contents(0) == expected)
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `a cut keeps what only the journal has of a segment that was closed unsynced`(
        _ seed: UInt64
    ) throws {
        let bench = try JournalBench(logs: 1)
        try bench.warmUp()
        for tag in 0..<10 { try bench.append(to: 0, TestBatch.make(tag: tag)) }
        bench.settle()
        let kept = Array(try bench.contents(0).prefix(4))
        bench.logs[0].settings.durability = .os
        bench.logs[0].settings.segmentBytes = 100
        try bench.append(to: 0, TestBatch.make(tag: 10))
        #expect(bench.logs[0].segmentCount == 2)
        bench.disk.inject(DiskFault("removeFile", pathPart: ".log"))

        #expect(throws: StoreError.self) { try bench.logs[0].truncate(to: Offset(4)) }

        let recovered = try JournalBench(recovering: bench.disk.crash(seed: seed))
        #expect(try Array(recovered.contents(0).prefix(4)) == kept)
    }

    @Test
    func `a topic made anew under the same name gets nothing of the old one`() throws {
        let bench = try JournalBench(logs: 1)
        try bench.warmUp()
        for tag in 0..<5 { try bench.append(to: 0, TestBatch.make(tag: tag)) }
        bench.settle()
        try bench.store.deleteLog(bench.logs[0])
        _ = try bench.store.createLog(
            folder: "/data/t-0", topicID: TopicID(high: 8, low: 8), settings: LogSettings(),
            leaderEpoch: LogBench.epoch, now: bench.now)
        bench.settle()

        let disk = bench.disk.crash(seed: 1)
        let replay = try JournalReplay.read(folder: "/data", on: disk)
        let log = try Store(disk: disk).openLog(
            folder: "/data/t-0", settings: LogSettings(),
            hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero), now: bench.now,
            replaying: replay.batches(of: TopicID(high: 8, low: 8), PartitionIndex(0)))

        #expect(!replay.partitions.isEmpty)
        #expect(log.logEnd == .zero)
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `a crash at any time leaves a journal that the next start can read`(
        _ seed: UInt64
    ) throws {
        let bench = try JournalBench(
            logs: 4, disk: SimulatedDisk(seed: seed), journal: { $0.fileCount = 4 })
        var random = SeededRandom(seed: seed)

        // Files are made late and used again early, in whatever order the disk is done.
        for tag in 0..<600 {
            try bench.append(
                to: Int.random(in: 0..<4, using: &random),
                TestBatch.make(valueBytes: 2_000, tag: tag))
            bench.store.commit()
            for _ in 0..<Int.random(in: 0..<6, using: &random) where bench.disk.inFlight > 0 {
                bench.disk.wait()
                bench.store.drain()
            }
            if tag % 20 == 0 {
                let survivor = bench.disk.crash(seed: random.next())
                _ = try JournalReplay.read(folder: "/data", on: survivor)
            }
        }
        bench.settle()

        #expect(bench.logs.allSatisfy { $0.durableEnd == $0.logEnd })
        #expect(bench.count("writeDurably", on: "journal-") > 100)
    }
}
