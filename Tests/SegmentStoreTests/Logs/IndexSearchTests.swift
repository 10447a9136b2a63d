import Disk
import Records
import Simulation
import Testing
import Vocabulary

@testable import SegmentStore

@Suite("Looking up in segments whose indexes are not in memory")
struct IndexSearchTests {
    /// A log of a few closed segments with more index entries than fit one read, opened anew.
    private func reopened(
        seed: UInt64 = 1, batches: Int = 2_500, reorders: Bool = false,
        before: (SimulatedDisk) throws -> Void = { _ in }
    ) throws -> (bench: LogBench, headers: [BatchHeader]) {
        var settings = LogSettings()
        settings.indexIntervalBytes = 0
        settings.segmentBytes = 100_000
        let disk = SimulatedDisk(
            seed: seed, settings: SimulatedDiskSettings(reorders: reorders, traces: true))
        let first = try LogBench(disk: disk, settings: settings)
        var random = SeededRandom(seed: seed)
        var time: Int64 = 1_000_000
        for number in 0..<batches {
            // Seldom back in time, at times far forward: guesses are wrong then.
            time += Int64.random(in: -2...8, using: &random)
            if random.chance(oneIn: 500) { time += 1_000_000 }
            let records = Int.random(in: 1...2, using: &random)
            try first.append(
                TestBatch.make(
                    records: records, valueBytes: 8,
                    timestamps: Array(repeating: time, count: records), tag: number))
        }
        first.settle()
        let headers = try first.headers(in: try first.readAll())
        let hint = first.hint(clean: true)
        first.store.close(now: first.now)
        try before(disk)
        return (try LogBench(opening: disk, settings: settings, hint: hint), headers)
    }

