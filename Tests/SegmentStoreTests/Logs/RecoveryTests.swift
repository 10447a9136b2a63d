import Disk
import Records
@testable import SegmentStore
import Simulation
import Testing
import Vocabulary

struct RecoveryTests {
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
    func `a tail cut at any sector loses what was not acknowledged and nothing else`() throws {
        let bench = try LogBench()
        for tag in 0..<5 { try bench.append(TestBatch.make(valueBytes: 700, tag: tag)) }
        bench.settle()
        let durable = try bench.disk.readFile(Self.path).count
        for tag in 5..<9 { try bench.append(TestBatch.make(valueBytes: 700, tag: tag)) }
        let all = try bench.disk.readFile(Self.path)

        for length in stride(from: (durable + 511) / 512 * 512, to: all.count, by: 512) {
            let survivor = bench.disk.kill(seed: 1)
            let file = try survivor.open(Self.path, .readWrite)
            _ = try survivor.perform(.truncate(file, to: FilePosition(Int64(length))))
            try survivor.close(file)
            let reopened = try LogBench(
                opening: survivor, hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))

            let bytes = try reopened.readAll()
            #expect(bytes.count <= length && bytes.count >= durable)
            #expect(bytes[...] == all[..<bytes.count])
            #expect(try survivor.readFile(Self.path).count == bytes.count)
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `a power cut leaves all that was acknowledged and a beginning of the rest`(
        _ seed: UInt64
    ) throws {
        var settings = LogSettings()
        settings.segmentBytes = 12_000
        var random = SeededRandom(seed: seed)
        var bench = try LogBench(disk: SimulatedDisk(seed: seed), settings: settings)
        var model: [[UInt8]] = []

        for round in 0..<4 {
            for step in 0..<Int.random(in: 1...25, using: &random) {
                let batch = TestBatch.make(
                    records: Int.random(in: 1...3, using: &random),
                    valueBytes: Int.random(in: 0...1_500, using: &random),
                    tag: round * 1_000 + step)
                try bench.append(batch)
                model.append(batch)
                if random.chance(oneIn: 3) { bench.store.commit() }
                if random.chance(oneIn: 3) { bench.store.drain() }
            }
            let durableEnd = bench.log.durableEnd
            let epoch = LeaderEpoch(LogBench.epoch.rawValue)
            let survivor = bench.disk.crash(seed: random.next())
            let hint = OpenHint(
                cleanShutdown: false,
                recoveryPoint: random.chance(oneIn: 2) ? .zero : bench.log.recoveryPoint)
            bench = try LogBench(opening: survivor, settings: settings, hint: hint)

            #expect(bench.log.logEnd >= durableEnd, "seed \(seed), round \(round)")
            #expect(bench.log.durableEnd == bench.log.logEnd)
            let bytes = try bench.readAll()
            let headers = try bench.headers(in: bytes)
            var position = 0
            for (index, header) in headers.enumerated() {
                #expect(header.leaderEpoch == epoch)
                let body = bytes[position + 16..<position + header.byteCount]
                #expect(body == model[index][16...], "seed \(seed), batch \(index)")
                position += header.byteCount
            }
            model.removeLast(model.count - headers.count)
            // Recovered bytes are durable before anything else happens.
            let again = try LogBench(
                opening: survivor.crash(seed: random.next()), settings: settings, hint: hint)
            #expect(again.log.logEnd == bench.log.logEnd)
        }
    }

    @Test
    func `a flipped bit in what was durable is damage, not a torn tail`() throws {
        let bench = try LogBench()
        for tag in 0..<6 { try bench.append(TestBatch.make(valueBytes: 700, tag: tag)) }
        bench.settle()
        let size = TestBatch.make(valueBytes: 700).count

        for place in [8, 10, 16, 17, 22, 60, 300, size - 1] {
            for recoveryPoint in [Offset(0), Offset(6)] {
                let survivor = bench.disk.crash(seed: 1)
                survivor.flip(bit: 1, at: FilePosition(Int64(2 * size + place)), of: Self.path)
                // Below the recovery point only headers are read.
                guard recoveryPoint == .zero || place < 17 else { continue }
                #expect(throws: StoreError.self, "byte \(place)") {
                    try LogBench(
                        opening: survivor,
                        hint: OpenHint(cleanShutdown: false, recoveryPoint: recoveryPoint))
                }
                #expect(try survivor.readFile(Self.path).count == 6 * size)
            }
        }
    }

