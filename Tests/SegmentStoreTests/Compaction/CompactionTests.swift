import Compression
import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

struct CompactionTests {
    @Test
    func `the newest record of every key stays, at its offset`() throws {
        let bench = try CompactionBench()
        for round in 0..<40 {
            try bench.put([("a", "a\(round)"), ("b", "b\(round)"), ("c\(round)", "once")])
        }
        let before = try bench.entries()

        let result = try #require(try bench.compact())

        let after = try bench.entries()
        let closedEnd = result.cleanedEnd.rawValue
        let expected = before.filter { entry in
            entry.offset >= closedEnd
                || !before.contains {
                    $0.key == entry.key && $0.offset > entry.offset && $0.offset < closedEnd
                }
        }
        #expect(after == expected)
        #expect(after.count < before.count - 30)
        #expect(result.recordsKept < result.recordsRead)
        #expect(bench.log.cleanedEnd == result.cleanedEnd)
    }

    @Test
    func `files of a replacement that failed are gone after the next one`() throws {
        let bench = try CompactionBench()
        for round in 0..<40 { try bench.put([("a", "a\(round)"), ("b\(round)", "once")]) }
        let path = "\(LogBench.folder)/00000000000000000000.txnindex.swap"
        _ = try bench.bench.disk.close(bench.bench.disk.open(path, .createNew))

        try #require(try bench.compact() != nil)

        #expect(try !bench.bench.names().contains { $0.hasSuffix(".swap") })
    }

    @Test
    func `the active segment is left alone`() throws {
        let bench = try CompactionBench()
        for round in 0..<3 { try bench.put([("a", "a\(round)")]) }

        #expect(try bench.compact() == nil)
        #expect(try bench.entries().count == 3)
    }

    @Test
    func `small segments are merged into one that keeps within segment bytes`() throws {
        let bench = try CompactionBench()
        for round in 0..<60 {
            try bench.put([("a\(round % 3)", String(repeating: "x", count: 200))])
        }
        let before = bench.log.segmentCount

        try bench.compact()
        // Groups are made by what the segments had before: merging goes on with every run.
        bench.log.cleanedEnd = .zero
        try bench.compact()

        #expect(bench.log.segmentCount < before)
        for (name, bytes) in try bench.closedFiles() where name.hasSuffix(".log") {
            #expect(bytes.count <= 2_000)
        }
        let names = try bench.bench.names()
        #expect(!names.contains { $0.hasSuffix(".cleaned") || $0.hasSuffix(".swap") })
        #expect(!names.contains { $0.hasSuffix(".deleted") })
        let bases = Set(names.filter { $0.hasSuffix(".log") }.map { $0.prefix(20) })
        for name in names where name.hasSuffix(".snapshot") {
            #expect(bases.contains(name.prefix(20)), "\(name) belongs to no segment")
        }
    }

    @Test
    func `what was compacted is left alone until there is something new`() throws {
        let bench = try CompactionBench()
        for round in 0..<60 {
            try bench.put([("a\(round % 7)", String(repeating: "x", count: 99))])
        }
        try bench.compact()
        #expect(try bench.compact() == nil)
        var files = try bench.closedFiles()
        for _ in 0..<5 {
            bench.log.cleanedEnd = .zero
            try bench.compact()
            files = try bench.closedFiles()
        }

        bench.log.cleanedEnd = .zero
        let again = try #require(try bench.compact())

        #expect(again.recordsKept == again.recordsRead)
        #expect(try bench.closedFiles() == files)
    }

