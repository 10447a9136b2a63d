import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

/// Cuts the power after every k-th disk operation while several logs share a journal that goes
/// round, rolls, cuts and large batches among them, and opens what is left.
struct JournalCrashPointTests {
    private static let logCount = 3

    private final class Model {
        /// What each log was given, in its order: all but the 16 leading bytes.
        var batches = [[[UInt8]]](repeating: [], count: logCount)
        var acknowledged = [Int](repeating: 0, count: logCount)
        /// The log that is being cut: its contents from before are right too.
        var cutting: (index: Int, before: [[UInt8]])?
        var isReady = false
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `whatever a power cut leaves after any operation has all that was acknowledged`(
        _ seed: UInt64
    ) throws {
        let simulated = SimulatedDisk(seed: seed, settings: .init(traces: false))
        let disk = CrashingDisk(simulated)
        let model = Model()
        var random = SeededRandom(seed: seed ^ 0xBEEF)
        var operations = 0
        var tried = 0
        disk.afterOperation = {
            operations += 1
            guard model.isReady, operations % 11 == Int(seed % 11) else { return }
            tried += 1
            Self.check(
                simulated.crash(seed: random.next()), model, "seed \(seed), \(operations)")
        }

        try live(simulated, disk, model, seed: seed)

        #expect(tried > 40)
    }

    private func live(
        _ simulated: SimulatedDisk, _ disk: CrashingDisk, _ model: Model, seed: UInt64
    ) throws {
        var random = SeededRandom(seed: seed)
        let bench = try JournalBench(
            logs: Self.logCount, disk: simulated, on: disk, settings: Self.settings,
            journal: {
                $0.largestBatchBytes = 1_500
                $0.fileCount = 2
                $0.writesInFlight = 1 + Int(seed % 2)
            })
        model.isReady = true
        for (index, log) in bench.logs.enumerated() {
            log.onProgress = { model.acknowledged[index] = Int($0.durableEnd.rawValue) }
        }
        for tag in 0..<260 {
            let index = Int.random(in: 0..<Self.logCount, using: &random)
            let size =
                random.chance(oneIn: 9) ? 2_000 : Int.random(in: 0...700, using: &random)
            let batch = TestBatch.make(valueBytes: size, tag: tag)
            model.batches[index].append(Array(batch.dropFirst(16)))
            try bench.append(to: index, batch)
            if random.chance(oneIn: 3) { bench.store.commit() }
            if random.chance(oneIn: 3) { bench.store.drain() }
            if tag % 90 == 80 { try cut(1, of: bench, model) }
        }
        bench.settle()
        #expect(model.acknowledged == model.batches.map(\.count))
        bench.store.close(now: bench.now)
        Self.check(simulated.crash(seed: seed), model, "seed \(seed), closed")
    }

    /// Takes back the last third of a log.
    private func cut(_ index: Int, of bench: JournalBench, _ model: Model) throws {
        bench.settle()
        let end = model.batches[index].count * 2 / 3
        model.cutting = (index, model.batches[index])
        model.acknowledged[index] = end
        model.batches[index].removeLast(model.batches[index].count - end)
        try bench.logs[index].truncate(to: Offset(Int64(end)))
        model.cutting = nil
    }

    private static var settings: LogSettings {
        var settings = LogSettings()
        settings.segmentBytes = 9_000
        return settings
    }

    private static func check(_ disk: SimulatedDisk, _ model: Model, _ place: String) {
        do {
            let bench = try JournalBench(recovering: disk, settings: settings)
            for index in 0..<logCount {
                let found = try bench.contents(index)
                #expect(found.count >= model.acknowledged[index], "\(place), log \(index)")
                var expected = model.batches[index]
                if let cutting = model.cutting, cutting.index == index { expected = cutting.before }
                #expect(found == Array(expected.prefix(found.count)), "\(place), log \(index)")
            }
        } catch {
            Issue.record("\(place): \(error)")
        }
    }
}
