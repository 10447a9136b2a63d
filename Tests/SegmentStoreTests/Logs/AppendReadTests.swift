import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

struct AppendReadTests {
    @Test
    func `what is appended in slices is read back with the log's offsets and epoch`() throws {
        let bench = try LogBench()
        let batch = TestBatch.make(records: 3, tag: 7)
        let cuts = [0, 5, 16, 17, 80, batch.count]

        let owned = OwnedBytes(batch)
        let slices = zip(cuts, cuts.dropFirst()).map { owned[$0..<$1] }
        let first = try bench.log.append(
            TestBatch.header(batch), bytes: slices, leaderEpoch: LogBench.epoch, now: bench.now)
        let second = try bench.append(batch)
        bench.settle()

        #expect(first == AppendedRange(base: Offset(0), last: Offset(2)))
        #expect(second == AppendedRange(base: Offset(3), last: Offset(5)))
        let bytes = try bench.readAll()
        let headers = try bench.headers(in: bytes)
        #expect(headers.map(\.baseOffset) == [Offset(0), Offset(3)])
        #expect(headers.map(\.leaderEpoch) == [LogBench.epoch, LogBench.epoch])
        #expect(bytes[16..<batch.count] == batch[16...])
        let isSound = try bytes.withUnsafeBytes { try BatchView(reading: $0).hasValidChecksum }
        #expect(isSound)
    }

    @Test
    func `the first batch comes even when it is larger than what was asked for`() throws {
        let bench = try LogBench()
        let batch = TestBatch.make(valueBytes: 5_000)
        try bench.append(batch)
        try bench.append(batch)

        let one = try bench.log.read(
            from: .zero, upTo: bench.log.logEnd, maxBytes: 10, minOneBatch: true)
        let none = try bench.log.read(
            from: .zero, upTo: bench.log.logEnd, maxBytes: 10, minOneBatch: false)
        let nothing = try bench.log.read(
            from: .zero, upTo: bench.log.logEnd, maxBytes: 0, minOneBatch: false)

        #expect(one.byteCount == batch.count)
        #expect(none.byteCount == 0 && none.regions.isEmpty)
        #expect(nothing.byteCount == 0)
    }

    @Test
    func `a read ends with the last whole batch that fits`() throws {
        let bench = try LogBench()
        let batch = TestBatch.make(valueBytes: 900)
        for _ in 0..<600 { try bench.append(batch) }

        for count in [1, 2, 3, 50, 399] {
            for start in [0, 10, 200] as [Int64] {
                let read = try bench.log.read(
                    from: Offset(start), upTo: bench.log.logEnd,
                    maxBytes: count * batch.count + 5, minOneBatch: true)
                #expect(read.byteCount == count * batch.count)
                let position = FilePosition(start * Int64(batch.count))
                #expect(read.regions.first?.position == position)
            }
        }
    }

    @Test
    func `no batch is returned that ends above the bound`() throws {
        let bench = try LogBench()
        let batch = TestBatch.make(records: 10)
        for _ in 0..<400 { try bench.append(batch) }

        for bound in [1, 9, 10, 11, 25, 2_000, 3_995] as [Int64] {
            let read = try bench.log.read(
                from: .zero, upTo: Offset(bound), maxBytes: 1 << 20, minOneBatch: true)
            #expect(read.byteCount == Int(bound / 10) * batch.count)
        }
    }

    @Test
    func `a read from within a batch returns the whole batch`() throws {
        let bench = try LogBench()
        for tag in 0..<400 { try bench.append(TestBatch.make(records: 5, tag: tag)) }

        for offset in [2, 7, 999, 1_998] as [Int64] {
            let read = try bench.log.read(
                from: Offset(offset), upTo: bench.log.logEnd, maxBytes: 1, minOneBatch: true)
            let header = try #require(try bench.headers(in: bench.contents(of: read)).first)
            #expect(header.baseOffset == Offset(offset / 5 * 5))
        }
    }

