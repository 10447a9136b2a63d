import Disk
import Records
import Simulation
import Testing
import Vocabulary

@testable import SegmentStore

/// What retention keeps and what it deletes.
struct RetentionTests {
    private static let day = RetentionBench.day

    @Test
    func `a segment goes when its youngest record is older than retention ms, not before`() throws {
        let bench = try RetentionBench { $0.retentionMilliseconds = 2 * Self.day }
        for age in [5, 4, 1, 4, 0] as [Int64] {
            // Each batch has a segment of its own.
            try bench.append(valueBytes: 900, age: age * Self.day)
        }
        bench.settle()

        bench.runRound()

        #expect(bench.log.logStartOffset == Offset(2))
        #expect(bench.log.segmentCount == 3)
        bench.clock.advance(by: Self.day)
        bench.runRound()
        // The one behind was old enough all the time.
        #expect(bench.log.logStartOffset == Offset(4))
        #expect(try bench.bench.headers(in: bench.bench.readAll()).count == 1)
    }

    @Test
    func `without bounds, without the delete policy and before the first check nothing goes`()
        throws
    {
        let kept = try RetentionBench { _ in }
        let compacted = try RetentionBench {
            $0.retentionMilliseconds = 1
            $0.retentionBytes = 0
            $0.deletesOldSegments = false
        }
        let early = try RetentionBench { $0.retentionMilliseconds = 1 }
        for bench in [kept, compacted, early] {
            for _ in 0..<4 { try bench.append(valueBytes: 900, age: 30 * Self.day) }
            bench.settle()
        }

        kept.runRound()
        compacted.runRound()
        early.store.tick(now: early.clock.now)
        early.clock.advance(by: 29_999)
        early.store.tick(now: early.clock.now)
        early.settle()

        for bench in [kept, compacted, early] {
            #expect(bench.log.logStartOffset == .zero)
            #expect(bench.log.segmentCount == 4)
        }
        #expect(kept.store.nextTick == nil)
    }

    @Test
    func `a log that is too old as a whole begins anew at its end`() throws {
        let bench = try RetentionBench { $0.retentionMilliseconds = Self.day }
        for _ in 0..<3 { try bench.append(valueBytes: 900) }
        bench.settle()
        bench.clock.advance(by: Self.day + 1)

        bench.runRound()

        #expect(bench.log.logStartOffset == Offset(3))
        #expect(bench.log.logEnd == Offset(3))
        #expect(bench.log.segmentCount == 1)
        #expect(try bench.log.byteCount == 0)
        #expect(try bench.names(".log") == ["00000000000000000003.log"])
        try bench.append()
        bench.settle()
        #expect(bench.log.logEnd == Offset(4))
        #expect(try bench.bench.headers(in: bench.bench.readAll()).count == 1)
        // An empty active segment is not rolled again and again.
        bench.clock.advance(by: Self.day + 1)
        bench.runRound()
        bench.runRound()
        #expect(bench.log.segmentCount == 1)
        #expect(bench.log.logStartOffset == Offset(4))
    }

    @Test
    func `records of the future and records without a time keep their segment`() throws {
        let bench = try RetentionBench { $0.retentionMilliseconds = Self.day }
        try bench.append(valueBytes: 900, age: -30 * Self.day)
        try bench.bench.append(TestBatch.make(valueBytes: 900, timestamps: [-1]))
        try bench.append(valueBytes: 900, age: 5 * Self.day)
        bench.settle()

        bench.runRound()

        #expect(bench.log.logStartOffset == .zero)
        bench.clock.advance(by: 32 * Self.day)
        bench.runRound()
        // The one without a time counts as being from when its segment was made.
        #expect(bench.log.logStartOffset == Offset(3))
    }

