import Disk
@testable import SegmentStore
import Simulation
import Testing
import Vocabulary

/// Opening logs that were closed in order.
struct CleanOpeningTests {
    private static let path = "\(LogBench.folder)/00000000000000000000.log"

    @Test
    func `a log that was closed in order opens without reading its batches`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 20_000
        let bench = try LogBench(settings: settings)
        for tag in 0..<200 { try bench.append(TestBatch.make(valueBytes: 500, tag: tag)) }
        let bytes = try bench.readAll()
        bench.store.close(now: bench.now)

        let survivor = bench.disk.crash(seed: 1)
        let reopened = try LogBench(
            opening: survivor, settings: settings, hint: bench.hint(clean: true))

        #expect(!reopened.log.wasUnclean)
        #expect(reopened.log.openingNotices == [])
        #expect(reopened.log.logEnd == Offset(200))
        #expect(reopened.log.latestEpoch == LogBench.epoch)
        let reads = survivor.trace.filter {
            $0.operation == "read" && $0.path.hasSuffix(".log") && $0.phase == .effective
        }
        #expect(reads.count <= 3)
        #expect(try reopened.readAll() == bytes)
    }

    @Test
    func `a log that goes on after a clean open has the indexes of one that never stopped`() throws
    {
        var settings = LogSettings()
        settings.segmentBytes = 1 << 30
        let stopping = try LogBench(settings: settings)
        let going = try LogBench(settings: settings)
        let batches = (0..<120).map { TestBatch.make(valueBytes: 700, tag: $0 * 7 % 50) }
        for batch in batches { try going.append(batch) }

        var bench = stopping
        for (index, batch) in batches.enumerated() {
            try bench.append(batch)
            guard index.isMultiple(of: 17) else { continue }
            bench.store.close(now: bench.now)
            bench = try LogBench(
                opening: bench.disk, settings: settings, hint: bench.hint(clean: true))
        }
        bench.store.close(now: bench.now)
        going.store.close(now: going.now)

        for kind in ["log", "index", "timeindex"] {
            let path = "\(LogBench.folder)/00000000000000000000.\(kind)"
            let ended = try bench.disk.readFile(path)
            let expected = try going.disk.readFile(path)
            #expect(ended == expected, "\(kind)")
            #expect(!ended.isEmpty)
        }
    }

    @Test
    func `zeros behind the batches are the end of a preallocated file`() throws {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.store.close(now: bench.now)
        let size = try bench.disk.readFile(Self.path).count
        for clean in [true, false] {
            let disk = bench.disk.kill(seed: 1)
            let file = try disk.open(Self.path, .readWrite)
            _ = try disk.perform(.truncate(file, to: FilePosition(100_000)))

            let reopened = try LogBench(
                opening: disk,
                hint: OpenHint(cleanShutdown: clean, recoveryPoint: clean ? Offset(3) : .zero))

            #expect(reopened.log.wasUnclean == !clean)
            #expect(reopened.log.logEnd == Offset(3))
            #expect(try disk.readFile(Self.path).count == size)
        }
    }

    @Test
    func `files that belong to nothing are named and left alone`() throws {
        let bench = try LogBench()
        try bench.append(TestBatch.make())
        bench.store.close(now: bench.now)
        try bench.disk.replaceFile("\(LogBench.folder)/notes.txt", with: [1])
        try bench.disk.replaceFile("\(LogBench.folder)/17.log", with: [1])
        _ = try bench.disk.perform(.createFolder(path: "\(LogBench.folder)/sub"))

        let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: true))

        #expect(reopened.log.logEnd == Offset(1))
        #expect(reopened.log.openingNotices.count == 3)
        for name in ["notes.txt", "17.log", "sub/"] {
            #expect(reopened.log.openingNotices.contains { $0.contains("/\(name) ") })
        }
        #expect(try reopened.names().contains("notes.txt"))
    }

    @Test
    func `a file named after an offset that no log reaches is foreign`() throws {
        let bench = try LogBench()
        try bench.append(TestBatch.make())
        bench.store.close(now: bench.now)
        let name = "0\(Int64.max).log"
        try bench.disk.replaceFile("\(LogBench.folder)/\(name)", with: [])

        let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: true))

        #expect(reopened.log.logEnd == Offset(1))
        #expect(reopened.log.openingNotices.contains { $0.contains(name) })
    }

    @Test
    func `a log that ends before its recovery point is not taken for a clean one`() throws {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.store.close(now: bench.now)
        let file = try bench.disk.open(Self.path, .readWrite)
        let size = TestBatch.make().count
        _ = try bench.disk.perform(.truncate(file, to: FilePosition(Int64(2 * size))))
        try bench.disk.close(file)

        let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: true))

        #expect(reopened.log.wasUnclean)
        #expect(reopened.log.logEnd == Offset(2))
        #expect(reopened.log.openingNotices.contains { $0.contains("before its recovery point") })
    }

    @Test
    func `a folder without segments begins anew and says so`() throws {
        let bench = try LogBench()
        bench.store.close(now: bench.now)
        for name in try bench.names() where name.hasPrefix("0") {
            _ = try bench.disk.perform(.removeFile(path: "\(LogBench.folder)/\(name)"))
        }

        let reopened = try LogBench(
            opening: bench.disk,
            hint: OpenHint(
                cleanShutdown: true, recoveryPoint: Offset(9), logStartOffset: Offset(9)))

        #expect(reopened.log.logEnd == Offset(9))
        #expect(reopened.log.openingNotices.count == 1)
        #expect(try reopened.append(TestBatch.make()).base == Offset(9))
    }
}
