import Disk
import Records
import Simulation
import Testing
import Vocabulary

@testable import SegmentStore

/// Moving a log's start, within a segment and over segments.
struct LogStartTests {
    private func bench() throws -> RetentionBench {
        let bench = try RetentionBench { _ in }
        for _ in 0..<10 { try bench.append(valueBytes: 400) }
        bench.settle()
        return bench
    }

    @Test
    func `what lies below the start cannot be read, nor found by time`() throws {
        let bench = try bench()
        let all = try bench.bench.headers(in: bench.bench.readAll())

        try bench.log.advanceStart(to: Offset(5))

        #expect(bench.log.logStartOffset == Offset(5))
        #expect(throws: StoreError.offsetOutOfRange(Offset(4), start: Offset(5), end: Offset(10))) {
            try bench.log.read(from: Offset(4), upTo: Offset(10), maxBytes: 1, minOneBatch: true)
        }
        let left = try bench.bench.headers(in: bench.bench.readAll())
        #expect(left == Array(all[5...]))
        let found = try bench.log.lookup(timestamp: Timestamp(0), upTo: Offset(10))
        #expect(found?.offset == Offset(5))
    }

    @Test
    func `segments wholly below the start go with the next tick, whatever the policy`() throws {
        let bench = try bench()
        bench.log.settings.deletesOldSegments = false
        let bases = bench.log.segments.map(\.baseOffset)
        #expect(bases == [0, 2, 4, 6, 8].map { Offset($0) })

        try bench.log.advanceStart(to: Offset(5))
        bench.store.tick(now: bench.clock.now)
        bench.settle()

        #expect(bench.log.segments.map(\.baseOffset) == [4, 6, 8].map { Offset($0) })
        #expect(bench.log.logStartOffset == Offset(5))
    }

    @Test
    func `the start moves up only, and not beyond what was written`() throws {
        let bench = try bench()
        try bench.log.advanceStart(to: Offset(6))

        try bench.log.advanceStart(to: Offset(3))
        #expect(bench.log.logStartOffset == Offset(6))
        #expect(throws: StoreError.offsetOutOfRange(Offset(11), start: Offset(6), end: Offset(10)))
        {
            try bench.log.advanceStart(to: Offset(11))
        }
        #expect(bench.log.logStartOffset == Offset(6))

        try bench.log.advanceStart(to: Offset(10))
        #expect(bench.log.logStartOffset == Offset(10))
        try bench.append()
        bench.settle()
        #expect(
            try bench.bench.headers(in: bench.bench.readAll()).map(\.baseOffset) == [Offset(10)])
    }

    @Test
    func `a new start asks for the checkpoint, which makes it last`() throws {
        let bench = try bench()
        var asked = 0
        bench.store.onRecoveryPoint = { _ in asked += 1 }

        try bench.log.advanceStart(to: Offset(5))
        bench.settle()

        #expect(asked == 1)
        for seed in 0..<10 as Range<UInt64> {
            let reopened = try LogBench(
                opening: bench.bench.disk.crash(seed: seed), hint: bench.bench.hint(clean: false))
            #expect(reopened.log.logStartOffset == Offset(5))
            #expect(reopened.log.leaderEpoch(at: Offset(4)) == nil)
            #expect(reopened.log.leaderEpoch(at: Offset(5)) == LogBench.epoch)
        }
    }

    @Test
    func `a log whose end a power cut took goes on at its start`() throws {
        let bench = try RetentionBench(disk: SimulatedDisk(seed: 1)) { $0.durability = .os }
        for _ in 0..<3 { try bench.append() }
        bench.settle()
        #expect(bench.log.durableEnd == .zero)
        try bench.log.advanceStart(to: Offset(3))
        bench.settle()

        for seed in 0..<20 as Range<UInt64> {
            let reopened = try LogBench(
                opening: bench.bench.disk.crash(seed: seed), hint: bench.bench.hint(clean: false))
            #expect(reopened.log.logStartOffset == Offset(3))
            #expect(reopened.log.logEnd == Offset(3))
            let batch = TestBatch.make()
            try reopened.log.append(
                TestBatch.header(batch), bytes: [OwnedBytes(batch)],
                leaderEpoch: LogBench.epoch.next, now: reopened.now)
            reopened.settle()
            #expect(try reopened.headers(in: reopened.readAll()).map(\.baseOffset) == [Offset(3)])
        }
    }

    @Test
    func `a closed log's start does not move`() throws {
        let bench = try bench()
        bench.store.close(now: bench.clock.now)

        #expect(throws: StoreError.closed(path: LogBench.folder)) {
            try bench.log.advanceStart(to: Offset(5))
        }
        #expect(throws: StoreError.closed(path: LogBench.folder)) { try bench.log.byteCount }
    }

    @Test
    func `the byte count is that of the files, also of segments never opened`() throws {
        let bench = try bench()
        let expected = try bench.bench.readAll().count
        #expect(try bench.log.byteCount == expected)
        bench.store.close(now: bench.clock.now)

        let reopened = try LogBench(
            opening: bench.bench.disk, hint: bench.bench.hint(clean: true))

        #expect(try reopened.log.byteCount == expected)
        try reopened.log.advanceStart(to: Offset(4))
        #expect(try reopened.log.byteCount == reopened.readAll().count)
    }
}