    @Test
    func `nothing at or above the limit goes`() throws {
        let bench = try RetentionBench { $0.retentionMilliseconds = Self.day }
        for _ in 0..<5 { try bench.append(valueBytes: 900, age: 9 * Self.day) }
        bench.settle()
        bench.log.deletionLimit = Offset(2)

        bench.runRound()

        #expect(bench.log.logStartOffset == Offset(2))
        bench.log.deletionLimit = Offset(3)
        bench.runRound()
        #expect(bench.log.logStartOffset == Offset(3))
    }

    @Test
    func `under os durability an idle log goes, too, once its segment is synced`() throws {
        let bench = try RetentionBench {
            $0.retentionMilliseconds = Self.day
            $0.durability = .os
        }
        try bench.append(age: 3 * Self.day)
        bench.settle()
        #expect(bench.log.durableEnd == .zero)

        bench.runRound()

        #expect(bench.log.logStartOffset == Offset(1))
        #expect(try bench.names(".log") == ["00000000000000000001.log"])
    }

    @Test
    func `a lower bound takes effect at the next check`() throws {
        let bench = try RetentionBench { $0.retentionMilliseconds = 30 * Self.day }
        for _ in 0..<4 { try bench.append(valueBytes: 900, age: 9 * Self.day) }
        bench.settle()
        bench.runRound()
        #expect(bench.log.segmentCount == 4)

        bench.log.settings.retentionMilliseconds = Self.day
        bench.runRound()

        #expect(bench.log.logStartOffset == Offset(4))
    }

    @Test
    func `by size at least the bound is kept and less than one segment more`() throws {
        for seed in 0..<60 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let bound = Int64.random(in: 0...20_000, using: &random)
            let bench = try RetentionBench(
                segmentBytes: Int.random(in: 300...3_000, using: &random)
            ) { $0.retentionBytes = bound }
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                try bench.append(valueBytes: Int.random(in: 0...1_200, using: &random))
                if random.chance(oneIn: 10) {
                    bench.settle()
                    bench.runRound()
                }
            }
            bench.settle()
            let sizes = bench.log.segments.map(\.byteCount)
            let before = try Int64(bench.log.byteCount)

            bench.runRound()

