import Disk
import Records
@testable import SegmentStore
import Simulation
import Testing
import Vocabulary

/// Snapshots of the producers that are taken between rolls.
struct RecoveryHelpTests {
    /// A log of one segment whose recovery point moves every few KiB, and a producer.
    private func growing(batches: Int, seed: UInt64 = 1) throws -> LogBench {
        var store = StoreSettings()
        store.recoveryPointBytes = 8_000
        let bench = try LogBench(disk: SimulatedDisk(seed: seed), store: store)
        for tag in 0..<batches {
            try bench.append(
                TestBatch.make(
                    valueBytes: 500, tag: tag, producer: (id: 5, epoch: 0, sequence: Int32(tag))))
            if tag.isMultiple(of: 3) { bench.settle() }
        }
        return bench
    }

    private func snapshots(on disk: SimulatedDisk) throws -> [Offset] {
        try disk.list(LogBench.folder).compactMap { ProducerSnapshot.offset(ofName: $0.name) }
    }

    @Test
    func `while a log grows there is one snapshot of its producers near its end`() throws {
        let bench = try growing(batches: 200)

        let found = try snapshots(on: bench.disk)

        #expect(found.count == 1)
        #expect(try #require(found.first) > Offset(150))
        #expect(try #require(found.first) <= bench.log.recoveryPoint)
    }

    @Test
    func `a snapshot that knows of batches that were cut back is not written`() throws {
        var store = StoreSettings()
        store.inlineDirtyBound = 0
        let bench = try LogBench(store: store)
        bench.disk.inject(DiskFault("write", pathPart: ".log", code: DiskError.noSpace))
        try bench.append(TestBatch.make(producer: (id: 5, epoch: 0, sequence: 0)))
        bench.log.saveRecoveryHelp()
        try #require(bench.log.awaitedSnapshot?.end == Offset(1))

        bench.settle()
        try bench.append(TestBatch.make(tag: 1))
        bench.settle()

        #expect(bench.log.durableEnd == Offset(1))
        #expect(try !snapshots(on: bench.disk).contains(Offset(1)))
    }

    @Test
    func `a deleted log writes no snapshot into the folder of one that took its name`() throws {
        let bench = try LogBench()
        try bench.append(TestBatch.make(producer: (id: 5, epoch: 0, sequence: 0)))
        bench.log.saveRecoveryHelp()
        bench.store.commit()
        try #require(bench.log.awaitedSnapshot?.end == Offset(1))

        // Waits for the sync that makes the snapshot right.
        try bench.store.deleteLog(bench.log)
        bench.log = try bench.store.createLog(
            folder: LogBench.folder, topicID: TopicID(high: 3, low: 4), settings: LogSettings(),
            leaderEpoch: LogBench.epoch, now: bench.now)
        bench.settle()

        #expect(try snapshots(on: bench.disk).isEmpty)
    }

    @Test
    func `a roll's snapshot stays when the next one is written`() throws {
        let bench = try growing(batches: 100)
        try bench.log.roll(now: bench.now)
        let base = bench.log.logEnd
        for tag in 100..<200 {
            try bench.append(
                TestBatch.make(
                    valueBytes: 500, tag: tag, producer: (id: 5, epoch: 0, sequence: Int32(tag))))
            bench.settle()
        }

        let found = try snapshots(on: bench.disk).sorted()

        #expect(found.count == 2)
        #expect(found.first == base)
    }

    @Test(arguments: 0..<30 as Range<UInt64>, [true, false])
    func `after a crash the producers are what the batches say, whatever is left of a snapshot`(
        _ seed: UInt64, losesPower: Bool
    ) throws {
        let bench = try growing(batches: 90, seed: seed)
        let point = bench.log.recoveryPoint
        let kept = losesPower ? bench.disk.crash(seed: seed) : bench.disk.kill(seed: seed)
        let anew = kept.kill(seed: 1)
        for offset in try snapshots(on: anew) {
            _ = try anew.perform(
                .removeFile(path: "\(LogBench.folder)/\(ProducerSnapshot.name(at: offset))"))
        }
        let hint = OpenHint(cleanShutdown: false, recoveryPoint: point)

        let helped = try LogBench(opening: kept, hint: hint)
        let unhelped = try LogBench(opening: anew, hint: hint)

        #expect(helped.log.logEnd == unhelped.log.logEnd)
        #expect(helped.log.logEnd >= point)
        #expect(helped.log.producers.snapshot == unhelped.log.producers.snapshot)
        let end = helped.log.logEnd.rawValue
        for age in 1...5 as ClosedRange<Int64> {
            let sent = TestBatch.make(producer: (id: 5, epoch: 0, sequence: Int32(end - age)))
            let check = try helped.log.check(TestBatch.header(sent), now: helped.now)
            #expect(
                check == .duplicate(baseOffset: Offset(end - age), lastOffset: Offset(end - age)))
        }
    }
}
