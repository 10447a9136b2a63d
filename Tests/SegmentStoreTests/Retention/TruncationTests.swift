import Disk
import Records
import Simulation
import Testing
import Vocabulary

@testable import SegmentStore

/// Cutting a log back to where it agrees with its leader, or to nothing.
struct TruncationTests {
    /// A log with as many one-record batches of each epoch.
    private func bench(_ epochs: [(Int32, Int)], segmentBytes: Int = 1_000) throws -> LogBench {
        var settings = LogSettings()
        settings.segmentBytes = segmentBytes
        let disk = SimulatedDisk(seed: 1, settings: SimulatedDiskSettings(reorders: false))
        _ = try disk.perform(.createFolder(path: "/data"))
        _ = try disk.perform(.syncFolder(path: "/"))
        let store = Store(disk: disk)
        _ = try store.createLog(
            folder: LogBench.folder, topicID: TopicID(high: 1, low: 2), settings: settings,
            leaderEpoch: .zero, now: Timestamp(1))
        store.close(now: Timestamp(1))
        let bench = try LogBench(
            opening: disk, settings: settings,
            hint: OpenHint(cleanShutdown: true, recoveryPoint: .zero))
        for (epoch, count) in epochs {
            for _ in 0..<count {
                let batch = TestBatch.make()
                try bench.log.append(
                    TestBatch.header(batch), bytes: [OwnedBytes(batch)],
                    leaderEpoch: LeaderEpoch(epoch), now: bench.now)
            }
        }
        bench.settle()
        return bench
    }

    @Test(arguments: [
        // Both know the epoch: what both have of it.
        (Int32(2), Int64(7), Int64(7), true),
        (2, 5, 5, true),
        (2, 99, 9, true),
        (4, 20, 12, true),
        // The leader's epoch is unknown here: what is there of earlier ones, and ask again.
        (3, 10, 9, false),
        (1, 3, 4, false),
        // Later than all we know: the leader's end.
        (9, 10, 10, true),
    ])
    func `a follower keeps what both have`(
        _ epoch: Int32, _ end: Int64, _ expected: Int64, _ isFinal: Bool
    ) throws {
        // Epoch 0 at 0, epoch 2 at 4, epoch 4 at 9, end 12.
        let bench = try bench([(0, 4), (2, 5), (4, 3)])

        let point = bench.log.truncationPoint(
            leaderEpoch: LeaderEpoch(epoch), endOffset: Offset(end))
        let agrees = try bench.log.truncate(
            toEpoch: LeaderEpoch(epoch), endOffset: Offset(end))

        #expect(point == TruncationPoint(offset: Offset(expected), isFinal: isFinal))
        #expect(agrees == isFinal)
        #expect(bench.log.logEnd == Offset(expected))
    }

    @Test
    func `a segment that was closed unsynced and is cut has no mark left`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_000
        settings.durability = .os
        let bench = try LogBench(settings: settings)
        for tag in 0..<5 { try bench.append(TestBatch.make(valueBytes: 400, tag: tag)) }
        try #require(try bench.names().contains { $0.hasSuffix(".unsynced") })

        try bench.log.truncate(to: Offset(1))

