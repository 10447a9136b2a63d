import Disk
import SegmentStore
import Testing
import Vocabulary

struct CompactionCandidateTests {
    /// Segments of about three batches each.
    private func bench(
        _ change: (inout CompactionSettings) -> Void = { _ in }, batches: Int = 40
    ) throws -> CompactionBench {
        var settings = CompactionBench.settings()
        var rules = CompactionSettings()
        change(&rules)
        settings.compaction = rules
        let bench = try CompactionBench(settings: settings)
        for round in 0..<batches {
            try bench.put(
                [("a", String(repeating: "x", count: 500))], timestamp: Int64(10_000 + round * 100))
        }
        bench.bench.settle()
        bench.bench.now = Timestamp(20_000)
        return bench
    }

    private func candidate(_ bench: CompactionBench, upTo limit: Offset? = nil) throws
        -> CompactionCandidate?
    {
        try bench.log.compactionCandidate(
            upTo: limit ?? bench.log.logEnd, now: bench.bench.now)
    }

    @Test
    func `all closed segments are dirty at first`() throws {
        let bench = try bench()

        let found = try #require(try candidate(bench))

        #expect(found.firstDirtyOffset == .zero)
        #expect(found.end < bench.log.logEnd)
        #expect(found.cleanByteCount == 0)
        #expect(found.dirtyRatio == 1)
        #expect(found.isDue)
    }

    @Test
    func `a log that is not to be compacted has none`() throws {
        let bench = try bench()
        bench.log.settings.compaction = nil

        #expect(try candidate(bench) == nil)
    }

    @Test
    func `nothing at or above the limit is a candidate`() throws {
        let bench = try bench()
        let whole = try #require(try candidate(bench))

        let less = try #require(try candidate(bench, upTo: whole.end - 1))

        #expect(less.end < whole.end)
        #expect(try candidate(bench, upTo: whole.end) == whole)
        #expect(try candidate(bench, upTo: Offset(1)) == nil)
    }

    @Test
    func `the dirty ratio decides, and must be exceeded`() throws {
        let bench = try bench()
        let end = try #require(try candidate(bench)).end
        let half = try bench.headers()[Int(end.rawValue) / 2].baseOffset
        bench.log.cleanedEnd = half
        let ratio = try #require(try candidate(bench)).dirtyRatio
        #expect(ratio > 0.3 && ratio < 0.8)

        bench.log.settings.compaction?.minDirtyRatio = ratio
        #expect(try candidate(bench)?.isDue == false)
        bench.log.settings.compaction?.minDirtyRatio = ratio - 0.01
        #expect(try candidate(bench)?.isDue == true)
    }

    @Test
    func `segments with a young record are left alone`() throws {
        let bench = try bench { $0.minLagMilliseconds = 8_000 }

        let found = try #require(try candidate(bench))

        // Records up to 12,000 are 8,000 old: those of the first 20 batches.
        #expect(found.end <= Offset(21))
        #expect(found.end > Offset(15))
        bench.bench.now = Timestamp(17_999)
        #expect(try candidate(bench) == nil)
    }

    @Test
    func `beyond the longest lag a log is due whatever its ratio`() throws {
        let bench = try bench {
            $0.minDirtyRatio = 1
            $0.maxLagMilliseconds = 10_000
        }

        #expect(try candidate(bench)?.isDue == false)
        bench.bench.now = Timestamp(20_001)
        #expect(try candidate(bench)?.isDue == true)
    }

    @Test(arguments: [Int64(1_000_000), 40])
    func `a checkpoint that the log does not reach counts for nothing`(_ cleanedEnd: Int64) throws {
        let bench = try bench()
        bench.log.cleanedEnd = Offset(cleanedEnd)

        let found = try candidate(bench)

        #expect(found?.firstDirtyOffset == (cleanedEnd == 40 ? nil : .zero))
    }

    @Test
    func `a run that is overtaken by a truncation changes nothing`() throws {
        let bench = try bench()
        let candidate = try #require(try candidate(bench))
        let plan = bench.log.beginCompaction(candidate, now: bench.bench.now)
        let run = CompactionRun(plan, disk: bench.bench.disk)
        var group: CompactedGroup?
        while group == nil {
            if case .compacted(let done) = try run.step() { group = done }
        }
        #expect(bench.log.isCurrent(plan))

        try bench.log.truncate(to: Offset(5))
        let entries = try bench.entries()

        #expect(!bench.log.isCurrent(plan))
        #expect(try !bench.log.replace(#require(group)))
        run.cancel()
        #expect(try !bench.bench.names().contains { $0.hasSuffix(".cleaned") })
        #expect(try bench.entries() == entries)
        #expect(bench.log.cleanedEnd <= Offset(5))
        bench.log.cleanedEnd = .zero
        for _ in 0..<10 { try bench.put([("a", String(repeating: "y", count: 500))]) }
        try bench.compact()
        let names = try bench.bench.names()
        #expect(!names.contains { $0.hasSuffix(".cleaned") || $0.hasSuffix(".swap") })
        #expect(try bench.latest().count == 1)
    }

    @Test
    func `a run of a log that was closed or deleted changes nothing`() throws {
        let bench = try bench()
        let candidate = try #require(try candidate(bench))
        let plan = bench.log.beginCompaction(candidate, now: bench.bench.now)
        let run = CompactionRun(plan, disk: bench.bench.disk)
        _ = try run.step()

        try bench.store.deleteLog(bench.log)

        #expect(!bench.log.isCurrent(plan))
        #expect(throws: StoreError.self) { while true { _ = try run.step() } }
    }

    @Test
    func `a full disk ends a run and leaves the log as it is`() throws {
        let bench = try bench()
        let entries = try bench.entries()
        bench.bench.disk.capacity = 0

        #expect(throws: StoreError.self) { try bench.compact() }

        #expect(try bench.entries() == entries)
        #expect(bench.log.failure == nil)
        let names = try bench.bench.names()
        #expect(!names.contains { $0.hasSuffix(".cleaned") || $0.hasSuffix(".swap") })
        bench.bench.disk.capacity = nil
        try bench.compact()
        #expect(try bench.entries().count < entries.count)
    }

    @Test
    func `damage in a batch ends a run and leaves the log as it is`() throws {
        let bench = try bench()
        let path = "\(LogBench.folder)/00000000000000000000.log"
        let file = try bench.bench.disk.open(path, .readWrite)
        try bench.bench.disk.write(file, at: FilePosition(300), [.init([0xFF])])
        try bench.bench.disk.close(file)

        #expect(throws: StoreError.self) { try bench.compact() }

        #expect(bench.log.failure == nil)
        #expect(try bench.headers().count == 40)
        #expect(bench.log.cleanedEnd == .zero)
    }
}
