import Disk
import Records
import Simulation
import Testing
import Vocabulary

@testable import SegmentStore

/// Cuts the power after every operation of a round of retention and of a moved start.
struct RetentionCrashTests {
    private final class Model {
        /// The start that the host's checkpoint names.
        var checkpoint = Offset.zero
        /// The start as readers saw it last.
        var seen = Offset.zero
        var batches: [[UInt8]] = []
        var durableEnd = Offset.zero
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `whatever a power cut leaves of a deletion opens without a gap and with all that is kept`(
        _ seed: UInt64
    ) throws {
        let simulated = SimulatedDisk(seed: seed)
        let disk = CrashingDisk(simulated)
        let model = Model()
        var random = SeededRandom(seed: seed ^ 0xDE1E7E)
        var tried = 0
        var starts: Set<Offset> = []
        let (store, log) = try Self.fill(disk, model, seed: seed)
        disk.afterOperation = {
            tried += 1
            let place = "seed \(seed), operation \(tried)"
            if let start = Self.check(simulated.crash(seed: random.next()), model, place) {
                starts.insert(start)
            }
        }

        var now = Timestamp(1_000_000 + 10 * RetentionBench.day)
        for step in 0..<6 {
            switch step {
            case 1:
                // Within a segment, as DeleteRecords may: the checkpoint comes before the answer.
                model.seen = log.logStartOffset + 1
                try log.advanceStart(to: model.seen)
                model.checkpoint = model.seen
            case 2: log.settings.retentionBytes = 2_000
            case 4: log.settings.retentionMilliseconds = RetentionBench.day
            default: break
            }
            now = now + store.settings.retentionCheckMilliseconds
            for _ in 0..<30 {
                store.tick(now: now)
                store.commit()
                while disk.inFlight > 0 {
                    disk.wait()
                    store.drain()
                }
                model.seen = max(model.seen, log.logStartOffset)
                now = now + 5_000
            }
        }
        #expect(log.logStartOffset == log.logEnd)
        #expect(log.segmentCount == 1)
        store.close(now: now)

        #expect(tried > 60)
        #expect(starts.count > 4, "deletions were seen half-way")
    }

    private static func fill(
        _ disk: CrashingDisk, _ model: Model, seed: UInt64
    ) throws -> (Store, Log) {
        var random = SeededRandom(seed: seed)
        var settings = LogSettings()
        settings.segmentBytes = 700
        settings.retentionBytes = 4_000
        settings.fileDeleteDelayMilliseconds = 20_000
        let now = Timestamp(1_000_000)
        _ = try disk.perform(.createFolder(path: "/data"))
        _ = try disk.perform(.syncFolder(path: "/"))
        let store = Store(disk: disk)
        let log = try store.createLog(
            folder: LogBench.folder, topicID: TopicID(high: 1, low: 2), settings: settings,
            leaderEpoch: LogBench.epoch, now: now)
        for tag in 0..<40 {
            let batch = TestBatch.make(
                valueBytes: Int.random(in: 0...400, using: &random), tag: tag,
                producer: (id: 5, epoch: 0, sequence: Int32(tag)))
            model.batches.append(batch)
            try log.append(
                TestBatch.header(batch), bytes: [OwnedBytes(batch)], leaderEpoch: LogBench.epoch,
                now: now)
        }
        store.commit()
        while disk.inFlight > 0 {
            disk.wait()
            store.drain()
        }
        model.durableEnd = log.durableEnd
        #expect(model.durableEnd == Offset(40))
        return (store, log)
    }

    /// Returns where the log begins.
    private static func check(
        _ disk: SimulatedDisk, _ model: Model, _ place: String
    ) -> Offset? {
        do {
            let bench = try LogBench(
                opening: disk,
                hint: OpenHint(
                    cleanShutdown: false, recoveryPoint: model.durableEnd,
                    logStartOffset: model.checkpoint,
                    newLeaderEpochAfterUnclean: LogBench.epoch.next))
            let log = bench.log
            #expect(log.logEnd == model.durableEnd, "\(place)")
            #expect(log.logStartOffset >= model.checkpoint, "\(place)")
            // The round moves the start first, what readers see of it comes after.
            let headers = try bench.headers(in: bench.readAll())
            let first = Int(log.logStartOffset.rawValue)
            #expect(headers.map(\.baseOffset) == (first..<40).map { Offset(Int64($0)) }, "\(place)")
            for header in headers {
                #expect(
                    header.crc
                        == (try TestBatch.header(model.batches[Int(header.baseOffset.rawValue)]))
                        .crc, "\(place)")
            }
            #expect(
                try disk.list(LogBench.folder).allSatisfy { !$0.name.hasSuffix(".deleted") },
                "\(place)")
            let next = TestBatch.make(producer: (id: 5, epoch: 0, sequence: 40))
            #expect(
                try log.check(TestBatch.header(next), now: bench.now) == .inOrder, "\(place)")
            let range = try log.append(
                TestBatch.header(next), bytes: [OwnedBytes(next)],
                leaderEpoch: LogBench.epoch.next, now: bench.now)
            #expect(range.base == Offset(40), "\(place)")
            return log.logStartOffset
        } catch {
            Issue.record("\(place): \(error)")
            return nil
        }
    }
}
