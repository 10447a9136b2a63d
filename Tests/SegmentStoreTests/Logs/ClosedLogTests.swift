import Disk
import Simulation
import Testing
import Vocabulary

@testable import SegmentStore

/// A log that was closed changes nothing of what comes after it.
struct ClosedLogTests {
    @Test
    func `a deleted log enters no epoch in the folder of the next one of its name`() throws {
        let bench = try LogBench()
        try bench.append(TestBatch.make())
        bench.settle()
        let old = bench.log
        try bench.store.deleteLog(old)
        bench.log = try bench.store.createLog(
            folder: LogBench.folder, topicID: TopicID(high: 8, low: 8), settings: LogSettings(),
            leaderEpoch: LogBench.epoch, now: bench.now)

        let refused = StoreError.closed(path: LogBench.folder)
        #expect(throws: refused) { try old.updateLeaderEpoch(LeaderEpoch(9)) }

        let epochs = try LeaderEpochCheckpoint.read(on: bench.disk, folder: LogBench.folder)
        #expect(epochs.latestEpoch == LogBench.epoch)
    }
}
