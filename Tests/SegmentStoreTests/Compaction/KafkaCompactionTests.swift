import Compression
import Disk
import Records
import TestData
import Testing
import Vocabulary

@testable import SegmentStore

/// Compacting logs that Apache Kafka wrote.
struct KafkaCompactionTests {
    @Test
    func `what Kafka's cleaner left holds every key once, and ours leaves it so`() throws {
        let bench = try KafkaBench("clean/compacted-0")
        let log = try bench.open(clean: true)
        let before = try records(of: log)
        let cleaned = before.filter { $0.record.offset < Offset(2_375) }
        #expect(Set(cleaned.map(\.record.key)).count == cleaned.count)

        let result = try #require(try bench.store.compact(log, now: Timestamp(1_900_000_000_000)))

        #expect(result.cleanedEnd == Offset(2_375))
        #expect(result.recordsKept == result.recordsRead)
        #expect(try records(of: log).map(\.record) == before.map(\.record))
        // Twenty empty segments and six small ones fit into one.
        #expect(log.segmentCount == 2)
        bench.store.close(now: Timestamp(1_900_000_000_000))
        let names = try namesInFolder(bench.folder)
        #expect(names.filter { $0.hasSuffix(".log") }.count == 2)
        #expect(names.filter { $0.contains(".log.") } == [])
    }

    @Test
    func `merged segments of Kafka's are not changed by another compaction`() throws {
        let bench = try KafkaBench("clean/compacted-0")
        let log = try bench.open(clean: true)
        try bench.store.compact(log, now: Timestamp(1_900_000_000_000))
        let first = try bench.contents()

        log.cleanedEnd = .zero
        let again = try #require(
            try bench.store.compact(log, now: Timestamp(1_900_000_000_000)))

        #expect(again.bytesWritten == 0)
        #expect(try bench.contents() == first)
    }

    @Test
    func `records of aborted transactions go, and displace no committed ones`() throws {
        let bench = try KafkaBench("clean/transactions-0")
        let log = try bench.open(clean: true)
        let aborted = [Offset(101)...Offset(200), Offset(404)...Offset(503)]
        let before = try records(of: log)
        var newest: [[UInt8]?: Record] = [:]
        for found in before where found.record.offset < Offset(505) && !found.isControl {
            guard !aborted.contains(where: { $0.contains(found.record.offset) }) else { continue }
            newest[found.record.key] = found.record
        }

        try bench.store.compact(log, now: Timestamp(1_900_000_000_000))

        let after = try records(of: log).filter {
            $0.record.offset < Offset(505) && !$0.isControl
        }
        let expected = newest.values.sorted { $0.offset < $1.offset }
        #expect(after.map(\.record) == expected)
        #expect(!expected.isEmpty)
    }

    @Test
    func `a marker stays until its transaction is gone and its horizon has passed`() throws {
        let bench = try KafkaBench("clean/transactions-0")
        let log = try bench.open(clean: true)
        let start = Timestamp(1_900_000_000_000)
        let indexPath = "\(bench.folder)/00000000000000000000.txnindex"

        // The first run drops the records of the transaction, the second finds none of them.
        try bench.store.compact(log, now: start)
        #expect(try markers(of: log).contains(Offset(201)))
        #expect(AbortedTransaction.parse(try readFile(indexPath))?.count == 2)
        for time in [start, start + 86_399_999] {
            log.cleanedEnd = .zero
            try bench.store.compact(log, now: time)
            #expect(try markers(of: log).contains(Offset(201)))
        }
        log.cleanedEnd = .zero
        try bench.store.compact(log, now: start + 86_400_000)

        let left = try markers(of: log)
        #expect(!left.contains(Offset(201)))
        // Of these transactions there is something left: records, or a producer's last batch.
        #expect(left.contains(Offset(504)))
        let index = try #require(AbortedTransaction.parse(try readFile(indexPath)))
        #expect(index.map(\.firstOffset) == [Offset(404)])
    }

    @Test
    func `aborted records that no index names keep a log from being compacted`() throws {
        let bench = try KafkaBench("clean/transactions-0")
        let log = try bench.open(clean: true)
        _ = try bench.store.disk.perform(
            .removeFile(path: "\(bench.folder)/00000000000000000101.txnindex"))
        let before = try bench.contents()

        #expect(throws: StoreError.self) {
            try bench.store.compact(log, now: Timestamp(1_900_000_000_000))
        }

        #expect(try bench.contents() == before)
        #expect(log.failure == nil)
        #expect(try records(of: log).count == 606)
    }

    @Test
    func `Kafka's index of aborted transactions is read and written as it is`() throws {
        let bytes = try readFile(
            "\(try KafkaFolders.unpacked())/clean/transactions-0/00000000000000000101.txnindex")

        let entries = try #require(AbortedTransaction.parse(bytes))

        #expect(entries.map(\.producerID) == [ProducerID(1)])
        #expect(entries.map(\.firstOffset) == [Offset(101)])
        #expect(entries.map(\.lastOffset) == [Offset(201)])
        #expect(AbortedTransaction.encode(entries) == bytes)
        #expect(AbortedTransaction.parse(bytes + [UInt8](repeating: 0, count: 50)) == entries)
        #expect(AbortedTransaction.parse(Array(bytes.dropLast())) == nil)
        #expect(AbortedTransaction.parse([0, 1] + bytes.dropFirst(2)) == nil)
    }

    private func markers(of log: Log) throws -> [Offset] {
        try records(of: log).filter(\.isControl).map(\.record.offset)
    }

    private func records(of log: Log) throws -> [(record: Record, isControl: Bool)] {
        let decompressor = Decompressor()
        var found: [(Record, Bool)] = []
        var next = log.logStartOffset
        while next < log.logEnd {
            let read = try log.read(
                from: next, upTo: log.logEnd, maxBytes: 1 << 20, minOneBatch: true)
            guard read.byteCount > 0 else { break }
            for region in read.regions {
                let buffer = DiskBuffer(count: region.count)
                try region.read(into: buffer)
                var position = 0
                while position < region.count {
                    let batch = try BatchView(
                        reading: UnsafeRawBufferPointer(rebasing: buffer.bytes[position...]))
                    for record in try batch.records(decompressor: decompressor) {
                        found.append((record, batch.header.attributes.isControl))
                    }
                    position += batch.header.byteCount
                    next = batch.header.nextOffset
                }
            }
        }
        return found
    }
}