    @Test
    func `a flipped bit in the last batch is cut like a torn tail and reported`() throws {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(valueBytes: 700, tag: tag)) }
        bench.settle()
        let size = TestBatch.make(valueBytes: 700).count
        bench.disk.flip(bit: 0, at: FilePosition(Int64(2 * size + 100)), of: Self.path)

        let reopened = try LogBench(
            opening: bench.disk, hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))

        #expect(reopened.log.logEnd == Offset(2))
        let notice = try #require(reopened.log.openingNotices.first)
        #expect(notice.contains("cut \(size) bytes"))
        #expect(notice.contains("checksum"))
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
    func `what an interrupted compaction or deletion left is removed or finished`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 400
        let bench = try LogBench(settings: settings)
        for tag in 0..<7 { try bench.append(TestBatch.make(tag: tag)) }
        bench.store.close(now: bench.now)
        let folder = LogBench.folder
        let first = "\(folder)/00000000000000000000"
        let second = "\(folder)/00000000000000000002"
        // A compaction that had merged the first two segments and not yet deleted the old ones.
        let merged =
            try bench.disk.readFile("\(first).log") + bench.disk.readFile("\(second).log")
        try bench.disk.replaceFile("\(first).log.swap", with: merged)
        try bench.disk.replaceFile("\(first).index.swap", with: [])
        try bench.disk.replaceFile("\(folder)/00000000000000000099.log.deleted", with: [1])
        try bench.disk.replaceFile("\(folder)/00000000000000000055.index", with: [1])
        try bench.disk.replaceFile("\(folder)/leader-epoch-checkpoint.tmp", with: [1])

        let reopened = try LogBench(
            opening: bench.disk, settings: settings, hint: bench.hint(clean: true))

        #expect(reopened.log.logEnd == Offset(7))
        #expect(reopened.log.segmentCount == 3)
        #expect(try reopened.headers(in: reopened.readAll()).count == 7)
        let names = try reopened.names()
        #expect(!names.contains { $0.contains(".swap") || $0.hasSuffix(".tmp") })
        #expect(!names.contains { $0.contains("0055") || $0.contains("0099") })
    }

    @Test
    func `new segments that were not all named are thrown away with the ones that were`() throws {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.store.close(now: bench.now)
        let path = "\(LogBench.folder)/00000000000000000000.log"
        try bench.disk.replaceFile("\(path).swap", with: [])
        try bench.disk.replaceFile("\(path).cleaned", with: [])

        let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: true))

        #expect(try reopened.headers(in: reopened.readAll()).count == 3)
        #expect(try !reopened.names().contains { $0.contains("cleaned") || $0.contains("swap") })
    }

    @Test
    func `an unclean open enters its new leader epoch durably before anything is appended`() throws
    {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.settle()

        let reopened = try LogBench(
            opening: bench.disk.crash(seed: 3), hint: bench.hint(clean: false))
        let again = try LogBench(
            opening: reopened.disk.crash(seed: 4), hint: reopened.hint(clean: true))

        #expect(reopened.log.latestEpoch == LeaderEpoch(4))
        #expect(reopened.log.epochEnd(for: LogBench.epoch)?.endOffset == Offset(3))
        #expect(again.log.latestEpoch == LeaderEpoch(4))
        #expect(again.log.epochEnd(for: LogBench.epoch)?.endOffset == Offset(3))
    }

    @Test
    func `an unclean open never lowers the leader epoch, whatever its caller knew`() throws {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.settle()
        var hint = bench.hint(clean: false)
        hint.newLeaderEpochAfterUnclean = LeaderEpoch(1)

        let reopened = try LogBench(opening: bench.disk.crash(seed: 3), hint: hint)

        #expect(reopened.log.latestEpoch == LogBench.epoch.next)
        #expect(reopened.log.epochEnd(for: LogBench.epoch)?.endOffset == Offset(3))
    }

    @Test
    func `a leader epoch that no partition reaches does not count and is reported`() throws {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.settle()
        let size = TestBatch.make().count
        let disk = bench.disk.crash(seed: 3)
        disk.flip(bit: 6, at: FilePosition(Int64(size + 12)), of: Self.path)

        let reopened = try LogBench(
            opening: disk, hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))

        #expect(reopened.log.latestEpoch == LogBench.epoch)
        #expect(reopened.log.openingNotices.contains { $0.contains("leader epoch") })
    }

    @Test
    func `a log with the last leader epoch there is opens again and again`() throws {
        let bench = try LogBench()
        try bench.append(TestBatch.make())
        try bench.log.updateLeaderEpoch(LeaderEpoch(.max))
        bench.settle()
        var disk = bench.disk

        for seed in 0..<2 as Range<UInt64> {
            disk = disk.crash(seed: seed)
            let reopened = try LogBench(opening: disk, hint: bench.hint(clean: false))
            #expect(reopened.log.latestEpoch == LeaderEpoch(.max))
        }
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
    func `a segment that goes on behind 2 GiB is damage`() throws {
        let bench = try LogBench()
        let batch = TestBatch.make()
        try bench.append(batch)
        bench.store.close(now: bench.now)
        let segment = Segment(baseOffset: .zero, folder: LogBench.folder, store: bench.store)

        #expect(throws: Never.self) { try segment.ensureIndexable(Int(Int32.max)) }
        #expect(throws: StoreError.self) { try segment.ensureIndexable(Int(Int32.max) + 1) }
    }

    @Test
    func `bytes that look like a batch with offsets beyond 64 bits do not stop an opening`() throws
    {
        let bench = try LogBench()
        try bench.append(TestBatch.make())
        bench.settle()
        var fake = TestBatch.make()
        fake.replaceSubrange(0..<8, with: [0x7F] + [UInt8](repeating: 0xFF, count: 7))
        fake.replaceSubrange(23..<27, with: [0x7F, 0xFF, 0xFF, 0xFF])
        let size = TestBatch.make().count
        let disk = bench.disk.crash(seed: 1)
        let file = try disk.open(Self.path, .readWrite)
        var torn = TestBatch.make(valueBytes: 900)
        torn.replaceSubrange(100..<100 + fake.count, with: fake)
        try disk.write(
            file, at: FilePosition(Int64(size)), [OwnedBytes([UInt8](torn.prefix(600)))])
        try disk.close(file)

        let reopened = try LogBench(
            opening: disk, hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))

        #expect(reopened.log.logEnd == Offset(1))
        #expect(try disk.readFile(Self.path).count == size)
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
    func `zeros where a closed segment was durable are damage`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 2_000
        let bench = try LogBench(settings: settings)
        for tag in 0..<6 { try bench.append(TestBatch.make(valueBytes: 700, tag: tag)) }
        bench.settle()
        #expect(bench.log.segmentCount > 1)
        let size = TestBatch.make(valueBytes: 700).count
        let disk = bench.disk.crash(seed: 1)
        let file = try disk.open(Self.path, .readWrite)
        try disk.write(
            file, at: FilePosition(Int64(size)), [OwnedBytes([UInt8](repeating: 0, count: size))])
        try disk.close(file)
        // Without known epochs everything is read again.
        try disk.replaceFile("\(LogBench.folder)/leader-epoch-checkpoint", with: [])

        #expect(throws: StoreError.self) {
            try LogBench(opening: disk, settings: settings, hint: bench.hint(clean: false))
        }
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

    @Test(arguments: ["garbage", "flipped", "short", "descending"])
    func `a swap file that is not all sound batches replaces nothing`(_ kind: String) throws {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.store.close(now: bench.now)
        let sound = try bench.disk.readFile(Self.path)
        var swap = sound
        switch kind {
        case "garbage": swap = [UInt8](repeating: 0x5A, count: 300)
        case "flipped": swap[sound.count - 1] ^= 1
        case "short": swap.removeLast()
        default: swap += sound
        }
        try bench.disk.replaceFile("\(Self.path).swap", with: swap)

        let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: true))

        #expect(try reopened.headers(in: reopened.readAll()).count == 3)
        #expect(try bench.disk.readFile("\(Self.path).swap") == swap)
        #expect(reopened.log.openingNotices.contains { $0.contains(".swap is not") })
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
