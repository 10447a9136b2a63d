import Disk
import Records
@testable import SegmentStore
import Simulation
import Testing
import Vocabulary

/// Index files that are missing, wrong or behind.
struct IndexRecoveryTests {
    private static let path = "\(LogBench.folder)/00000000000000000000.log"

    @Test(arguments: ["missing", "empty", "short", "ragged", "long", "garbage", "descending"])
    func `index files that are not right are made anew`(_ kind: String) throws {
        var settings = LogSettings()
        settings.segmentBytes = 60_000
        let bench = try LogBench(settings: settings)
        for tag in 0..<200 { try bench.append(TestBatch.make(valueBytes: 500, tag: tag)) }
        bench.store.close(now: bench.now)
        let hint = bench.hint(clean: true)

        for name in try bench.names() where name.hasSuffix("index") {
            let disk = bench.disk.kill(seed: 1)
            let path = "\(LogBench.folder)/\(name)"
            let sound = try disk.readFile(path)
            try damage(path, kind, sound, on: disk)

            let reopened = try LogBench(opening: disk, settings: settings, hint: hint)

            #expect(reopened.log.logEnd == Offset(200))
            for tag in 0..<200 as Range<Int64> {
                let read = try reopened.log.read(
                    from: Offset(tag), upTo: Offset(200), maxBytes: 1, minOneBatch: true)
                let headers = try reopened.headers(in: reopened.contents(of: read))
                #expect(headers.map(\.baseOffset) == [Offset(tag)], "\(name) \(kind)")
                let found = try reopened.log.lookup(
                    timestamp: Timestamp(1_000_000 + tag), upTo: Offset(200))
                #expect(found?.offset == Offset(tag), "\(name) \(kind)")
            }
            reopened.store.close(now: bench.now)
            #expect(try disk.readFile(path) == sound, "\(name) \(kind)")
        }
    }

    @Test(arguments: ["index", "timeindex"], 0..<20 as Range<UInt64>)
    func `an index that was made anew survives a power cut whole`(
        _ kind: String, _ seed: UInt64
    ) throws {
        var settings = LogSettings()
        settings.segmentBytes = 60_000
        let bench = try LogBench(settings: settings)
        for tag in 0..<200 { try bench.append(TestBatch.make(valueBytes: 500, tag: tag)) }
        bench.store.close(now: bench.now)
        let path = "\(Self.path.dropLast(3))\(kind)"
        let sound = try bench.disk.readFile(path)
        _ = try bench.disk.perform(.removeFile(path: path))
        _ = try bench.disk.perform(.syncFolder(path: LogBench.folder))
        let reopened = try LogBench(
            opening: bench.disk, settings: settings, hint: bench.hint(clean: true))

        _ = try reopened.log.lookup(timestamp: Timestamp(1_000_020), upTo: Offset(200))

        #expect(try bench.disk.crash(seed: seed).readFile(path) == sound)
    }

    private func damage(
        _ path: String, _ kind: String, _ sound: [UInt8], on disk: SimulatedDisk
    ) throws {
        guard kind != "missing" else {
            _ = try disk.perform(.removeFile(path: path))
            return
        }
        let entry = path.hasSuffix(".timeindex") ? 12 : 8
        let bytes: [UInt8] =
            switch kind {
            case "empty": []
            case "short": Array(sound.dropLast(3 * entry))
            case "ragged": sound.dropLast(5) + []
            case "long": sound + sound
            case "garbage": sound.map { $0 ^ 0x5A }
            default: Array(sound.suffix(entry) + sound.dropLast(entry))
            }
        try disk.replaceFile(path, with: bytes)
    }

