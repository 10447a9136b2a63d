import Disk
import Glibc
import LinuxDisk
import Records
import SegmentStore
import TestData
import Testing
import Vocabulary

struct KafkaFolderTests {
    @Test(arguments: ["codecs-0", "transactions-0", "shapes-0"])
    func `a clean folder opens with the end and start that Kafka's checkpoints say`(
        _ name: String
    ) throws {
        let bench = try KafkaBench("clean/\(name)")

        let log = try bench.open(clean: true)

        #expect(!log.wasUnclean)
        #expect(log.openingNotices == [])
        #expect(log.logStartOffset == .zero)
        #expect(try log.logEnd == bench.recoveryPoint)
        #expect(log.topicPartition.description == name)
        #expect(log.topicID != nil)
        #expect(log.latestEpoch == LeaderEpoch(0))
    }

    @Test(arguments: [
        "codecs-0", "transactions-0", "shapes-0", "__consumer_offsets-29",
        "__transaction_state-44", "__transaction_state-45",
    ])
    func `indexes rebuilt from the batches equal Kafka's byte for byte`(_ name: String) throws {
        let bench = try KafkaBench("clean/\(name)")
        let indexNames = try namesInFolder(bench.folder).filter { $0.hasSuffix("index") }
        let written = try indexNames.map { try readFile("\(bench.folder)/\($0)") }
        for name in indexNames where !name.hasSuffix(".txnindex") {
            #expect(unlink("\(bench.folder)/\(name)") == 0)
        }

        let log = try bench.open(clean: false)
        bench.store.close(now: Timestamp(2_000_000))

        #expect(log.failure == nil)
        #expect(log.wasUnclean)
        #expect(!indexNames.isEmpty)
        for (name, bytes) in zip(indexNames, written) {
            #expect(try readFile("\(bench.folder)/\(name)") == bytes, "\(name)")
        }
    }

    @Test(arguments: ["codecs-0", "transactions-0", "shapes-0"])
    func `a clean open and close leaves Kafka's files as they are`(_ name: String) throws {
        let bench = try KafkaBench("clean/\(name)")
        let before = try bench.contents()

        _ = try bench.open(clean: true)
        bench.store.close(now: Timestamp(2_000_000))

        let after = try bench.contents()
        #expect(after.keys.sorted() == before.keys.sorted())
        for (name, bytes) in before { #expect(after[name] == bytes, "\(name)") }
    }

    @Test(arguments: ["codecs-0", "transactions-0", "shapes-0", "compacted-0"])
    func `every batch of the dump is found by each of its offsets`(_ name: String) throws {
        let bench = try KafkaBench("clean/\(name)")
        let log = try bench.open(clean: true)

        for batch in try bench.dumpedBatches() {
            for offset in [batch.base, batch.last, (batch.base + batch.last) / 2] {
                let read = try log.read(
                    from: Offset(offset), upTo: log.logEnd, maxBytes: 1, minOneBatch: true)
                let region = try #require(read.regions.first)
                #expect(region.position == FilePosition(batch.position), "offset \(offset)")
                #expect(region.count == batch.size)
                #expect(region.path.hasSuffix(batch.file))
            }
        }
    }

    @Test
    func `a read within a gap that compaction left begins with the next batch`() throws {
        let bench = try KafkaBench("clean/compacted-0")
        let log = try bench.open(clean: true)
        let first = try #require(try bench.dumpedBatches().first)
        #expect(first.base > 0)

        let read = try log.read(from: .zero, upTo: log.logEnd, maxBytes: 1, minOneBatch: true)

        #expect(read.regions.first?.position == FilePosition(first.position))
        #expect(read.regions.first?.path.hasSuffix(first.file) == true)
    }

    @Test
    func `an uncleanly copied folder recovers all that Kafka had flushed`() throws {
        let bench = try KafkaBench("unclean/transactions-0")

        let log = try bench.open(clean: false)

        #expect(log.wasUnclean)
        #expect(log.logEnd == Offset(606))
        #expect(log.producerCount > 0)
        let read = try log.read(
            from: .zero, upTo: log.logEnd, maxBytes: 100 << 20, minOneBatch: true)
        #expect(read.regions.count == 6)
        #expect(read.byteCount == 33_486 + 33_602 + 33_849 + 33_891 + 33_908 + 33_889)
    }

    @Test
    func `what is rebuilt of the producers equals Kafka's own snapshot`() throws {
        let bench = try KafkaBench("clean/transactions-0")
        let name = "00000000000000000606.snapshot"
        let kafkas = try readFile("\(bench.folder)/\(name)")
        for name in try namesInFolder(bench.folder) where name.hasSuffix(".snapshot") {
            #expect(unlink("\(bench.folder)/\(name)") == 0)
        }

        _ = try bench.open(clean: false)
        bench.store.close(now: Timestamp(2_000_000))

        #expect(try readFile("\(bench.folder)/\(name)") == kafkas)
    }

    @Test
    func `timestamps lead to the first record that is not older`() throws {
        let bench = try KafkaBench("clean/codecs-0")
        let log = try bench.open(clean: true)
        let records = try bench.dumpedRecords()

        for index in stride(from: 0, to: records.count, by: 97) {
            let wanted = records[index].timestamp
            let expected = try #require(records.first { $0.timestamp >= wanted })
            let found = try log.lookup(timestamp: Timestamp(wanted), upTo: log.logEnd)
            #expect(found?.offset == Offset(expected.offset), "timestamp \(wanted)")
            #expect(found?.timestamp == Timestamp(expected.timestamp))
        }
        let largest = try #require(records.map(\.timestamp).max())
        let first = try #require(records.first { $0.timestamp == largest })
        #expect(try log.lookup(timestamp: Timestamp(largest + 1), upTo: log.logEnd) == nil)
        #expect(try log.offsetOfMaxTimestamp(upTo: log.logEnd)?.offset == Offset(first.offset))
    }
}
