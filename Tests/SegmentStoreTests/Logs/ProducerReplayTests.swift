import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

struct ProducerReplayTests {
    @Test(arguments: [true, false])
    func `all five batches in flight are recognized after a restart`(_ clean: Bool) throws {
        var settings = LogSettings()
        settings.segmentBytes = 2_000
        let bench = try LogBench(settings: settings)
        for sequence in 0..<40 as Range<Int32> {
            for producer in 1...2 as ClosedRange<Int64> {
                try bench.append(TestBatch.make(producer: (producer, 0, sequence)))
            }
        }
        bench.settle()
        let hint = bench.hint(clean: clean)
        if clean { bench.store.close(now: bench.now) }

        let reopened = try LogBench(
            opening: bench.disk.crash(seed: 2), settings: settings, hint: hint)

        #expect(reopened.log.wasUnclean == !clean)
        #expect(reopened.log.producerCount == 2)
        for sequence in 35..<40 as Range<Int32> {
            let batch = TestBatch.make(producer: (2, 0, sequence))
            let offset = Offset(Int64(sequence) * 2 + 1)
            #expect(
                try reopened.log.check(TestBatch.header(batch), now: bench.now)
                    == .duplicate(baseOffset: offset, lastOffset: offset))
        }
        for (sequence, expected) in [(34, 40), (41, 40)] as [(Int32, Int32)] {
            let batch = TestBatch.make(producer: (2, 0, sequence))
            #expect(
                throws: ProducerError.outOfOrderSequence(
                    producerID: ProducerID(2), expected: SequenceNumber(expected),
                    found: SequenceNumber(sequence))
            ) {
                try reopened.log.check(TestBatch.header(batch), now: bench.now)
            }
        }
    }

    @Test
    func `a producer whose batches lie far behind is known from the snapshot`() throws {
        let bench = try LogBench()
        try bench.append(TestBatch.make(producer: (1, 3, 0)))
        for tag in 0..<12 { try bench.append(TestBatch.make(valueBytes: 1 << 20, tag: tag)) }
        bench.settle()
        bench.store.close(now: bench.now)

        let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: true))

        let again = TestBatch.make(producer: (1, 3, 0))
        #expect(
            try reopened.log.check(TestBatch.header(again), now: bench.now)
                == .duplicate(baseOffset: .zero, lastOffset: .zero))
        let stale = TestBatch.make(producer: (1, 2, 5))
        #expect(throws: ProducerError.self) {
            try reopened.log.check(TestBatch.header(stale), now: bench.now)
        }
    }

    @Test
    func `after an orderly stop the tail is read as far as five batches of each producer reach`()
        throws
    {
        let bench = try LogBench()
        for sequence in 0..<400 as Range<Int32> {
            try bench.append(
                TestBatch.make(valueBytes: 10_000, producer: (Int64(sequence % 2), 0, sequence / 2))
            )
        }
        bench.settle()
        bench.store.close(now: bench.now)
        let start = bench.disk.trace.count

        let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: true))

        let reads = bench.disk.trace[start...].filter {
            $0.operation == "read" && $0.path.hasSuffix(".log") && $0.phase == .effective
        }
        #expect(
            reads.reduce(0) { $0 + ($1.range.map { $0.upperBound - $0.lowerBound } ?? 0) } < 1 << 20
        )
        for sequence in 195..<200 as Range<Int32> {
            for producer in 0..<2 as Range<Int64> {
                let again = TestBatch.make(valueBytes: 10_000, producer: (producer, 0, sequence))
                let offset = Offset(Int64(sequence) * 2 + producer)
                #expect(
                    try reopened.log.check(TestBatch.header(again), now: bench.now)
                        == .duplicate(baseOffset: offset, lastOffset: offset))
            }
        }
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func `whatever the producers' pace, their last five batches are known after a restart`(
        _ seed: UInt64
    ) throws {
        var random = SeededRandom(seed: seed)
        var settings = LogSettings()
        settings.segmentBytes = 1 << 20
        let bench = try LogBench(settings: settings)
        var sent: [Int64: [(header: BatchHeader, offset: Offset)]] = [:]
        var epochs: [Int64: Int16] = [:]
        var sequences: [Int64: Int32] = [:]
        // Four MiB, all within the tail that is read at most.
        for _ in 0..<400 {
            // Some are heard of all the time, others seldom.
            let producer = Int64(
                random.chance(oneIn: 20) ? Int.random(in: 2..<8, using: &random) : 1)
            if random.chance(oneIn: 50) {
                epochs[producer, default: 0] += 1
                sequences[producer] = nil
                sent[producer] = []
            }
            let sequence = sequences[producer, default: 0]
            sequences[producer] = sequence + 1
            let batch = TestBatch.make(
                valueBytes: Int.random(in: 1...20_000, using: &random),
                producer: (producer, epochs[producer, default: 0], sequence))
            let range = try bench.append(batch)
            sent[producer, default: []].append((try TestBatch.header(batch), range.base))
        }
        bench.settle()
        bench.store.close(now: bench.now)

        let reopened = try LogBench(
            opening: bench.disk, settings: settings, hint: bench.hint(clean: true))

        #expect(!reopened.log.wasUnclean)
        for (producer, batches) in sent {
            for (header, offset) in batches.suffix(5) {
                #expect(
                    try reopened.log.check(header, now: bench.now)
                        == .duplicate(baseOffset: offset, lastOffset: offset),
                    "seed \(seed), producer \(producer)")
            }
        }
    }

    @Test
    func `a damaged snapshot is passed over for an older one`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_000
        let bench = try LogBench(settings: settings)
        for sequence in 0..<20 as Range<Int32> {
            try bench.append(TestBatch.make(producer: (1, 0, sequence)))
        }
        bench.settle()
        bench.store.close(now: bench.now)
        let name = ProducerSnapshot.name(at: bench.log.logEnd)
        try bench.disk.replaceFile("\(LogBench.folder)/\(name)", with: [0, 1, 2, 3])

        let reopened = try LogBench(
            opening: bench.disk, settings: settings, hint: bench.hint(clean: true))

        #expect(reopened.log.openingNotices.contains { $0.contains(name) })
        let next = TestBatch.make(producer: (1, 0, 20))
        #expect(try reopened.log.check(TestBatch.header(next), now: bench.now) == .inOrder)
        let last = TestBatch.make(producer: (1, 0, 19))
        #expect(
            try reopened.log.check(TestBatch.header(last), now: bench.now)
                == .duplicate(baseOffset: Offset(19), lastOffset: Offset(19)))
    }

    @Test
    func `snapshots above the end that a crash left are removed`() throws {
        let bench = try LogBench()
        try bench.append(TestBatch.make(producer: (1, 0, 0)))
        bench.settle()
        let ahead = ProducerSnapshot.name(at: Offset(50))
        try bench.disk.replaceFile("\(LogBench.folder)/\(ahead)", with: [9])

        let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: false))

        #expect(try !reopened.names().contains(ahead))
        #expect(reopened.log.producerCount == 1)
    }

    @Test
    func `producers not heard of for long enough are forgotten`() throws {
        var settings = LogSettings()
        settings.producerIDExpirationMilliseconds = 100_000
        let bench = try LogBench(settings: settings)
        try bench.append(TestBatch.make(producer: (1, 0, 0)))
        bench.settle()

        bench.store.tick(now: bench.now)
        bench.store.tick(now: bench.now + 99_000)
        #expect(bench.log.producerCount == 1)
        bench.store.tick(now: bench.now + 200_000)

        #expect(bench.log.producerCount == 0)
    }
}
