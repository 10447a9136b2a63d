import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

/// Cuts the power after every k-th disk operation of compactions and opens what is left.
struct CompactionCrashTests {
    private static let now = Timestamp(1_000_000)

    @Test(arguments: 0..<9 as Range<UInt64>)
    func `a power cut at any operation of a compaction loses no key's last value`(
        _ seed: UInt64
    ) throws {
        let simulated = SimulatedDisk(seed: seed)
        let disk = CrashingDisk(simulated)
        var random = SeededRandom(seed: seed ^ 0xC1EA4)
        var cuts = SeededRandom(seed: seed ^ 0xBEEF)
        var history = KeyedHistory()
        var durableEnd = Offset.zero
        var isCompacting = false
        var operations = 0
        var tried = 0
        disk.afterOperation = {
            guard isCompacting else { return }
            operations += 1
            guard operations % 9 == Int(seed) else { return }
            tried += 1
            Self.check(
                simulated.crash(seed: cuts.next()), history, durableEnd, operations,
                "seed \(seed), operation \(operations)")
        }
        let store = Store(disk: disk)
        _ = try disk.perform(.createFolder(path: "/data"))
        _ = try disk.perform(.syncFolder(path: "/"))
        let settings = CompactionBench.settings(segmentBytes: 1_200)
        let log = try store.createLog(
            folder: LogBench.folder, topicID: TopicID(high: 1, low: 2), settings: settings,
            leaderEpoch: LogBench.epoch, now: Self.now)

        for round in 0..<3 {
            let now = Self.now + Int64(round) * 9_000
            for _ in 0..<16 {
                let records = random.keyedRecords()
                let batch = keyedBatch(records, at: now)
                let range = try log.append(
                    TestBatch.header(batch), bytes: [OwnedBytes(batch)],
                    leaderEpoch: LogBench.epoch, now: now)
                history.append(records, at: range, now: now, retention: 10_000)
            }
            settle(store, disk)
            durableEnd = log.durableEnd
            isCompacting = true
            try store.compact(log, now: now)
            settle(store, disk)
            isCompacting = false
        }

        #expect(tried > 20)
        #expect(log.segmentCount > 3)
    }

    private func keyedBatch(
        _ records: [(key: String?, value: String?)], at now: Timestamp
    ) -> [UInt8] {
        var builder = BatchBuilder()
        for record in records {
            builder.append(
                key: record.key.map { Array($0.utf8) }, value: record.value.map { Array($0.utf8) },
                timestamp: now)
        }
        return builder.build()
    }

    private func settle(_ store: Store, _ disk: any Disk) {
        store.commit()
        while disk.inFlight > 0 {
            disk.wait()
            store.drain()
        }
    }

    private static func check(
        _ disk: SimulatedDisk, _ history: KeyedHistory, _ end: Offset, _ operation: Int,
        _ place: String
    ) {
        do {
            let now = Self.now + 18_000
            let bench = try CompactionBench(
                opening: disk, settings: CompactionBench.settings(segmentBytes: 1_200),
                hint: OpenHint(
                    cleanShutdown: false, recoveryPoint: operation.isMultiple(of: 2) ? end : .zero))
            #expect(bench.log.logEnd == end, "\(place)")
            history.check(try bench.entries(), cleanedEnd: nil, end: end, now: now, place)
            let leftovers = try bench.bench.names().filter { name in
                [".swap", ".cleaned", ".deleted"].contains { name.hasSuffix($0) }
            }
            #expect(leftovers.isEmpty, "\(place)")

            bench.bench.now = now
            try bench.compact()

            var compacted = history
            compacted.compacted(to: bench.log.cleanedEnd)
            compacted.check(
                try bench.entries(), cleanedEnd: bench.log.cleanedEnd, end: end, now: now,
                "\(place), compacted again")
        } catch {
            Issue.record("\(place): \(error)")
        }
    }
}