    @Test(arguments: [0, 1, 3, 5, 7], [true, false])
    func `a flipped bit in a stored base offset is damage to the reader and stops nothing`(
        _ byte: Int, withIndex: Bool
    ) throws {
        var settings = LogSettings()
        settings.segmentBytes = 20_000
        let bench = try LogBench(settings: settings)
        for tag in 0..<60 { try bench.append(TestBatch.make(valueBytes: 700, tag: tag)) }
        bench.store.close(now: bench.now)
        let size = TestBatch.make(valueBytes: 700).count
        for bit in [0, 4, 7] {
            let disk = bench.disk.kill(seed: 1)
            disk.flip(bit: bit, at: FilePosition(Int64(10 * size + byte)), of: Self.path)
            if !withIndex { try disk.replaceFile("\(Self.path.dropLast(3))index", with: []) }
            let reopened = try LogBench(
                opening: disk, settings: settings, hint: bench.hint(clean: true))

            for offset in 0..<20 as Range<Int64> {
                // Some offsets can be read, depending on where the index leads.
                _ = try? reopened.log.read(
                    from: Offset(offset), upTo: Offset(60), maxBytes: 1, minOneBatch: true)
            }

            try reopened.append(TestBatch.make(tag: 60))
            reopened.settle()
            #expect(reopened.log.durableEnd == Offset(61))
            #expect(reopened.log.failure == nil)
        }
    }

