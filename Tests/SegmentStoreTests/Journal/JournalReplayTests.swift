import Disk
import Records
import Simulation
import TestData
import Testing
import Vocabulary

@testable import SegmentStore

/// What is read from journal files, whole, torn and damaged.
struct JournalReplayTests {
    private static let path = "/data/journal-0.1"

    /// A journal file of three writes, one entry each, at bytes 4096, 8192 and 12288.
    private func makeJournal(id: UInt64 = 1) throws -> JournalBench {
        let bench = try JournalBench(logs: 1) { $0.journalID = id }
        try bench.warmUp()
        for tag in 0..<3 {
            try bench.append(to: 0, TestBatch.make(tag: tag))
            bench.settle()
        }
        return bench
    }

    @Test
    func `a damaged write with durable ones behind it is corruption, named by file and byte`()
        throws
    {
        let bench = try makeJournal()
        bench.disk.flip(bit: 3, at: FilePosition(8_192 + 100), of: Self.path)

        let error = #expect(throws: SideFileError.self) {
            try JournalReplay.read(folder: "/data", on: bench.disk)
        }

        guard case .malformed(let fault) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(fault.path == Self.path)
        #expect(fault.place == "byte 8192")
    }

    @Test
    func `a damaged first write is no torn tail either`() throws {
        let bench = try makeJournal()
        bench.disk.flip(bit: 0, at: FilePosition(4_096), of: Self.path)

        #expect(throws: SideFileError.self) {
            try JournalReplay.read(folder: "/data", on: bench.disk)
        }
    }

    @Test
    func `the last write may be torn`() throws {
        let bench = try makeJournal()
        bench.disk.flip(bit: 3, at: FilePosition(12_288 + 60), of: Self.path)

        let replay = try JournalReplay.read(folder: "/data", on: bench.disk)

        #expect(replay.batches(of: JournalBench.id, PartitionIndex(0)).count == 2)
    }

    @Test
    func `a damaged header is not passed over`() throws {
        let bench = try makeJournal()
        bench.disk.flip(bit: 3, at: FilePosition(33), of: Self.path)

        #expect(throws: SideFileError.self) {
            try JournalReplay.read(folder: "/data", on: bench.disk)
        }
    }

    @Test
    func `a later version is refused and says so`() throws {
        let bench = try makeJournal()
        let file = try bench.disk.open(Self.path, .readWrite)
        try bench.disk.write(file, at: FilePosition(8), [OwnedBytes([0, 3])])

        #expect(
            throws: SideFileError.newerVersion(path: Self.path, found: 3, supported: 2)
        ) {
            try JournalReplay.read(folder: "/data", on: bench.disk)
        }
    }

    @Test
    func `a version that was never released is refused`() throws {
        var contents = try JournalExample.contents()
        contents[9] = 1
        let checksum = contents[..<40].withUnsafeBytes { crc32c($0) }
        contents.withUnsafeMutableBytes { $0.store(checksum, at: 40) }

        #expect(throws: SideFileError.self) {
            try JournalReading(OwnedBytes(contents), path: "example", name: "example")
        }
    }

    @Test
    func `a write under way that a later one overtook is left out with a notice`() throws {
        // Two at once: the first hangs, the second is durable, the power goes.
        var found = false
        for seed in 0..<200 as Range<UInt64> {
            let bench = try JournalBench(logs: 2, disk: SimulatedDisk(seed: 7))
            try bench.warmUp()
            try bench.append(to: 0, TestBatch.make(tag: 1))
            bench.store.commit()
            try bench.append(to: 1, TestBatch.make(tag: 2))
            bench.store.commit()
            let survivor = bench.disk.crash(seed: seed)
            let replay = try JournalReplay.read(folder: "/data", on: survivor)
            found = found || !replay.notices.isEmpty
            #expect(replay.batches(of: JournalBench.id, PartitionIndex(1)).count <= 1)
        }
        #expect(found)
    }

    @Test
    func `files of more shards than there are today are read`() throws {
        let bench = try makeJournal()
        let other = try makeJournal(id: 77).disk.readFile(Self.path)
        let file = try bench.disk.open("/data/journal-11.4", .createNew)
        try bench.disk.write(file, at: .zero, [OwnedBytes(other)])

        let replay = try JournalReplay.read(folder: "/data", on: bench.disk)

        #expect(replay.batches(of: JournalBench.id, PartitionIndex(0)).count == 3)
        try replay.finish(on: bench.disk)
        #expect(try bench.journalNames().isEmpty)
    }

    @Test
    func `what belongs to a log that cannot be opened is kept for the next start`() throws {
        let bench = try makeJournal()
        let disk = bench.disk.crash(seed: 1)
        let replay = try JournalReplay.read(folder: "/data", on: disk)
        let offline = JournaledPartition(topicID: JournalBench.id, partition: PartitionIndex(0))

        try replay.finish(on: disk, keeping: [offline])

        let next = try JournalReplay.read(folder: "/data", on: disk)
        #expect(next.partitions == [offline])
        #expect(next.batches(of: JournalBench.id, PartitionIndex(0)).count == 3)
    }

    @Test
    func `the worked example of the format decodes`() throws {
        let contents = try JournalExample.contents()

        let reading = try JournalReading(OwnedBytes(contents), path: "example", name: "example")

        #expect(
            reading.header
                == JournalFileHeader(
                    fileByteCount: 65_536, journalID: 0x9A3C_51E8_702D_B64F, generation: 2))
        #expect(reading.writes.count == 1)
        let write = try #require(reading.writes.first)
        #expect(write.header.sequence == 5 && write.header.settled == 4)
        let entry = try #require(write.entries.first)
        #expect(entry.partition.topicID == TopicID(high: 7, low: 9))
        #expect(entry.partition.partition == PartitionIndex(3))
        #expect(entry.batch.incarnation == .first && entry.batch.baseOffset == Offset(40))
        let header = try entry.batch.bytes.withUnsafeBytes { bytes throws(RecordError) in
            try BatchHeader(reading: bytes)
        }
        #expect(header.baseOffset == Offset(40) && header.recordCount == 1)
        #expect(header.byteCount == entry.batch.bytes.count)
    }

    @Test
    func `the fixture of version 2 is read`() throws {
        let contents = try JournalExample.fixture()

        let reading = try JournalReading(OwnedBytes(contents), path: "fixture", name: "fixture")

        #expect(reading.header.journalID == 0x1122_3344_5566_7788)
        #expect(reading.writes.map(\.header.sequence) == [9, 10])
        let entries = reading.writes.flatMap(\.entries)
        #expect(entries.map(\.batch.baseOffset.rawValue) == [100, 7, 101])
        #expect(entries.map(\.batch.incarnation.rawValue) == [0, 4, 0])
        #expect(entries.map(\.partition.partition.rawValue) == [0, 1, 0])
    }

    @Test(arguments: [
        ("journal-0.1", true), ("journal-11.4.tmp", true), ("journal-+1.2", false),
        ("journal-1.-0", false), ("journal-1", false), ("journal-1.", false),
        ("journal-1.2.3", false), ("journal-\u{0661}.2", false),
    ])
    func `a journal's name has two numbers in digits`(_ name: String, _ isJournal: Bool) {
        #expect(JournalReplay.isJournal(name) == isJournal)
    }
}
