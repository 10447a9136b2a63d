import Disk
@testable import SegmentStore
import Simulation
import Testing
import Vocabulary

/// Leader epochs after a crash.
struct EpochRecoveryTests {
    private static let path = "\(LogBench.folder)/00000000000000000000.log"

    @Test
    func `an unclean open enters its new leader epoch durably before anything is appended`() throws
    {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.settle()

        let reopened = try LogBench(
            opening: bench.disk.crash(seed: 3), hint: bench.hint(clean: false))
        let again = try LogBench(
            opening: reopened.disk.crash(seed: 4), hint: reopened.hint(clean: true))

        #expect(reopened.log.latestEpoch == LeaderEpoch(4))
        #expect(reopened.log.epochEnd(for: LogBench.epoch)?.endOffset == Offset(3))
        #expect(again.log.latestEpoch == LeaderEpoch(4))
        #expect(again.log.epochEnd(for: LogBench.epoch)?.endOffset == Offset(3))
    }

    @Test
    func `an unclean open never lowers the leader epoch, whatever its caller knew`() throws {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.settle()
        var hint = bench.hint(clean: false)
        hint.newLeaderEpochAfterUnclean = LeaderEpoch(1)

        let reopened = try LogBench(opening: bench.disk.crash(seed: 3), hint: hint)

        #expect(reopened.log.latestEpoch == LogBench.epoch.next)
        #expect(reopened.log.epochEnd(for: LogBench.epoch)?.endOffset == Offset(3))
    }

    @Test
    func `a leader epoch that no partition reaches does not count and is reported`() throws {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.settle()
        let size = TestBatch.make().count
        let disk = bench.disk.crash(seed: 3)
        disk.flip(bit: 6, at: FilePosition(Int64(size + 12)), of: Self.path)

        let reopened = try LogBench(
            opening: disk, hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))

        #expect(reopened.log.latestEpoch == LogBench.epoch)
        #expect(reopened.log.openingNotices.contains { $0.contains("leader epoch") })
    }

    @Test
    func `a log with the last leader epoch there is opens again and again`() throws {
        let bench = try LogBench()
        try bench.append(TestBatch.make())
        try bench.log.updateLeaderEpoch(LeaderEpoch(.max))
        bench.settle()
        var disk = bench.disk

        for seed in 0..<2 as Range<UInt64> {
            disk = disk.crash(seed: seed)
            let reopened = try LogBench(opening: disk, hint: bench.hint(clean: false))
            #expect(reopened.log.latestEpoch == LeaderEpoch(.max))
        }
    }
}
