import Disk
import Simulation
import Testing
import Vocabulary

@testable import SegmentStore

struct SideFilesOnDiskTests {
    @Test
    func `missing files read as nothing`() throws {
        let disk = try makeDisk()

        #expect(try PartitionMetadataFile.read(on: disk, folder: "/d") == nil)
        #expect(try LeaderEpochCheckpoint.read(on: disk, folder: "/d").entries.isEmpty)
        #expect(try OffsetCheckpointFile.read(.recoveryPoint, on: disk, folder: "/d").count == 0)
        #expect(try MetaProperties.read(on: disk, folder: "/d") == nil)
        #expect(try CleanShutdownMark.read(on: disk, folder: "/d") == nil)
        #expect(try ProducerSnapshot.read(at: Offset(1), on: disk, folder: "/d") == nil)
    }

    @Test
    func `what was written survives a power cut and is read back`() throws {
        let disk = try makeDisk()
        let id = TopicID(high: 3, low: 4)
        var checkpoint = OffsetCheckpointFile()
        checkpoint[TopicPartition(topic: "t", partition: PartitionIndex(2))] = Offset(9)
        let cache = LeaderEpochCache([.init(epoch: LeaderEpoch(1), startOffset: Offset(5))])

        try PartitionMetadataFile.write(id, on: disk, folder: "/d")
        try LeaderEpochCheckpoint.write(cache, on: disk, folder: "/d")
        for kind in OffsetCheckpointFile.Kind.allCases {
            try checkpoint.write(kind, on: disk, folder: "/d")
        }
        try CleanShutdownMark(brokerEpoch: 8).write(on: disk, folder: "/d")
        let after = disk.crash(seed: 5)

        #expect(try PartitionMetadataFile.read(on: after, folder: "/d") == id)
        #expect(try LeaderEpochCheckpoint.read(on: after, folder: "/d") == cache)
        for kind in OffsetCheckpointFile.Kind.allCases {
            #expect(try OffsetCheckpointFile.read(kind, on: after, folder: "/d") == checkpoint)
        }
        #expect(try CleanShutdownMark.read(on: after, folder: "/d")?.brokerEpoch == 8)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a removed clean mark does not come back after a power cut`(_ seed: UInt64) throws {
        let disk = try makeDisk()
        try CleanShutdownMark(brokerEpoch: nil).write(on: disk, folder: "/d")

        try CleanShutdownMark.remove(on: disk, folder: "/d")
        try CleanShutdownMark.remove(on: disk, folder: "/d")

        #expect(try CleanShutdownMark.read(on: disk.crash(seed: seed), folder: "/d") == nil)
    }

    @Test(arguments: [0, 1, 45, 512])
    func `contents that a crash left blank count as none`(_ count: Int) throws {
        let disk = try makeDisk()
        let blank = [UInt8](repeating: 0, count: count)
        try disk.replaceFile("/d/partition.metadata", with: blank)
        try disk.replaceFile("/d/leader-epoch-checkpoint", with: blank)

        #expect(try PartitionMetadataFile.read(on: disk, folder: "/d") == nil)
        #expect(try LeaderEpochCheckpoint.read(on: disk, folder: "/d").entries.isEmpty)
    }

    @Test
    func `a file too large for its kind is refused unread`() throws {
        let disk = try makeDisk()
        let file = try disk.open("/d/partition.metadata", .createNew)
        _ = try disk.perform(.truncate(file, to: FilePosition(1 << 20)))
        try disk.close(file)

        #expect(
            throws: SideFileError.tooLarge(
                path: "/d/partition.metadata", byteCount: 1 << 20, limit: 4_096)
        ) {
            try PartitionMetadataFile.read(on: disk, folder: "/d")
        }
    }

    @Test(arguments: ["open", "size", "read"])
    func `what the system refuses is told with the path`(_ operation: String) throws {
        let disk = try makeDisk()
        try PartitionMetadataFile.write(TopicID(high: 1, low: 1), on: disk, folder: "/d")
        disk.inject(DiskFault(operation, pathPart: "partition.metadata"))

        let message = complaint { _ = try PartitionMetadataFile.read(on: disk, folder: "/d") }

        #expect(
            message.contains("\(operation) of /d/partition.metadata failed: input/output error"))
    }

    private func makeDisk() throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 11)
        _ = try disk.perform(.createFolder(path: "/d"))
        _ = try disk.perform(.syncFolder(path: "/"))
        return disk
    }
}