        #expect(bench.log.segments.allSatisfy { !$0.isUnsynced })
        #expect(try !bench.names().contains { $0.hasSuffix(".unsynced") })
    }

    @Test(arguments: [0, 1, 500] as [Int64])
    func `a log that gives everything up has no mark left either`(_ start: Int64) throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_000
        settings.durability = .os
        let bench = try LogBench(settings: settings)
        for tag in 0..<9 { try bench.append(TestBatch.make(valueBytes: 400, tag: tag)) }
        try #require(try bench.names().count { $0.hasSuffix(".unsynced") } > 1)

        try bench.log.truncateFully(startAt: Offset(start), now: bench.now)

        #expect(try !bench.names().contains { $0.hasSuffix(".unsynced") })
        // Nor does one come back with a power cut.
        let disk = bench.disk.crash(seed: 1)
        #expect(
            try !disk.list(LogBench.folder).contains { $0.name.hasSuffix(".unsynced") })
    }

    @Test
    func `an epoch before all that is known cuts to where the log's epochs begin`() throws {
        let bench = try bench([(0, 4), (2, 5)])
        try bench.log.advanceStart(to: Offset(6))

        let point = bench.log.truncationPoint(leaderEpoch: LeaderEpoch(1), endOffset: Offset(8))

        #expect(point == TruncationPoint(offset: Offset(6), isFinal: true))
    }

    @Test
    func `repeated questions lead two logs that parted to the same records`() throws {
        for seed in 0..<40 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let common = [(Int32(0), Int.random(in: 0...3, using: &random)), (1, 2)]
            var epochs: [[(Int32, Int)]] = [[], []]
            for epoch in 2...6 as ClosedRange<Int32> {
                // An epoch has one leader: only one of the two wrote in it.
                epochs[Int.random(in: 0...1, using: &random)]
                    .append((epoch, Int.random(in: 1...3, using: &random)))
            }
            epochs[0].append((7, 1))
            let leader = try bench(common + epochs[0])
            let follower = try bench(common + epochs[1])

            var isDone = false
            var questions = 0
            while !isDone {
                questions += 1
                let latest = try #require(follower.log.latestEpoch)
                let answer = try #require(leader.log.epochEnd(for: latest))
                isDone = try follower.log.truncate(
                    toEpoch: answer.epoch, endOffset: answer.endOffset)
                try #require(questions < 10, "seed \(seed)")
            }

            let end = follower.log.logEnd
            let kept = try follower.headers(in: follower.readAll())
            let leading = try leader.headers(in: leader.readAll(upTo: end))
            #expect(
                kept.map(\.leaderEpoch) == leading.map(\.leaderEpoch), "seed \(seed)")
            #expect(end.rawValue == Int64(common[0].1 + 2), "seed \(seed)")
        }
    }

    @Test(arguments: [0, 5, 12, 500] as [Int64])
    func `a log that gives everything up goes on at any offset`(_ start: Int64) throws {
        let bench = try bench([(0, 4), (2, 8)])
        #expect(bench.log.segmentCount > 1)

        try bench.log.truncateFully(startAt: Offset(start), now: bench.now)
        bench.settle()

        #expect(bench.log.logStartOffset == Offset(start))
        #expect(bench.log.logEnd == Offset(start))
        #expect(bench.log.latestEpoch == nil)
        #expect(bench.log.producerCount == 0)
        #expect(try bench.names().filter { $0.hasSuffix(".log") }.count == 1)
        #expect(try bench.append(TestBatch.make()).base == Offset(start))
        bench.settle()
        for seed in 0..<10 as Range<UInt64> {
            let reopened = try LogBench(
                opening: bench.disk.crash(seed: seed), hint: bench.hint(clean: false))
            #expect(reopened.log.logStartOffset == Offset(start))
            #expect(reopened.log.logEnd == Offset(start + 1))
        }
    }

    @Test
    func `a cut below the log's first segment starts it there`() throws {
        let bench = try bench([(0, 12)])
        try bench.log.advanceStart(to: Offset(9))
        bench.store.tick(now: bench.now)
        bench.settle()
        #expect(bench.log.segments[0].baseOffset > Offset(3))

        try bench.log.truncate(to: Offset(3))

        #expect(bench.log.logStartOffset == Offset(3))
        #expect(bench.log.logEnd == Offset(3))
    }

    @Test
    func `a cut below the start but within a segment takes the start along`() throws {
        let bench = try bench([(0, 12)], segmentBytes: 1 << 20)
        try bench.log.advanceStart(to: Offset(9))

        try bench.log.truncate(to: Offset(5))

        #expect(bench.log.logStartOffset == Offset(5))
        #expect(bench.log.logEnd == Offset(5))
    }

    @Test
    func `a log cut to its start goes on behind the epoch of the deleted records`() throws {
        let bench = try bench([(2, 6), (4, 3)], segmentBytes: 1 << 20)
        try bench.log.advanceStart(to: Offset(5))

        try bench.log.truncate(to: Offset(5))

        #expect(bench.log.latestEpoch == LeaderEpoch(2))
        #expect(bench.log.leaderEpoch(at: Offset(4)) == nil)
        #expect(bench.log.epochEnd(for: .zero)?.endOffset == Offset(5))
        #expect(
            try LeaderEpochCheckpoint.read(on: bench.disk, folder: LogBench.folder).latestEpoch
                == LeaderEpoch(2))
    }

    @Test
    func `a start that a crash takes back finds its epochs`() throws {
        let bench = try bench([(2, 3), (4, 3)], segmentBytes: 1 << 20)
        try bench.log.advanceStart(to: Offset(5))
        try bench.log.updateLeaderEpoch(LeaderEpoch(7))

        // The host had not made the new start durable.
        let reopened = try LogBench(
            opening: bench.disk.crash(seed: 1), settings: bench.log.settings,
            hint: OpenHint(cleanShutdown: false, recoveryPoint: Offset(6)))

        #expect(reopened.log.logStartOffset == .zero)
        #expect(reopened.log.leaderEpoch(at: Offset(2)) == LeaderEpoch(2))
        #expect(reopened.log.leaderEpoch(at: Offset(3)) == LeaderEpoch(4))
        #expect(reopened.log.latestEpoch == LeaderEpoch(7))
    }

    @Test
    func `a new segment that cannot be made fails the log whose records are gone`() throws {
        let bench = try bench([(0, 4)])
        bench.disk.inject(DiskFault("open", pathPart: "500.log", code: DiskError.noSpace))

        #expect(throws: StoreError.self) {
            try bench.log.truncateFully(startAt: Offset(500), now: bench.now)
        }

        #expect(bench.log.failure != nil)
        #expect(throws: StoreError.self) { try bench.append(TestBatch.make()) }
    }

    @Test(arguments: ["truncate", "sync", "removeFile", "write"], 0..<4)
    func `a cut that fails leaves no recovery point that calls it damage`(
        _ operation: String, _ skipping: Int
    ) throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_000
        let bench = try bench([(0, 12)])
        let before = bench.hint(clean: false)
        bench.disk.inject(
            DiskFault(operation, pathPart: LogBench.folder, skipping: skipping))

        _ = try? bench.log.truncate(to: Offset(2))

        for seed in 0..<10 as Range<UInt64> {
            for hint in [before, bench.hint(clean: false)] {
                let reopened = try LogBench(
                    opening: bench.disk.crash(seed: seed), settings: settings, hint: hint)
                #expect(reopened.log.logEnd >= Offset(2))
            }
        }
    }

    @Test(arguments: [1, 2])
    func `a checkpoint from before a cut does not make what was appended since durable`(
        _ cuts: Int
    ) throws {
        let bench = try bench([(0, 12)], segmentBytes: 1 << 20)
        let stale = bench.hint(clean: false)
        for cut in 0..<cuts {
            try bench.log.truncate(to: Offset(Int64(4 + cut)))
            try bench.append(TestBatch.make(tag: cut))
            try bench.append(TestBatch.make(tag: cut))
            bench.settle()
        }
        let durableEnd = bench.log.durableEnd
        for tag in 0..<12 { try bench.append(TestBatch.make(valueBytes: 2_000, tag: tag)) }

        var torn = 0
        for seed in 0..<40 as Range<UInt64> {
            let reopened = try LogBench(
                opening: bench.disk.crash(seed: seed), settings: bench.log.settings, hint: stale)
            #expect(reopened.log.logEnd >= durableEnd)
            let bytes = try reopened.readAll()
            var position = 0
            for header in try reopened.headers(in: bytes) {
                let batch = try bytes[position..<position + header.byteCount].withUnsafeBytes {
                    try BatchView(reading: $0).hasValidChecksum
                }
                #expect(batch, "seed \(seed): the batch at \(header.baseOffset)")
                position += header.byteCount
            }
            if reopened.log.openingNotices.contains(where: { $0.contains(": cut ") }) { torn += 1 }
        }
        #expect(torn > 0)
    }
}