    @Test
    func `an index file larger than any index is made anew without being read`() throws {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.store.close(now: bench.now)
        let path = "\(Self.path.dropLast(3))index"
        let file = try bench.disk.open(path, .readWrite)
        _ = try bench.disk.perform(.truncate(file, to: FilePosition(65 << 20)))
        try bench.disk.close(file)

        let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: true))

        #expect(reopened.log.logEnd == Offset(3))
        #expect(
            !bench.disk.trace.contains {
                $0.operation == "read" && $0.path == path && $0.phase == .effective
            })
    }

    // MARK: Files that are written while the log grows

    @Test
    func `a time index that lost its end is not believed for older batches behind`() throws {
        var store = StoreSettings()
        store.recoveryPointBytes = 10_000
        let bench = try LogBench(store: store)
        for tag in 0..<200 {
            let timestamp: Int64 = tag == 100 ? 2_000_000 : 1_000_000
            try bench.append(TestBatch.make(valueBytes: 500, timestamps: [timestamp], tag: tag))
            bench.settle()
        }
        let disk = bench.disk.kill(seed: 1)
        let path = "\(Self.path.dropLast(3))timeindex"
        let saved = try disk.readFile(path)
        #expect(saved.count == 24)
        try disk.replaceFile(path, with: Array(saved.dropLast(12)))

        let reopened = try LogBench(opening: disk, hint: bench.hint(clean: false))

        let found = try reopened.log.lookup(timestamp: Timestamp(1_500_000), upTo: Offset(200))
        #expect(found?.offset == Offset(100))
    }

    /// A log of one segment whose recovery point moves every few KiB.
    private func growing(batches: Int) throws -> LogBench {
        var store = StoreSettings()
        store.recoveryPointBytes = 10_000
        let bench = try LogBench(store: store)
        for tag in 0..<batches {
            try bench.append(TestBatch.make(valueBytes: 900, tag: tag + tag * 7 % 50))
            bench.settle()
        }
        return bench
    }

    private func unclean(at recoveryPoint: Offset) -> OpenHint {
        OpenHint(cleanShutdown: false, recoveryPoint: recoveryPoint)
    }

    @Test
    func `after a crash of the process only what lies behind the recovery point is read`() throws {
        let bench = try growing(batches: 200)
        let size = try bench.disk.readFile(Self.path).count
        let disk = bench.disk.kill(seed: 1)

        let reopened = try LogBench(opening: disk, hint: unclean(at: Offset(199)))

        let first = disk.trace.filter {
            $0.operation == "read" && $0.path == Self.path && $0.phase == .effective
        }.compactMap(\.range?.lowerBound.rawValue).filter { $0 > 0 }.min()
        #expect(try #require(first) > Int64(size - 30_000))
        #expect(reopened.log.logEnd == Offset(200))
        #expect(try reopened.headers(in: reopened.readAll()).count == 200)
    }

    @Test(arguments: [0, 1, 17, 60, 111, 180, 199, 200] as [Int64])
    func `indexes that were kept up to the recovery point equal those made anew`(
        _ recoveryPoint: Int64
    ) throws {
        let bench = try growing(batches: 200)
        let kept = bench.disk.kill(seed: 1)
        let anew = bench.disk.kill(seed: 1)
        for kind in ["index", "timeindex"] {
            try anew.replaceFile("\(Self.path.dropLast(3))\(kind)", with: [])
        }

        for disk in [kept, anew] {
            let reopened = try LogBench(opening: disk, hint: unclean(at: Offset(recoveryPoint)))
            for tag in 200..<230 {
                try reopened.append(TestBatch.make(valueBytes: 900, tag: tag + tag * 7 % 50))
            }
            reopened.settle()
            reopened.store.close(now: reopened.now)
        }

        for kind in ["log", "index", "timeindex"] {
            let path = "\(Self.path.dropLast(3))\(kind)"
            let bytes = try kept.readFile(path)
            #expect(try bytes == anew.readFile(path), "\(kind)")
            #expect(!bytes.isEmpty)
        }
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `whatever a power cut leaves of the index files, they come out as made anew`(
        _ seed: UInt64
    ) throws {
        let bench = try growing(batches: 120)
        for tag in 0..<10 { try bench.append(TestBatch.make(valueBytes: 900, tag: tag)) }
        let point = bench.log.recoveryPoint
        let kept = bench.disk.crash(seed: seed)
        let anew = kept.kill(seed: 1)
        for kind in ["index", "timeindex"] {
            try anew.replaceFile("\(Self.path.dropLast(3))\(kind)", with: [])
        }

        for disk in [kept, anew] {
            let reopened = try LogBench(opening: disk, hint: unclean(at: point))
            #expect(reopened.log.logEnd >= point)
            reopened.store.close(now: reopened.now)
        }

        for kind in ["log", "index", "timeindex"] {
            let path = "\(Self.path.dropLast(3))\(kind)"
            #expect(try kept.readFile(path) == anew.readFile(path), "seed \(seed), \(kind)")
        }
    }

    @Test
    func `an index entry that leads astray below the recovery point is not believed`() throws {
        let bench = try growing(batches: 100)
        let disk = bench.disk.kill(seed: 1)
        let path = "\(Self.path.dropLast(3))index"
        var bytes = try disk.readFile(path)
        bytes[bytes.count - 1] ^= 0x40
        try disk.replaceFile(path, with: bytes)

        let reopened = try LogBench(opening: disk, hint: unclean(at: Offset(100)))
        reopened.store.close(now: reopened.now)

        bench.store.close(now: bench.now)
        #expect(try disk.readFile(path) == bench.disk.readFile(path))
    }

    @Test
    func `a cut takes the entries of what went out of the files, too`() throws {
        let bench = try growing(batches: 100)
        try bench.log.truncate(to: Offset(40))
        for tag in 0..<70 {
            try bench.append(TestBatch.make(valueBytes: 300, tag: tag))
            bench.settle()
        }
        let kept = bench.disk.kill(seed: 1)

        let reopened = try LogBench(opening: kept, hint: unclean(at: Offset(105)))
        reopened.store.close(now: reopened.now)
        bench.store.close(now: bench.now)

        for kind in ["index", "timeindex"] {
            let path = "\(Self.path.dropLast(3))\(kind)"
            #expect(try kept.readFile(path) == bench.disk.readFile(path), "\(kind)")
        }
    }

    @Test
    func `entries of batches that a power cut took are taken from the files, durably`() throws {
        var settings = LogSettings()
        settings.indexIntervalBytes = 1
        settings.durability = .os
        let bench = try LogBench(settings: settings)
        for tag in 0..<6 { try bench.append(TestBatch.make(valueBytes: 600, tag: tag)) }
        // As a roll does that then fails.
        var indexes = try #require(bench.log.active.indexes)
        indexes.finish()
        try bench.log.active.writeIndexes(indexes)
        try bench.log.active.syncIndexes()

        var lost = 0
        for seed in 0..<20 as Range<UInt64> {
            let reopened = try LogBench(
                opening: bench.disk.crash(seed: seed), settings: settings,
                hint: bench.hint(clean: false))
            if reopened.log.logEnd < bench.log.logEnd { lost += 1 }
            var due = try #require(reopened.log.active.indexes)
            due.finish()
            for (kind, bytes) in [
                (SegmentName.Kind.index, due.offsets.encoded), (.timeindex, due.times.encoded),
            ] {
                let path = reopened.log.active.path(kind)
                let found = try #require(reopened.disk.durableContents(of: path))
                #expect(bytes.starts(with: found), "seed \(seed), \(kind)")
            }
        }
        #expect(lost > 0)
    }
}