    @Test
    func `batches of which all stays keep their bytes`() throws {
        let bench = try CompactionBench()
        for round in 0..<10 {
            try bench.put([("k\(round)", "v"), ("l\(round)", String(repeating: "y", count: 300))])
        }
        try bench.put([("k3", "new")])
        for _ in 0..<8 { try bench.put([("z", String(repeating: "z", count: 500))]) }
        let before = try bench.batches()

        try bench.compact()

        let after = try bench.batches()
        for round in [0, 1, 2, 4, 5, 6] { #expect(after.contains(before[round])) }
        #expect(!after.contains(before[3]))
    }

    @Test(arguments: Codec.allCases)
    func `a batch that loses records keeps its codec, its last offset and its sequence`(
        _ codec: Codec
    ) throws {
        let bench = try CompactionBench()
        try bench.put(
            [("a", "1"), ("b", "1"), ("c", "1"), ("b", "2")], codec: codec,
            producer: (id: 9, epoch: 2, sequence: 70), timestamp: 5_000)
        try bench.put([("a", "2"), ("c", "2")], codec: codec)
        for _ in 0..<8 { try bench.put([("z", String(repeating: "z", count: 500))]) }
        let original = try bench.headers()[0]

        try bench.compact()

        let header = try bench.headers()[0]
        #expect(header.attributes.codec == codec)
        #expect(header.baseOffset == original.baseOffset)
        #expect(header.lastOffset == original.lastOffset)
        #expect(header.leaderEpoch == original.leaderEpoch)
        #expect(header.lastSequence == SequenceNumber(73))
        #expect(header.producerEpoch == ProducerEpoch(2))
        #expect(header.recordCount == 1)
        let first = try #require(try bench.entries().first)
        #expect(first == .init(offset: 3, key: "b", value: "2", timestamp: 5_000))
        for batch in try bench.batches() {
            #expect(try batch.withUnsafeBytes { try BatchView(reading: $0).hasValidChecksum })
        }
    }

    @Test
    func `log append time stays what it was`() throws {
        let bench = try CompactionBench()
        try bench.put([("a", "1"), ("b", "1"), ("t", nil)], timestampType: .logAppendTime)
        try bench.put([("a", "2")])
        for _ in 0..<8 { try bench.put([("z", String(repeating: "z", count: 500))]) }
        let original = try bench.headers()[0]

        try bench.compact()

        let header = try bench.headers()[0]
        #expect(header.attributes.timestampType == .logAppendTime)
        #expect(header.maxTimestamp == original.maxTimestamp)
        #expect(try bench.entries()[0].timestamp == original.maxTimestamp.rawValue)
    }

    @Test
    func `a tombstone stays for the delete retention and goes after it`() throws {
        let bench = try CompactionBench()
        try bench.put([("a", "1"), ("b", "1")], timestamp: 400)
        try bench.put([("a", nil)], timestamp: 500)
        for _ in 0..<9 { try bench.put([("z", String(repeating: "z", count: 500))]) }

        try bench.compact()
        let tombstone = try #require(try bench.entries().first { $0.key == "a" })
        #expect(tombstone == .init(offset: 2, key: "a", value: nil, timestamp: 500))
        let marked = try #require(try bench.headers().first { $0.deleteHorizon != nil })
        #expect(marked.deleteHorizon == bench.bench.now + 10_000)

        bench.bench.now = bench.bench.now + 9_999
        bench.log.cleanedEnd = .zero
        try bench.compact()
        #expect(try bench.entries().contains { $0.key == "a" })
        let kept = try #require(try bench.headers().first { $0.deleteHorizon != nil })
        #expect(kept.deleteHorizon == marked.deleteHorizon)

        bench.bench.now = bench.bench.now + 1
        bench.log.cleanedEnd = .zero
        try bench.compact()
        #expect(try !bench.entries().contains { $0.key == "a" })
        #expect(try bench.latest()["b"] == "1")
    }

    @Test
    func `records without a key go, and are counted`() throws {
        let bench = try CompactionBench()
        try bench.put([(nil, "1"), ("b", "1")])
        for _ in 0..<8 { try bench.put([("z", String(repeating: "z", count: 500))]) }

        let result = try #require(try bench.compact())

        #expect(result.recordsWithoutKey == 1)
        #expect(try !bench.entries().contains { $0.key == nil })
    }

    @Test
    func `an empty key is a key`() throws {
        let bench = try CompactionBench()
        for round in 0..<3 { try bench.put([("", "\(round)")]) }
        for _ in 0..<8 { try bench.put([("z", String(repeating: "z", count: 500))]) }

        try bench.compact()

        #expect(try bench.entries().filter { $0.key == "" }.map(\.value) == ["2"])
    }

    @Test
    func `a live producer's last batch stays, emptied, and its sequence goes on`() throws {
        let bench = try CompactionBench()
        for sequence in 0..<7 {
            try bench.put([("a", "p")], producer: (id: 5, epoch: 1, sequence: Int32(sequence)))
        }
        for _ in 0..<30 { try bench.put([("a", String(repeating: "z", count: 500))]) }

        try bench.compact()
        let again = try bench.reopened()

        let ofProducer = try again.headers().filter { $0.producerID == ProducerID(5) }
        #expect(ofProducer.map(\.recordCount) == [0])
        #expect(ofProducer.map(\.baseOffset) == [Offset(6)])
        let next = TestBatch.make(producer: (id: 5, epoch: 1, sequence: 7))
        #expect(try again.log.check(TestBatch.header(next), now: again.bench.now) == .inOrder)
        let old = TestBatch.make(producer: (id: 5, epoch: 1, sequence: 6))
        #expect(
            try again.log.check(TestBatch.header(old), now: again.bench.now)
                == .duplicate(baseOffset: Offset(6), lastOffset: Offset(6)))
        let gap = TestBatch.make(producer: (id: 5, epoch: 1, sequence: 9))
        #expect(throws: ProducerError.self) {
            try again.log.check(TestBatch.header(gap), now: again.bench.now)
        }
    }

    @Test
    func `a producer goes on behind a compacted batch when its later one is lost`() throws {
        var settings = CompactionBench.settings()
        settings.durability = .os
        let bench = try CompactionBench(settings: settings)
        let long = String(repeating: "z", count: 1_500)
        try bench.put([("stays", "p")], producer: (id: 5, epoch: 1, sequence: 0))
        try bench.put([("goes", "p")], producer: (id: 5, epoch: 1, sequence: 1))
        try bench.put([("goes", long)])
        try bench.put([("other", long)])
        bench.bench.settle()
        try #require(bench.log.segmentCount == 2)
        // Written and not synced.
        try bench.put([("last", "p")], producer: (id: 5, epoch: 1, sequence: 2))
        try #require(try bench.compact() != nil)
        try #require(!bench.headers().contains { $0.baseOffset == Offset(1) })
        let again = try TestBatch.header(TestBatch.make(producer: (id: 5, epoch: 1, sequence: 1)))

        var lost = 0
        for seed in 0..<40 as Range<UInt64> {
            let reopened = try CompactionBench(
                opening: bench.bench.disk.crash(seed: seed), settings: settings,
                hint: bench.bench.hint(clean: false))
            guard reopened.log.logEnd < Offset(5) else { continue }
            lost += 1
            #expect(
                try reopened.log.check(again, now: bench.bench.now)
                    == .duplicate(baseOffset: Offset(1), lastOffset: Offset(1)), "seed \(seed)")
        }
        #expect(lost > 0)
        try bench.log.truncate(to: Offset(4))
        #expect(
            try bench.log.check(again, now: bench.bench.now)
                == .duplicate(baseOffset: Offset(1), lastOffset: Offset(1)))
    }

    @Test
    func `offsets in gaps lead to the next batch there is`() throws {
        let bench = try CompactionBench()
        for round in 0..<40 { try bench.put([("a\(round % 2)", "\(round)"), ("b", "\(round)")]) }
        try bench.compact()
        let entries = try bench.entries()
        let headers = try bench.headers()

        for offset in 0..<bench.log.logEnd.rawValue {
            let read = try bench.log.read(
                from: Offset(offset), upTo: bench.log.logEnd, maxBytes: 1, minOneBatch: true)
            let first = try #require(
                try bench.bench.headers(in: bench.bench.contents(of: read)).first)
            let wanted = try #require(headers.first { $0.lastOffset >= Offset(offset) })
            #expect(first == wanted)
        }
        #expect(try bench.entries(maxBytes: 1) == entries)
    }

    @Test
    func `rebuilt indexes are those the compaction wrote`() throws {
        let bench = try CompactionBench(settings: CompactionBench.settings(segmentBytes: 20_000))
        for round in 0..<300 {
            try bench.put(
                [("a\(round % 90)", String(repeating: "x", count: 150 + round % 7))],
                timestamp: Int64(1_000 + (round * 37) % 500))
        }
        try bench.compact()
        let written = try bench.closedFiles().filter { $0.key.hasSuffix("index") }
        #expect(written.values.contains { $0.count > 24 })

        for name in written.keys {
            _ = try bench.bench.disk.perform(.removeFile(path: "\(LogBench.folder)/\(name)"))
        }
        bench.store.close(now: bench.bench.now)
        let again = try CompactionBench(
            opening: bench.bench.disk, settings: bench.log.settings,
            hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))

        #expect(try again.closedFiles().filter { $0.key.hasSuffix("index") } == written)
    }

    @Test
    func `a look-up by timestamp finds what is left`() throws {
        let bench = try CompactionBench()
        for round in 0..<40 {
            try bench.put([("a\(round % 4)", "\(round)")], timestamp: Int64(1_000 + 10 * round))
        }
        try bench.compact()

        let entries = try bench.entries()
        for timestamp in stride(from: Int64(995), to: 1_400, by: 7) {
            let found = try bench.log.lookup(
                timestamp: Timestamp(timestamp), upTo: bench.log.logEnd)
            #expect(found?.offset.rawValue == entries.first { $0.timestamp >= timestamp }?.offset)
        }
    }

    @Test
    func `a region of an old segment can be read to its end after the swap`() throws {
        let bench = try CompactionBench()
        for round in 0..<40 { try bench.put([("a", "\(round)")]) }
        bench.bench.settle()
        let read = try bench.log.read(
            from: .zero, upTo: bench.log.logEnd, maxBytes: 1 << 20, minOneBatch: true)
        let expected = try bench.bench.contents(of: read)

        try bench.compact()

        #expect(try bench.bench.contents(of: read) == expected)
    }
}
