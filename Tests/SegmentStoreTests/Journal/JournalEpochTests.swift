import Disk
import Records
import Simulation
import Testing
import Vocabulary

@testable import SegmentStore

/// Journals of two runs that were found together, as when a partition was offline in between.
struct JournalEpochTests {
    private static let partition = PartitionIndex(0)

    /// A log with a batch that was synced, and one at offset 1 that only the journal made durable.
    private func run(journalID: UInt64, epoch: Int32, tag: Int) throws -> JournalBench {
        let bench = try JournalBench(logs: 1) { $0.journalID = journalID }
        try bench.warmUp()
        let batch = TestBatch.make(tag: tag)
        try bench.logs[0].append(
            TestBatch.header(batch), bytes: [OwnedBytes(batch)], leaderEpoch: LeaderEpoch(epoch),
            now: bench.now)
        bench.settle()
        return bench
    }

    /// Puts the journal of one run beside what another left.
    private func add(_ journal: JournalBench, to disk: SimulatedDisk) throws {
        let bytes = try journal.disk.readFile("/data/journal-0.1")
        let file = try disk.open("/data/journal-0.9", .createNew)
        try disk.write(file, at: .zero, [OwnedBytes(bytes)])
        try disk.close(file)
    }

    /// Which of the two is read first is left to chance: a journal's id is random.
    @Test(arguments: [(UInt64(1), UInt64(2)), (2, 1)])
    func `of two journaled batches at one offset that of the later leader epoch counts`(
        _ older: UInt64, _ newer: UInt64
    ) throws {
        let bench = try run(journalID: newer, epoch: 4, tag: 2)
        try add(try run(journalID: older, epoch: 3, tag: 1), to: bench.disk)

        let replay = try JournalReplay.read(folder: "/data", on: bench.disk)

        let batches = replay.batches(of: JournalBench.id, Self.partition)
        let batch = try #require(batches[Offset(1)])
        let header = try batch.bytes.withUnsafeBytes { try BatchHeader(reading: $0) }
        #expect(batches.count == 1)
        #expect(header.leaderEpoch == LeaderEpoch(4))
        let found = batch.bytes.withUnsafeBytes { Array($0.dropFirst(16)) }
        #expect(found == Array(TestBatch.make(tag: 2).dropFirst(16)))
    }

    @Test(arguments: [(false, Int64(2)), (true, 1)])
    func `a batch of an epoch that had ended at its offset is not written again`(
        _ hasEnded: Bool, _ end: Int64
    ) throws {
        let bench = try JournalBench(logs: 1)
        try bench.append(to: 0, TestBatch.make(tag: 9_999))
        bench.settle()
        // As every start after a crash does before the first append.
        if hasEnded { try bench.logs[0].updateLeaderEpoch(LeaderEpoch(4)) }
        let disk = bench.disk.crash(seed: 1)
        try add(try run(journalID: 5, epoch: 3, tag: 1), to: disk)

        let recovered = try JournalBench(recovering: disk)

        #expect(recovered.logs[0].logEnd == Offset(end))
    }
}
