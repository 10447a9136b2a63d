import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

/// Cuts the power after every k-th disk operation of a log's whole life and opens what is left.
struct CrashPointTests {
    private static let folder = LogBench.folder

    /// What must be true of whatever a crash leaves, told by the run as it goes on.
    private final class Model {
        var batches: [[UInt8]] = []
        var acknowledged: Int64 = 0
        /// While a cut is under way any end between the two is right.
        var cutTo: Int64?
        var mustExist = false
        var mayBeGone = false
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func `whatever a power cut leaves after any operation opens with all that was acknowledged`(
        _ seed: UInt64
    ) throws {
        let simulated = SimulatedDisk(seed: seed)
        let disk = CrashingDisk(simulated)
        let model = Model()
        var random = SeededRandom(seed: seed ^ 0xC0FFEE)
        var operations = 0
        var tried = 0
        disk.afterOperation = {
            operations += 1
            guard operations % 5 == Int(seed % 5) else { return }
            tried += 1
            Self.check(simulated.crash(seed: random.next()), model, seed, operations)
        }

        try live(on: disk, model, seed: seed)

        #expect(tried > 20)
    }

    private func live(on disk: CrashingDisk, _ model: Model, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var settings = LogSettings()
        settings.segmentBytes = 3_000
        let now = Timestamp(1_000_000)
        _ = try disk.perform(.createFolder(path: "/data"))
        _ = try disk.perform(.syncFolder(path: "/"))
        let store = Store(disk: disk)
        let log = try store.createLog(
            folder: Self.folder, topicID: TopicID(high: 1, low: 2), settings: settings,
            leaderEpoch: LogBench.epoch, now: now)
        model.mustExist = true
        log.onProgress = { model.acknowledged = $0.durableEnd.rawValue }

        for tag in 0..<30 {
            let batch = TestBatch.make(
                valueBytes: Int.random(in: 0...900, using: &random), tag: tag,
                producer: (id: 5, epoch: 0, sequence: Int32(tag)))
            model.batches.append(batch)
            try log.append(
                TestBatch.header(batch), bytes: [OwnedBytes(batch)], leaderEpoch: LogBench.epoch,
                now: now)
            if random.chance(oneIn: 3) { store.commit() }
            if random.chance(oneIn: 3) { store.drain() }
        }
        store.commit()
        while disk.inFlight > 0 {
            disk.wait()
            store.drain()
        }
        #expect(model.acknowledged == 30)
        model.cutTo = 11
        model.acknowledged = 11
        try log.truncate(to: Offset(11))
        model.batches.removeLast(19)
        model.cutTo = nil
        store.close(now: now)

        let last = Store(disk: disk)
        let reopened = try last.openLog(
            folder: Self.folder, settings: settings,
            hint: OpenHint(cleanShutdown: true, recoveryPoint: Offset(11)), now: now)
        #expect(reopened.logEnd == Offset(11))
        model.mayBeGone = true
        try last.deleteLog(reopened)
        model.mustExist = false
        last.close(now: now)
    }

    private static func check(
        _ disk: SimulatedDisk, _ model: Model, _ seed: UInt64, _ operation: Int
    ) {
        let place = "seed \(seed), operation \(operation)"
        do {
            guard try disk.list("/").contains(where: { $0.name == "data" }) else {
                #expect(!model.mustExist, "\(place): the data folder is gone")
                return
            }
            let names = try disk.list("/data").map(\.name)
            guard names.contains("orders-0") else {
                #expect(!model.mustExist || model.mayBeGone, "\(place): the log is gone")
                #expect(names.allSatisfy(Store.isDeletionName), "\(place)")
                let store = Store(disk: disk)
                try store.finishDeletions(in: "/data")
                store.close(now: Timestamp(1))
                #expect(try disk.list("/data").isEmpty, "\(place)")
                return
            }
            guard model.mustExist || model.acknowledged > 0 else {
                // A half-made folder is taken over by the next attempt.
                _ = try LogBench(disk: disk)
                return
            }
            let bench = try LogBench(
                opening: disk, hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))
            let end = bench.log.logEnd.rawValue
            #expect(end >= model.acknowledged, "\(place)")
            let bytes = try bench.readAll()
            var position = 0
            for (index, header) in try bench.headers(in: bytes).enumerated() {
                #expect(header.baseOffset == Offset(Int64(index)), "\(place)")
                let expected = model.batches[index]
                let found = bytes[position..<position + header.byteCount]
                #expect(found.dropFirst(16) == expected[16...], "\(place), batch \(index)")
                position += header.byteCount
            }
            try checkProducer(bench, end: end, place)
        } catch {
            Issue.record("\(place): \(error)")
        }
    }

    /// The last five batches are recognized, the next one is in order.
    private static func checkProducer(_ bench: LogBench, end: Int64, _ place: String) throws {
        for age in 1...5 where end >= age {
            let sent = TestBatch.make(
                producer: (id: 5, epoch: 0, sequence: Int32(end - Int64(age))))
            let check = try bench.log.check(TestBatch.header(sent), now: bench.now)
            let offset = Offset(end - Int64(age))
            #expect(check == .duplicate(baseOffset: offset, lastOffset: offset), "\(place)")
        }
        let next = TestBatch.make(producer: (id: 5, epoch: 0, sequence: Int32(end)))
        #expect(try bench.log.check(TestBatch.header(next), now: bench.now) == .inOrder, "\(place)")
        try bench.append(next)
    }
}
