import Disk
import Records
import Simulation
import Testing
import Vocabulary

@testable import SegmentStore

/// Record bytes that look like a write of the journal, and lie where one could.
struct JournalForgeryTests {
    private static let path = "/data/journal-0.1"
    private static let forgedOffset = Offset(1_000_000)

    /// A whole write, as somebody makes it who knows all but what is random.
    private func forgedWrite(generation: UInt64, settled: UInt64) -> [UInt8] {
        let batch = TestBatch.make()
        var write = [UInt8](repeating: 0, count: 80 + batch.count)
        write.withUnsafeMutableBytes { bytes in
            bytes.store(UInt32(0x4D52_4A57), at: 0)
            bytes.store(UInt32(bytes.count), at: 4)
            bytes.store(generation, at: 8)
            bytes.store(UInt64(2), at: 16)
            bytes.store(settled, at: 24)
            bytes.store(UInt32(1), at: 32)
            bytes.store(JournalBench.id.high, at: 40)
            bytes.store(JournalBench.id.low, at: 48)
            bytes.store(UInt32(batch.count), at: 60)
            bytes.store(Self.forgedOffset.rawValue, at: 72)
            bytes[80...].copyBytes(from: batch)
            var checksum = CRC32C()
            checksum.update(UnsafeRawBufferPointer(rebasing: bytes[..<36]))
            checksum.update(UnsafeRawBufferPointer(rebasing: bytes[40...]))
            bytes.store(checksum.value, at: 36)
        }
        return write
    }

    /// A batch with `forged` at the start of a block if it is the first of the journal's file.
    private func batch(with forged: [UInt8]) throws -> [UInt8] {
        func make(_ padding: Int) -> [UInt8] {
            var value = [UInt8](repeating: 0, count: 8_000)
            value.replaceSubrange(padding..<padding + forged.count, with: forged)
            var builder = BatchBuilder()
            builder.append(key: nil, value: value, timestamp: Timestamp(1_000_000))
            return builder.build()
        }
        let unpadded = make(0)
        let place = try #require(
            unpadded.indices.first { unpadded[$0...].starts(with: Array("MRJW".utf8)) })
        return make(4_096 - 80 - place)
    }

    /// A journal of one file, whose second block the forged bytes begin.
    private func bench(with forged: [UInt8]) throws -> JournalBench {
        let bench = try JournalBench(logs: 1) {
            $0.fileCount = 1
            $0.journalID = 0x1357_9BDF_0246_8ACE
        }
        try bench.warmUp()
        try bench.append(to: 0, try batch(with: forged))
        bench.settle()
        let file = try bench.disk.readFile(Self.path)
        try #require(file[8_192...].starts(with: forged))
        return bench
    }

    @Test
    func `left from an earlier lap they are not taken for a write`() throws {
        let bench = try bench(with: forgedWrite(generation: 2, settled: 0))
        let before = try bench.disk.readFile(Self.path)
        // Until the file is used again, from its first block on.
        var rounds = 0
        while try bench.disk.readFile(Self.path)[4_096..<8_192] == before[4_096..<8_192] {
            try #require(rounds < 200)
            try bench.append(to: 0, TestBatch.make(tag: rounds))
            bench.settle()
            rounds += 1
        }

        let replay = try JournalReplay.read(folder: "/data", on: bench.disk)

        let batches = replay.batches(of: JournalBench.id, PartitionIndex(0))
        #expect(batches.count == 1)
        #expect(batches[Self.forgedOffset] == nil)
    }

    @Test
    func `behind a torn write they do not say that it was durable`() throws {
        let bench = try bench(with: forgedWrite(generation: 1, settled: 99))
        bench.disk.flip(bit: 3, at: FilePosition(4_096 + 60), of: Self.path)

        let replay = try JournalReplay.read(folder: "/data", on: bench.disk)

        #expect(replay.notices.isEmpty)
        #expect(replay.batches(of: JournalBench.id, PartitionIndex(0)).isEmpty)
    }
}