            let kept = try Int64(bench.log.byteCount)
            let files = try bench.names(".log").reduce(0) {
                try $0 + bench.store.disk.byteCount(ofFile: "\(LogBench.folder)/\($1)")
            }
            #expect(kept == Int64(files), "seed \(seed)")
            if before < bound {
                #expect(kept == before, "seed \(seed)")
            } else {
                // The first segment that stays is the one that was too large to go.
                let first = bench.log.segments[0].byteCount
                #expect(kept >= bound, "seed \(seed)")
                #expect(kept < bound + Int64(max(first, 1)), "seed \(seed)")
                #expect(kept <= bound + Int64(sizes.max() ?? 0), "seed \(seed)")
            }
            let read = try bench.bench.readAll()
            #expect(Int64(read.count) == kept, "seed \(seed)")
        }
    }

    @Test
    func `files are renamed at once and removed after the delay`() throws {
        let bench = try RetentionBench {
            $0.retentionMilliseconds = Self.day
            $0.fileDeleteDelayMilliseconds = 10_000
        }
        try bench.append(valueBytes: 900, age: 9 * Self.day)
        try bench.append(valueBytes: 900)
        bench.settle()

        bench.runRound()

        #expect(
            try bench.names(".deleted") == [
                "00000000000000000000.index.deleted", "00000000000000000000.log.deleted",
                "00000000000000000000.timeindex.deleted",
            ])
        bench.clock.advance(by: 9_000)
        bench.store.tick(now: bench.clock.now)
        bench.settle()
        #expect(try bench.names(".deleted").count == 3)
        bench.clock.advance(by: 1_000)
        bench.store.tick(now: bench.clock.now)
        bench.settle()
        #expect(try bench.names(".deleted").isEmpty)
        #expect(try bench.names("00000000000000000000.log").isEmpty)
    }

    @Test
    func `a reader inside a deleted segment finishes what it holds`() throws {
        let bench = try RetentionBench {
            $0.retentionMilliseconds = Self.day
            $0.fileDeleteDelayMilliseconds = 0
        }
        try bench.append(valueBytes: 900, age: 9 * Self.day)
        try bench.append(valueBytes: 900)
        bench.settle()
        let before = try bench.bench.readAll(upTo: Offset(1))
        let held = try bench.log.read(
            from: .zero, upTo: Offset(1), maxBytes: 1 << 20, minOneBatch: true)

        bench.runRound()

        #expect(try bench.names(".deleted").isEmpty)
        #expect(try bench.bench.contents(of: held) == before)
        #expect(throws: StoreError.offsetOutOfRange(.zero, start: Offset(1), end: Offset(2))) {
            try bench.log.read(
                from: .zero, upTo: Offset(2), maxBytes: 1 << 20, minOneBatch: true)
        }
    }

    @Test
    func `producers' snapshots and strays are trimmed with their segments, epochs by opening`()
        throws
    {
        let bench = try RetentionBench { $0.retentionBytes = 1_000 }
        for number in 0..<5 as Range<Int32> {
            let batch = TestBatch.make(valueBytes: 900, producer: (7, 0, number))
            try bench.log.append(
                TestBatch.header(batch), bytes: [OwnedBytes(batch)],
                leaderEpoch: LeaderEpoch(3 + number), now: bench.clock.now)
        }
        bench.settle()
        bench.log.straySnapshots = [Offset(2)]
        #expect(try bench.names(".snapshot").count == 4)

        bench.runRound()

        #expect(bench.log.logStartOffset == Offset(3))
        #expect(bench.log.leaderEpoch(at: Offset(2)) == nil)
        #expect(bench.log.leaderEpoch(at: Offset(3)) == LeaderEpoch(6))
        #expect(
            try bench.names(".snapshot") == [
                "00000000000000000003.snapshot", "00000000000000000004.snapshot",
            ])
        // The producer is known by its newest batches all the same.
        let next = TestBatch.make(producer: (7, 0, 5))
        #expect(try bench.log.check(TestBatch.header(next), now: bench.clock.now) == .inOrder)
        bench.store.close(now: bench.clock.now)
        let reopened = try LogBench(
            opening: bench.bench.disk, settings: bench.log.settings,
            hint: OpenHint(cleanShutdown: true, recoveryPoint: Offset(5)))
        #expect(!reopened.log.wasUnclean)
        #expect(reopened.log.leaderEpoch(at: Offset(2)) == nil)
        let epochs = try LeaderEpochCheckpoint.read(on: bench.bench.disk, folder: LogBench.folder)
        // That of the last record below the start is kept: no later one may fall behind it.
        #expect(epochs.entries.first?.startOffset == Offset(2))
    }

    @Test
    func `closing the store takes the renamed files along`() throws {
        let bench = try RetentionBench { $0.retentionMilliseconds = Self.day }
        try bench.append(valueBytes: 900, age: 9 * Self.day)
        try bench.append(valueBytes: 900)
        bench.settle()
        bench.runRound()
        #expect(try !bench.names(".deleted").isEmpty)

        bench.store.close(now: bench.clock.now)

        #expect(try bench.names(".deleted").isEmpty)
    }

    @Test
    func `a refused renaming leaves the segment for the next check`() throws {
        let bench = try RetentionBench { $0.retentionMilliseconds = Self.day }
        for age in [9, 8, 0] as [Int64] { try bench.append(valueBytes: 900, age: age * Self.day) }
        bench.settle()
        var told: [StoreError] = []
        bench.store.onRetentionFailure = { told.append($1) }
        bench.bench.disk.inject(DiskFault("rename", pathPart: "00000.log"))

        bench.runRound()

        #expect(told.count == 1)
        // What the settings do not keep is out of reach, although it lies there still.
        #expect(bench.log.logStartOffset == Offset(2))
        #expect(bench.log.segmentCount == 3)
        #expect(bench.log.failure == nil)
        bench.runRound()
        #expect(bench.log.segmentCount == 1)
        #expect(told.count == 1)
    }

    @Test
    func `segments that are held stay until they are let go`() throws {
        let bench = try RetentionBench { $0.retentionMilliseconds = Self.day }
        try bench.append(valueBytes: 900, age: 9 * Self.day)
        try bench.append(valueBytes: 900)
        bench.settle()
        bench.log.holdsSegments = true

        bench.runRound()
        #expect(bench.log.segmentCount == 2)
        bench.log.holdsSegments = false
        bench.store.tick(now: bench.clock.now)
        bench.settle()

        #expect(bench.log.segmentCount == 1)
    }

    @Test
    func `while segments are held, old records that come in do not roll the active one`() throws {
        let bench = try RetentionBench(segmentBytes: 100_000) {
            $0.retentionMilliseconds = Self.day
        }
        try bench.append(age: 9 * Self.day)
        bench.settle()
        bench.log.holdsSegments = true
        bench.runRound()

        for _ in 0..<5 {
            try bench.append(age: 9 * Self.day)
            bench.settle()
            bench.clock.advance(by: 100)
            bench.store.tick(now: bench.clock.now)
            bench.settle()
        }

        #expect(bench.log.segmentCount == 1)
        bench.log.holdsSegments = false
        bench.store.tick(now: bench.clock.now)
        bench.settle()
        #expect(bench.log.logStartOffset == Offset(6))
    }

    @Test
    func `a log that is given old records all the time does not keep the others from their turn`()
        throws
    {
        let bench = try RetentionBench { $0.retentionMilliseconds = Self.day }
        let second = try bench.store.createLog(
            folder: "/data/orders-1", topicID: TopicID(high: 1, low: 2),
            settings: bench.log.settings, leaderEpoch: LogBench.epoch, now: bench.clock.now)
        let old = TestBatch.make(timestamps: [bench.clock.now.rawValue - 9 * Self.day])
        let header = try TestBatch.header(old)
        for log in [bench.log, second] {
            try log.append(
                header, bytes: [OwnedBytes(old)], leaderEpoch: LogBench.epoch, now: bench.clock.now)
        }
        bench.settle()
        var seen = Offset.zero
        var appended = 0
        bench.log.onProgress = { log in
            guard log.logStartOffset > seen, appended < 50 else { return }
            seen = log.logStartOffset
            appended += 1
            _ = try? log.append(
                header, bytes: [OwnedBytes(old)], leaderEpoch: LogBench.epoch, now: bench.clock.now)
        }

        bench.runRound()

        #expect(appended == 1)
        #expect(second.logStartOffset == Offset(1))
        #expect(second.segmentCount == 1)
    }

    @Test
    func `a deleted and recreated log is not touched by what was under way for the old one`()
        throws
    {
        let bench = try RetentionBench(
            disk: SimulatedDisk(seed: 3)
        ) { $0.retentionMilliseconds = Self.day }
        for age in [9, 8, 0] as [Int64] { try bench.append(valueBytes: 900, age: age * Self.day) }
        bench.settle()
        bench.clock.advance(by: bench.store.settings.retentionCheckMilliseconds)
        bench.store.tick(now: bench.clock.now)
        bench.clock.advance(by: 30_000)
        bench.store.tick(now: bench.clock.now)

        try bench.store.deleteLog(bench.log)
        bench.bench.log = try bench.store.createLog(
            folder: LogBench.folder, topicID: TopicID(high: 8, low: 8), settings: LogSettings(),
            leaderEpoch: LogBench.epoch, now: bench.clock.now)
        try bench.append()
        bench.settle()
        for _ in 0..<5 { bench.runRound() }

        #expect(bench.log.logStartOffset == .zero)
        #expect(try bench.names(".log") == ["00000000000000000000.log"])
        #expect(try bench.bench.headers(in: bench.bench.readAll()).count == 1)
    }
}
