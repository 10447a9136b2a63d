import Disk
import Records
@testable import SegmentStore
import Simulation
import Testing
import Vocabulary

/// What a crash leaves at the end of a log, and what is damage.
struct TornTailTests {
    private static let path = "\(LogBench.folder)/00000000000000000000.log"

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
}