    @Test
    func `offsets outside the log are refused, its end is empty`() throws {
        let bench = try LogBench()
        try bench.append(TestBatch.make(records: 4))

        let end = try bench.log.read(
            from: Offset(4), upTo: Offset(10), maxBytes: 100, minOneBatch: true)

        #expect(end.byteCount == 0)
        for offset in [-1, 5] as [Int64] {
            #expect(
                throws: StoreError.offsetOutOfRange(
                    Offset(offset), start: Offset(0), end: Offset(4))
            ) {
                try bench.log.read(
                    from: Offset(offset), upTo: Offset(10), maxBytes: 100, minOneBatch: true)
            }
        }
    }

    @Test
    func `a read goes on across segments, and one that starts in each finds its batch`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_000
        let bench = try LogBench(settings: settings)
        for tag in 0..<50 { try bench.append(TestBatch.make(records: 2, tag: tag)) }
        bench.settle()
        #expect(bench.log.segmentCount > 10)

        let all = try bench.readAll()
        #expect(try bench.headers(in: all).map(\.baseOffset.rawValue) == (0..<50).map { $0 * 2 })

        let read = try bench.log.read(
            from: .zero, upTo: bench.log.logEnd, maxBytes: 1 << 20, minOneBatch: true)
        #expect(read.regions.count == bench.log.segmentCount)
        for offset in 0..<100 as Range<Int64> {
            let read = try bench.log.read(
                from: Offset(offset), upTo: bench.log.logEnd, maxBytes: 1, minOneBatch: true)
            let header = try #require(try bench.headers(in: bench.contents(of: read)).first)
            #expect(header.baseOffset == Offset(offset / 2 * 2))
        }
    }

    @Test
    func `a reader at the tail costs no read of the file`() throws {
        let bench = try LogBench()
        for tag in 0..<1_000 { try bench.append(TestBatch.make(tag: tag)) }
        let before = bench.disk.trace.count

        for offset in 800..<1_000 as Range<Int64> {
            _ = try bench.log.read(
                from: Offset(offset), upTo: bench.log.logEnd, maxBytes: 300, minOneBatch: true)
        }

        let since = bench.disk.trace[before...].filter { $0.phase == .effective }
        #expect(since.isEmpty)
    }

    @Test
    func `a read in the middle costs three reads of the file at the most`() throws {
        let bench = try LogBench()
        for tag in 0..<3_000 { try bench.append(TestBatch.make(valueBytes: 700, tag: tag)) }

        for offset in stride(from: 0, to: 2_000, by: 111) as StrideTo<Int64> {
            let before = bench.disk.trace.count
            let read = try bench.log.read(
                from: Offset(offset), upTo: Offset(offset + 900), maxBytes: 500_000,
                minOneBatch: true)
            // Once for each file that is opened, read-ahead is turned off.
            let since = bench.disk.trace[before...].filter {
                $0.phase == .effective && $0.operation != "expectRandomReads"
            }
            #expect(since.count <= 3)
            #expect(read.byteCount > 400_000)
        }
    }

    @Test
    func `random reads give what a plain array of batches gives`() throws {
        var random = SeededRandom(seed: 4)
        var settings = LogSettings()
        settings.segmentBytes = 20_000
        let bench = try LogBench(settings: settings)
        var batches: [(base: Int64, last: Int64, size: Int)] = []
        for tag in 0..<500 {
            let batch = TestBatch.make(
                records: Int.random(in: 1...4, using: &random),
                valueBytes: Int.random(in: 0...2_000, using: &random), tag: tag)
            let range = try bench.append(batch)
            batches.append((range.base.rawValue, range.last.rawValue, batch.count))
        }
        let end = bench.log.logEnd.rawValue

        for _ in 0..<500 {
            let from = Int64.random(in: 0...end, using: &random)
            let upTo = Int64.random(in: from...end + 5, using: &random)
            let maxBytes = Int.random(in: 0...60_000, using: &random)
            let minOne = random.chance(oneIn: 2)

            let read = try bench.log.read(
                from: Offset(from), upTo: Offset(upTo), maxBytes: maxBytes, minOneBatch: minOne)

            var expected = 0
            for batch in batches where batch.last >= from && batch.last < upTo {
                guard expected + batch.size <= maxBytes || (minOne && expected == 0) else { break }
                expected += batch.size
            }
            #expect(read.byteCount == expected, "from \(from) up to \(upTo), \(maxBytes) bytes")
        }
    }

    @Test
    func `a region keeps its file readable after the log is deleted`() throws {
        let bench = try LogBench()
        let batch = TestBatch.make(valueBytes: 3_000)
        try bench.append(batch)
        bench.settle()
        let read = try bench.log.read(
            from: .zero, upTo: bench.log.logEnd, maxBytes: 1 << 20, minOneBatch: true)

        try bench.store.deleteLog(bench.log)
        bench.settle()

        #expect(try bench.contents(of: read)[16...] == batch[16...])
        #expect(throws: StoreError.closed(path: LogBench.folder)) {
            try bench.append(batch)
        }
        #expect(try bench.disk.list("/data").isEmpty)
    }
}