    @Test
    func `every offset leads to its batch, and no index is loaded`() throws {
        let (bench, headers) = try reopened()
        #expect(bench.log.segmentCount > 2)

        for header in headers {
            for offset in [header.baseOffset, header.lastOffset] {
                let found = try bench.log.read(
                    from: offset, upTo: bench.log.logEnd, maxBytes: 1, minOneBatch: true)
                let batch = try bench.headers(in: try bench.contents(of: found))
                #expect(batch.map(\.baseOffset) == [header.baseOffset])
            }
        }
        #expect(bench.log.segments.dropLast().allSatisfy { $0.indexes == nil })
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `every timestamp leads to the first record that is not older`(seed: UInt64) throws {
        let (bench, headers) = try reopened(seed: seed)
        var random = SeededRandom(seed: seed)

        for _ in 0..<200 {
            let near = headers[Int.random(in: 0..<headers.count, using: &random)].maxTimestamp
            let wanted = near + Int64.random(in: -3...3, using: &random)
            let found = try bench.log.lookup(timestamp: wanted, upTo: bench.log.logEnd)
            let expected = headers.first { $0.maxTimestamp >= wanted }
            #expect(found?.offset == expected?.baseOffset)
        }
        #expect(bench.log.segments.dropLast().allSatisfy { $0.indexes == nil })
    }

    @Test
    func `a limit of bytes ends between two batches`() throws {
        let (bench, headers) = try reopened()
        var random = SeededRandom(seed: 9)

        for _ in 0..<300 {
            let first = Int.random(in: 0..<headers.count - 1, using: &random)
            let limit = Int.random(in: 200..<100_000, using: &random)
            let found = try bench.log.read(
                from: headers[first].baseOffset, upTo: bench.log.logEnd, maxBytes: limit,
                minOneBatch: true)
            let batches = try bench.headers(in: try bench.contents(of: found))
            #expect(found.byteCount <= limit)
            #expect(batches.first?.baseOffset == headers[first].baseOffset)
            let next = first + batches.count
            if next < headers.count, found.regions.count == 1 {
                let isSegmentEnd = bench.log.segments.contains {
                    $0.baseOffset == headers[next].baseOffset
                }
                #expect(isSegmentEnd || found.byteCount + headers[next].byteCount > limit)
            }
        }
    }

    @Test(arguments: ["index", "timeindex"])
    func `damage in the middle of an index file misleads nobody`(kind: String) throws {
        let (bench, headers) = try reopened { disk in
            let path = "\(LogBench.folder)/00000000000000000000.\(kind)"
            for position in stride(from: 400, to: 8_000, by: 52) as StrideTo<Int64> {
                disk.flip(bit: 5, at: FilePosition(position), of: path)
            }
        }

        for header in headers.prefix(900) {
            let found = try bench.log.read(
                from: header.baseOffset, upTo: bench.log.logEnd, maxBytes: 500,
                minOneBatch: true)
            let batch = try bench.headers(in: try bench.contents(of: found)).first
            #expect(batch?.baseOffset == header.baseOffset)
        }
    }

    @Test(arguments: ["index", "timeindex"])
    func `an index file that is missing or cut is made anew`(kind: String) throws {
        let path = "\(LogBench.folder)/00000000000000000000.\(kind)"
        for isCut in [false, true] {
            let (bench, headers) = try reopened { disk in
                if isCut {
                    let file = try disk.open(path, .readWrite)
                    _ = try disk.perform(.truncate(file, to: FilePosition(24)))
                } else {
                    _ = try disk.perform(.removeFile(path: path))
                }
            }
            let wanted = headers[600]

            let found = try bench.log.read(
                from: wanted.baseOffset, upTo: bench.log.logEnd, maxBytes: 1, minOneBatch: true)
            _ = try bench.log.lookup(timestamp: wanted.maxTimestamp, upTo: bench.log.logEnd)

            let batch = try bench.headers(in: try bench.contents(of: found)).first
            #expect(batch?.baseOffset == wanted.baseOffset)
            #expect(try bench.disk.readFile(path).count > 24)
        }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `a look-up that may not wait reads nothing but what it has had read in`(
        seed: UInt64
    ) throws {
        let (bench, headers) = try reopened(seed: seed, batches: 1_500, reorders: true)
        let wanted = headers[Int(seed) * 100]
        bench.disk.forgetPages()
        let began = bench.disk.trace.count

        let place = try finding(bench) {
            () throws(StoreError) in
            try bench.log.read(
                from: wanted.baseOffset, upTo: bench.log.logEnd, maxBytes: 1, minOneBatch: true
            ).regions.map(\.position)
        }
        let record = try finding(bench) {
            () throws(StoreError) in
            try bench.log.lookup(timestamp: wanted.maxTimestamp, upTo: bench.log.logEnd)
        }

        let reads = bench.disk.trace[began...].filter { $0.operation == "read" }
        #expect(reads.contains { $0.phase == .submitted })
        #expect(
            reads.count { $0.phase == .effective } == reads.count { $0.phase == .submitted })
        let expected = try bench.log.read(
            from: wanted.baseOffset, upTo: bench.log.logEnd, maxBytes: 1, minOneBatch: true)
        #expect(place == expected.regions.map(\.position))
        #expect(
            record?.offset == headers.first { $0.maxTimestamp >= wanted.maxTimestamp }?.baseOffset)
    }

    @Test
    func `bytes that cannot be read in are not waited for without end`() throws {
        let (bench, headers) = try reopened(batches: 1_000)
        bench.disk.forgetPages()
        var told = 0

        bench.store.readIn(
            MissingBytes(path: "/data/gone", position: .zero, count: 10)
        ) { told += 1 }
        bench.disk.inject(DiskFault("read", pathPart: ".log"))
        bench.store.readIn(
            MissingBytes(
                path: "\(LogBench.folder)/00000000000000000000.log", position: .zero, count: 10)
        ) { told += 1 }
        bench.settle()

        #expect(told == 2)
        #expect(headers.count == 1_000)
    }

    /// What a look-up finds that has what it lacks read in until it lacks nothing.
    private func finding<Found>(
        _ bench: LogBench, _ lookup: () throws(StoreError) -> Found
    ) throws -> Found {
        for _ in 0..<100 {
            do throws(StoreError) {
                return try bench.store.withoutWaiting(lookup)
            } catch {
                guard case .notInMemory(let missing) = error else { throw error }
                var hasArrived = false
                bench.store.readIn(missing) { hasArrived = true }
                bench.settle()
                #expect(hasArrived)
            }
        }
        Issue.record("the look-up lacks something for ever")
        throw DiskError(operation: "lookup", path: bench.log.folder, code: DiskError.tryAgain)
    }
}
