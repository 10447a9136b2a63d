import Disk
import Records
import Simulation
import Testing
import Vocabulary

@testable import SegmentStore

/// Active segments whose indexes were given back.
struct RestingIndexTests {
    private static let path = "\(LogBench.folder)/00000000000000000000"

    private static var settings: LogSettings {
        var settings = LogSettings()
        settings.indexIntervalBytes = 100
        settings.segmentBytes = 60_000
        return settings
    }

    private func filled(batches: Int = 200) throws -> LogBench {
        let bench = try LogBench(settings: Self.settings)
        for tag in 0..<batches { try bench.append(TestBatch.make(tag: tag)) }
        bench.settle()
        return bench
    }

    @Test
    func `the indexes of a log that nobody uses go after a while and come back as they were`()
        throws
    {
        let bench = try filled()
        let before = try #require(bench.log.active.indexes)
        #expect(before.byteCount > 3_000)

        bench.store.tick(now: bench.now)
        let first = try #require(bench.store.nextTick)
        bench.store.tick(now: first)
        #expect(bench.log.active.indexes != nil)
        let second = try #require(bench.store.nextTick)
        #expect(second - first >= 60_000)
        bench.store.tick(now: second)

        #expect(bench.log.active.indexes == nil)
        #expect(bench.store.nextTick == nil)
        #expect(try bench.headers(in: bench.readAll()).count == 200)
        #expect(bench.log.active.indexes == before)
        #expect(bench.log.active.resting == nil)
        bench.store.tick(now: second + 1)
        #expect(bench.store.nextTick != nil)
    }

    @Test
    func `a log that is in use keeps its indexes, and one with few has nothing to give back`()
        throws
    {
        let bench = try filled()
        let small = try filled(batches: 5)
        for number in 0..<20 as Range<Int64> {
            let now = bench.now + number * 50_000
            _ = try bench.readAll(from: Offset(199))
            bench.store.tick(now: now)
            small.store.tick(now: now)
        }

        #expect(bench.log.active.indexes != nil)
        #expect(small.log.active.indexes != nil)
        #expect(small.store.nextTick == nil)
    }

    @Test
    func `a log that was only opened gives its indexes back at the next tick`() throws {
        let bench = try filled()
        bench.store.close(now: bench.now)
        let outline = try #require(
            bench.log.outline(topicID: TopicID(high: 1, low: 2), leaderEpoch: LogBench.epoch))
        let store = Store(disk: bench.disk)
        var calls = 0
        store.onFirstAppend = { calls += 1 }
        let start = bench.disk.trace.count

        let log = try store.openLog(
            outline, folder: LogBench.folder, settings: Self.settings,
            epochIfUnclean: LeaderEpoch(9), now: bench.now)
        #expect(calls == 1)
        store.commit()
        store.tick(now: bench.now)

        #expect(log.active.indexes == nil)
        // They were in the files already: nothing is written, now or at the end.
        store.close(now: bench.now)
        let writing: Set<String> = ["write", "truncate", "sync", "rename"]
        #expect(!bench.disk.trace[start...].contains { writing.contains($0.operation) })
    }

    @Test
    func `a log that only the journal or nobody made durable is synced before`() throws {
        var settings = Self.settings
        settings.durability = .os
        let bench = try LogBench(settings: settings)
        for tag in 0..<200 { try bench.append(TestBatch.make(tag: tag)) }
        bench.settle()
        #expect(bench.log.recoveryPoint == .zero)

        for _ in 0..<4 {
            bench.store.tick(now: bench.now)
            bench.settle()
            bench.now = bench.now + 60_000
        }

        #expect(bench.log.recoveryPoint == Offset(200))
        #expect(bench.log.active.indexes == nil)
    }

    @Test(arguments: ["missing", "short", "zeros", "shifted"])
    func `index files that were changed meanwhile are made anew from the batches`(
        _ kind: String
    ) throws {
        let bench = try filled()
        let before = try #require(bench.log.active.indexes)
        bench.log.active.restIndexes()
        try #require(bench.log.active.resting != nil)
        let bytes = try bench.disk.readFile("\(Self.path).index")
        switch kind {
        case "missing": _ = try bench.disk.perform(.removeFile(path: "\(Self.path).index"))
        case "short":
            try bench.disk.replaceFile("\(Self.path).index", with: Array(bytes.dropLast(80)))
        case "zeros":
            try bench.disk.replaceFile(
                "\(Self.path).index", with: [UInt8](repeating: 0, count: bytes.count))
        default:
            var shifted = bytes
            shifted[bytes.count - 5] += 1
            try bench.disk.replaceFile("\(Self.path).index", with: shifted)
        }

        try bench.append(TestBatch.make(tag: 200))
        bench.settle()

        #expect(
            bench.log.active.indexes?.prefix(below: Offset(200))
                == before.prefix(below: Offset(200)))
        #expect(try bench.headers(in: bench.readAll()).count == 201)
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `giving indexes back changes nothing of what a log tells and leaves`(
        _ seed: UInt64
    ) throws {
        var random = SeededRandom(seed: seed)
        let benches = [try filled(batches: 50), try filled(batches: 50)]
        var tag = 50
        for _ in 0..<120 {
            if random.chance(oneIn: 3) { benches[0].log.active.restIndexes() }
            let choice = Int.random(in: 0..<10, using: &random)
            let place = Int64.random(in: 0...1_000_000, using: &random)
            var told: [String] = []
            for bench in benches {
                let end = bench.log.logEnd.rawValue
                let offset = Offset(place % max(1, end))
                switch choice {
                case 0:
                    try bench.log.truncate(to: Offset(max(0, end - place % 5)))
                    told.append("\(bench.log.logEnd)")
                case 1:
                    let found = try bench.log.lookup(
                        timestamp: Timestamp(1_000_000 + place % 300), upTo: bench.log.logEnd)
                    told.append("\(String(describing: found))")
                case 2:
                    let found = try bench.log.offsetOfMaxTimestamp(upTo: bench.log.logEnd)
                    told.append("\(String(describing: found))")
                case 3:
                    told.append("\(try bench.readAll(from: offset, maxBytes: 500).count)")
                case 4 where bench.log.active.byteCount > 0:
                    try bench.log.roll(now: bench.now)
                default:
                    let time = 1_000_000 + (Int64(tag) + place % 40)
                    try bench.append(TestBatch.make(tag: tag))
                    try bench.append(
                        TestBatch.make(valueBytes: Int(place % 400), timestamps: [time], tag: tag))
                }
                bench.settle()
            }
            if let first = told.first { #expect(told.allSatisfy { $0 == first }, "seed \(seed)") }
            tag += 1
        }
        benches[0].log.active.restIndexes()
        let killed = benches[0].disk.kill(seed: seed)

        for bench in benches { bench.store.close(now: bench.now) }

        #expect(try benches[0].names() == benches[1].names())
        for name in try benches[0].names() {
            let path = "\(LogBench.folder)/\(name)"
            #expect(
                try benches[0].disk.readFile(path) == benches[1].disk.readFile(path),
                "\(name), seed \(seed)")
        }
        let reopened = try LogBench(
            opening: killed, settings: Self.settings, hint: benches[0].hint(clean: false))
        #expect(reopened.log.logEnd == benches[0].log.logEnd)
        #expect(!benches[0].log.wasUnclean)
        let clean = try LogBench(
            opening: benches[0].disk, settings: Self.settings, hint: benches[0].hint(clean: true))
        #expect(!clean.log.wasUnclean)
        #expect(!clean.log.hasChanged)
    }
}
