import Compression
import Disk
import Glibc
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

/// Random lives of compacted logs, compared with everything that was appended to them.
///
/// `MILLRACE_TEST_SECONDS` sets how long new ones are tried (1 by default); a failure prints the
/// seed, `MILLRACE_TEST_SEED` repeats one.
struct CompactionModelTests {
    private static let seed = getenv("MILLRACE_TEST_SEED").flatMap { UInt64(String(cString: $0)) }
    private static let seconds =
        getenv("MILLRACE_TEST_SECONDS").flatMap { Double(String(cString: $0)) } ?? 1

    @Test
    func `every key has its last value, whatever is appended, compacted, cut and reopened`() throws
    {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(Self.seconds)
        var seed = Self.seed ?? UInt64.random(in: 0 ... .max / 2)
        repeat {
            var life = Life(seed: seed)
            try life.run()
            seed += 1
        } while Self.seed == nil && clock.now < end
    }

    private struct Life {
        let seed: UInt64
        var random: SeededRandom
        var history = KeyedHistory()
        var sequences: [Int64: Int32] = [:]
        var step = 0

        init(seed: UInt64) {
            self.seed = seed
            random = SeededRandom(seed: seed)
        }

        var place: String { "MILLRACE_TEST_SEED=\(seed), step \(step)" }

        mutating func run() throws {
            var settings = CompactionBench.settings(
                segmentBytes: Int.random(in: 700...3_000, using: &random))
            settings.indexIntervalBytes = Int.random(in: 1...600, using: &random)
            var bench = try CompactionBench(settings: settings)
            for _ in 0..<120 {
                step += 1
                switch Int.random(in: 0..<24, using: &random) {
                case 0..<17: try put(to: bench)
                case 17: bench.bench.now = bench.bench.now + 4_000
                case 18..<22: try compact(bench)
                case 22: bench = try reopened(bench)
                default: try cut(bench)
                }
            }
            try compact(bench)
            bench = try reopened(bench)
            try check(bench)
        }

        private mutating func put(to bench: CompactionBench) throws {
            let records = random.keyedRecords()
            let id = Int64.random(in: 1...4, using: &random)
            let sequence = sequences[id, default: 0]
            let range = try bench.put(
                records, codec: Codec.allCases.randomElement(using: &random) ?? .none,
                producer: id == 4 ? nil : (id: id, epoch: 0, sequence: sequence))
            sequences[id] = sequence + Int32(records.count)
            history.append(records, at: range, now: bench.bench.now, retention: 10_000)
        }

        private mutating func compact(_ bench: CompactionBench) throws {
            bench.bench.settle()
            var limits = CompactionLimits()
            if random.chance(oneIn: 3) {
                limits.keyMapBytes = 24 * Int.random(in: 1...20, using: &random)
            }
            limits.bufferBytes = Int.random(in: 61...4_000, using: &random)
            let limit =
                random.chance(oneIn: 3)
                ? Offset(Int64.random(in: 0...bench.log.logEnd.rawValue, using: &random)) : nil
            try bench.compact(upTo: limit, limits: limits)
            history.compacted(to: bench.log.cleanedEnd)
            try check(bench)
        }

        private mutating func reopened(_ bench: CompactionBench) throws -> CompactionBench {
            bench.bench.settle()
            let again: CompactionBench
            if random.chance(oneIn: 2) {
                again = try bench.reopened()
            } else {
                again = try CompactionBench(
                    opening: bench.bench.disk.kill(seed: random.next()),
                    settings: bench.log.settings,
                    hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))
                again.bench.now = bench.bench.now
                again.log.cleanedEnd = random.chance(oneIn: 2) ? .zero : bench.log.cleanedEnd
            }
            #expect(again.log.logEnd == bench.log.logEnd, "\(place)")
            try check(again)
            for (id, sequence) in sequences where id != 4 {
                let next = TestBatch.make(producer: (id: id, epoch: 0, sequence: sequence))
                #expect(
                    try again.log.check(TestBatch.header(next), now: again.bench.now) == .inOrder,
                    "\(place): producer \(id) goes on")
            }
            return again
        }

        /// Below what was compacted nothing is cut: the caller's limit lies above it.
        private mutating func cut(_ bench: CompactionBench) throws {
            bench.bench.settle()
            let bases = try bench.headers().filter {
                $0.baseOffset >= bench.log.cleanedEnd && $0.producerID == nil
            }.map(\.baseOffset)
            guard let end = bases.last else { return }
            // Only what comes from no producer, so that their sequences go on.
            guard try bench.headers().allSatisfy({ $0.baseOffset < end || $0.producerID == nil })
            else { return }
            try bench.log.truncate(to: end)
            history.cut(to: end)
            try check(bench)
        }

        private func check(_ bench: CompactionBench) throws {
            let maxBytes = [1, 500, 1 << 20][step % 3]
            history.check(
                try bench.entries(maxBytes: maxBytes), cleanedEnd: bench.log.cleanedEnd,
                end: bench.log.logEnd, now: bench.bench.now, place)
        }
    }
}
