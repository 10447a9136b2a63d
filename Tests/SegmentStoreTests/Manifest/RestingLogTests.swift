import Disk
import Records
@testable import SegmentStore
import Simulation
import Testing
import Vocabulary

/// Logs that are known by their outline and opened later.
struct RestingLogTests {
    private static let path = "\(LogBench.folder)/00000000000000000000.log"
    private static let topicID = TopicID(high: 1, low: 2)

    /// A log of several segments, closed in order, and what is remembered of it.
    private func closedLog(
        batches: Int = 60, segmentBytes: Int = 4_000
    ) throws -> (bench: LogBench, outline: LogOutline, settings: LogSettings) {
        var settings = LogSettings()
        settings.segmentBytes = segmentBytes
        let bench = try LogBench(settings: settings)
        for tag in 0..<batches {
            try bench.append(
                TestBatch.make(
                    valueBytes: 200, tag: tag, producer: (id: 5, epoch: 0, sequence: Int32(tag))))
        }
        bench.settle()
        bench.store.close(now: bench.now)
        let outline = try #require(
            bench.log.outline(topicID: Self.topicID, leaderEpoch: LogBench.epoch))
        return (bench, outline, settings)
    }

    private func open(
        _ outline: LogOutline, on disk: SimulatedDisk, _ settings: LogSettings,
        epochIfUnclean: Int32 = 9
    ) throws -> (store: Store, log: Log) {
        let store = Store(disk: disk)
        let log = try store.openLog(
            outline, folder: LogBench.folder, settings: settings,
            epochIfUnclean: LeaderEpoch(epochIfUnclean), now: Timestamp(1_000_000))
        return (store, log)
    }

    private func inspect(
        on disk: any Disk, _ settings: LogSettings, clean: Bool, recoveryPoint: Offset = .zero
    ) throws -> InspectedLog {
        let store = Store(disk: disk)
        return try store.inspectLog(
            folder: LogBench.folder, topicID: Self.topicID, settings: settings,
            hint: OpenHint(cleanShutdown: clean, recoveryPoint: recoveryPoint),
            knownEpoch: LogBench.epoch, now: Timestamp(1_000_000))
    }

    private func reads(of disk: SimulatedDisk, since start: Int) -> [DiskTraceEntry] {
        disk.trace[start...].filter {
            $0.operation == "read" && $0.path.hasSuffix(".log") && $0.phase == .effective
        }
    }

    @Test
    func `a log of which an outline is known opens by its last segment's end`() throws {
        let (bench, outline, settings) = try closedLog()
        let start = bench.disk.trace.count

        let (_, log) = try open(outline, on: bench.disk, settings)

        #expect(!log.wasUnclean)
        #expect(log.openingNotices == [])
        #expect(log.logEnd == Offset(60))
        #expect(log.latestEpoch == LogBench.epoch)
        // The end, the first timestamp, and what the producers' last batches are.
        let read = reads(of: bench.disk, since: start)
        let last = "\(LogBench.folder)/\(SegmentName.of(outline.lastSegmentBase, .log))"
        #expect(read.filter { $0.path == last }.count <= 4)
    }

    @Test(arguments: ["longer", "shorter", "rolled"])
    func `an outline that is not right is found out and the log recovered`(_ kind: String) throws {
        let (bench, outline, settings) = try closedLog()
        let last = "\(LogBench.folder)/\(SegmentName.of(outline.lastSegmentBase, .log))"
        let end: Int64
        switch kind {
        case "longer":
            let (store, log) = try open(outline, on: bench.disk, settings)
            let batch = TestBatch.make(tag: 60)
            try log.append(
                TestBatch.header(batch), bytes: [OwnedBytes(batch)], leaderEpoch: LogBench.epoch,
                now: bench.now)
            store.commit()
            end = 61
        case "rolled":
            let (store, log) = try open(outline, on: bench.disk, settings)
            try log.roll(now: bench.now)
            store.commit()
            end = 60
        default:
            let file = try bench.disk.open(last, .readWrite)
            let size = try bench.disk.size(of: file)
            _ = try bench.disk.perform(.truncate(file, to: FilePosition(Int64(size - 1))))
            try bench.disk.close(file)
            #expect(throws: StoreError.self) { try open(outline, on: bench.disk, settings) }
            return
        }

        let (_, log) = try open(outline, on: bench.disk.kill(seed: 1), settings)

        #expect(log.wasUnclean)
        #expect(log.logEnd == Offset(end))
        #expect(log.latestEpoch == LeaderEpoch(9))
    }

    @Test
    func `another topic's folder is refused and left as it is`() throws {
        let (bench, found, settings) = try closedLog()
        var outline = found
        outline.topicID = TopicID(high: 3, low: 4)
        let before = try bench.disk.readFile(Self.path)

        #expect(throws: StoreError.self) { try open(outline, on: bench.disk, settings) }

        #expect(try bench.disk.readFile(Self.path) == before)
    }

    @Test
    func `a log that was only read is closed without a write or a sync`() throws {
        let (bench, outline, settings) = try closedLog()
        let start = bench.disk.trace.count
        let (store, log) = try open(outline, on: bench.disk, settings)
        _ = try log.read(from: .zero, upTo: Offset(60), maxBytes: 1 << 20, minOneBatch: true)

        store.close(now: bench.now)

        let writing: Set<String> = [
            "write", "sync", "syncFolder", "rename", "truncate", "removeFile",
        ]
        #expect(bench.disk.trace[start...].filter { writing.contains($0.operation) } == [])
        #expect(
            log.outline(topicID: Self.topicID, leaderEpoch: LogBench.epoch) == outline)
    }

    @Test
    func `a change is noted durably before the first byte of it, and once`() throws {
        let (bench, outline, settings) = try closedLog()
        let (store, log) = try open(outline, on: bench.disk, settings)
        store.changedLogs = try ChangedLogs(
            0, of: 1, generation: TopicID(high: 0, low: 1), folder: "/data", on: bench.disk)
        let start = bench.disk.trace.count

        for tag in 60..<70 {
            let batch = TestBatch.make(valueBytes: 600, tag: tag)
            try log.append(
                TestBatch.header(batch), bytes: [OwnedBytes(batch)],
                leaderEpoch: LeaderEpoch(8), now: bench.now)
        }

        let trace = bench.disk.trace[start...].filter { $0.phase == .effective }
        let noted = try #require(
            trace.firstIndex { $0.operation == "sync" && $0.path.contains("changed") })
        let first = try #require(
            trace.firstIndex {
                $0.path.hasPrefix(LogBench.folder)
                    && ["write", "truncate", "rename", "syncFolder"].contains($0.operation)
            })
        #expect(noted < first)
        #expect(trace.filter { $0.path.contains("changed") && $0.operation == "write" }.count == 1)
    }

    @Test
    func `a change that cannot be noted does not happen`() throws {
        let (bench, outline, settings) = try closedLog()
        let (store, log) = try open(outline, on: bench.disk, settings)
        store.changedLogs = try ChangedLogs(
            0, of: 1, generation: TopicID(high: 0, low: 1), folder: "/data", on: bench.disk)
        let last = "\(LogBench.folder)/\(SegmentName.of(outline.lastSegmentBase, .log))"
        bench.disk.inject(DiskFault("sync", pathPart: "changed"))
        let batch = TestBatch.make(tag: 60)

        #expect(throws: StoreError.self) {
            try log.append(
                TestBatch.header(batch), bytes: [OwnedBytes(batch)], leaderEpoch: LogBench.epoch,
                now: bench.now)
        }
        #expect(throws: StoreError.self) { try log.updateLeaderEpoch(LeaderEpoch(7)) }

        #expect(log.logEnd == Offset(60))
        #expect(try bench.disk.readFile(last).count == outline.lastSegmentByteCount)
        #expect(log.latestEpoch == LogBench.epoch)
    }

    @Test
    func `looking into a crashed log leaves it as a stop in order would`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 4_000
        let bench = try LogBench(settings: settings)
        for tag in 0..<25 { try bench.append(TestBatch.make(valueBytes: 300, tag: tag)) }
        bench.settle()
        let stopped = bench.disk.kill(seed: 1)
        let crashed = bench.disk.kill(seed: 1)
        let model = try LogBench(
            opening: stopped, settings: settings,
            hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))
        model.store.close(now: model.now)

        let found = try inspect(on: crashed, settings, clean: false)

        #expect(found.wasUnclean)
        #expect(found.outline.leaderEpoch == LogBench.epoch.next)
        for name in try bench.names() where name != LeaderEpochCheckpoint.name {
            let path = "\(LogBench.folder)/\(name)"
            #expect(try crashed.readFile(path) == stopped.readFile(path), "\(name)")
        }
        let (_, log) = try open(found.outline, on: crashed.crash(seed: 5), settings)
        #expect(!log.wasUnclean)
        #expect(log.logEnd == Offset(25))
        #expect(log.latestEpoch == LogBench.epoch)
    }

    @Test
    func `a store that looks into many logs keeps none of them`() throws {
        let (bench, _, settings) = try closedLog()
        let store = Store(disk: bench.disk.kill(seed: 1))

        for clean in [false, true, false] {
            _ = try store.inspectLog(
                folder: LogBench.folder, topicID: Self.topicID, settings: settings,
                hint: OpenHint(cleanShutdown: clean, recoveryPoint: .zero),
                knownEpoch: LogBench.epoch, now: Timestamp(1_000_000))
        }

        #expect(store.logs.isEmpty)
        #expect(store.touched.isEmpty)
        #expect(store.takeAwake().isEmpty)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `a start after a crash may crash at any operation and begin again`(
        _ seed: UInt64
    ) throws {
        var settings = LogSettings()
        settings.segmentBytes = 3_000
        let bench = try LogBench(
            disk: SimulatedDisk(seed: seed), settings: settings)
        for tag in 0..<20 {
            try bench.append(TestBatch.make(valueBytes: 300, tag: tag))
            if tag.isMultiple(of: 3) { bench.store.commit() }
            if tag.isMultiple(of: 4) { bench.store.drain() }
        }
        let durable = bench.log.durableEnd
        let broken = bench.disk.crash(seed: seed ^ 77)
        let disk = CrashingDisk(broken)
        var random = SeededRandom(seed: seed)
        var tried = 0
        var shortest: Offset?
        disk.afterOperation = {
            tried += 1
            let survivor = broken.crash(seed: random.next())
            do {
                let found = try self.inspect(on: survivor, settings, clean: false)
                #expect(found.outline.logEnd >= durable, "operation \(tried)")
                shortest = min(shortest ?? found.outline.logEnd, found.outline.logEnd)
                let (_, log) = try self.open(
                    found.outline, on: survivor.crash(seed: random.next()), settings)
                #expect(!log.wasUnclean, "operation \(tried)")
                #expect(log.logEnd == found.outline.logEnd, "operation \(tried)")
            } catch {
                Issue.record("seed \(seed), operation \(tried): \(error)")
            }
        }

        let found = try inspect(on: disk, settings, clean: false)

        #expect(tried > 10)
        #expect(found.outline.logEnd >= durable)
    }
}
