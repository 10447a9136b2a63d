import Disk
import LogInspection
import SegmentStore
import Testing
import Vocabulary

/// Damage of whole files, and what looks like damage and is none.
@Suite struct VerifyMatrixTests {
    static let first = "/data/orders-0/00000000000000000000.log"

    private func verified(
        _ folder: SmallFolder, _ path: String = SmallFolder.root, isLive: Bool = false
    ) throws -> VerifyReport {
        var options = VerifyOptions()
        options.isLive = isLive
        return try LogVerification(path, on: folder.disk, options: options).run()
    }

    private func active(_ folder: SmallFolder) throws -> String {
        try #require(
            try folder.files(in: SmallFolder.orders).map(\.path).last { $0.hasSuffix(".log") })
    }

    @Test func `a closed segment that lost its last batch is named at its end`() throws {
        let folder = try SmallFolder()
        let whole = try folder.disk.readFile(Self.first)
        let last = batchStarts(whole).last ?? 0

        try folder.overwrite(Self.first, with: Array(whole[..<last]))
        let report = try verified(folder, SmallFolder.orders)

        #expect(
            report.findings.contains {
                $0.path == Self.first && $0.place == .byte(last) && $0.severity == .damage
                    && $0.reason.hasPrefix("the records from offset")
            })
    }

    @Test func `a missing segment is named`() throws {
        let folder = try SmallFolder()
        for kind in ["log", "index", "timeindex"] {
            try folder.remove("/data/orders-0/00000000000000000021.\(kind)")
        }

        let report = try verified(folder)

        #expect(report.damageCount == 1)
        #expect(
            report.findings.contains { $0.path == Self.first && $0.reason.contains("are missing") })
    }

    @Test func `a missing partition is named by the metadata`() throws {
        let folder = try SmallFolder()
        for file in try folder.files(in: SmallFolder.second) { try folder.remove(file.path) }
        _ = try folder.disk.perform(.removeFolder(path: SmallFolder.second))

        let report = try verified(folder)

        #expect(report.damageCount == 1)
        #expect(report.findings.contains { $0.path == "/data/orders-1" && $0.severity == .damage })
    }

    @Test func `two ids of one topic contradict each other`() throws {
        let folder = try SmallFolder()
        let path = "\(SmallFolder.second)/partition.metadata"
        try folder.overwrite(path, with: PartitionMetadataFile.encode(TopicID(high: 1, low: 9)))

        let report = try verified(folder)

        #expect(report.findings.map(\.path) == [path])
    }

    @Test func `a torn tail is damage after an orderly stop only`() throws {
        let closed = try SmallFolder()
        let crashed = try SmallFolder(closes: false)

        for folder in [closed, crashed] {
            let path = try active(folder)
            try folder.overwrite(path, with: Array(try folder.disk.readFile(path).dropLast(5)))
        }

        #expect(try verified(closed).damageCount > 0)
        let report = try verified(crashed)
        #expect(report.damageCount == 0)
        #expect(report.findings.contains { $0.reason.contains("as a crash leaves it") })
    }

    @Test func `a hole is none only where the journal holds its batches`() throws {
        let folder = try SmallFolder(closes: false)
        let path = try active(folder)
        let whole = try folder.disk.readFile(path)
        let starts = batchStarts(whole) + [whole.count]
        let batches = zip(starts, starts.dropFirst()).map { Array(whole[$0..<$1]) }
        var bytes = whole
        bytes[starts[0] + 100] ^= 1
        bytes[starts[1] + 100] ^= 1
        try folder.overwrite(path, with: bytes)
        func severity(
            journaling batches: [[UInt8]]?, of partition: Int32 = 0
        ) throws -> Finding.Severity? {
            if let batches {
                try folder.overwrite(
                    "/data/journal-0.1",
                    with: JournalBytes.file(batches, SmallFolder.topicID, partition))
            }
            let findings = try verified(folder).findings.filter { $0.path == path }
            return findings.first { $0.place == .byte(starts[0]) }?.severity
        }

        #expect(try severity(journaling: nil) == .damage)
        #expect(try severity(journaling: []) == .damage)
        #expect(try severity(journaling: Array(batches[2...])) == .damage)
        #expect(try severity(journaling: [batches[0]]) == .damage)
        #expect(try severity(journaling: Array(batches[..<2]), of: 1) == .damage)
        #expect(try severity(journaling: Array(batches[..<2])) == .notice)
        #expect(try verified(folder, SmallFolder.orders).damageCount == 0)

        try folder.overwrite("/data/journal-0.1", with: [UInt8](repeating: 0, count: 8_192))
        #expect(try severity(journaling: nil) == .damage)
        let broken = try verified(folder)
        #expect(
            broken.findings.contains { $0.path == "/data/journal-0.1" && $0.severity == .damage })
    }

    @Test func `what a running broker may be writing is a notice`() throws {
        let folder = try SmallFolder(closes: false)
        let path = try active(folder)
        try folder.overwrite(path, with: Array(try folder.disk.readFile(path).dropLast(70)))

        let report = try verified(folder, SmallFolder.orders, isLive: true)

        #expect(report.damageCount == 0)
        #expect(report.findings.contains { $0.path == path && $0.severity == .notice })
    }

    @Test func `foreign and passing files are told of and are no damage`() throws {
        let folder = try SmallFolder()
        try folder.overwrite("/data/notes", with: [1])
        try folder.overwrite("/data/orders-0/notes", with: [1])
        try folder.overwrite("/data/orders-0/00000000000000000000.log.deleted", with: [1])
        try folder.overwrite("/data/orders-0/00000000000000000005.index", with: [])
        _ = try folder.disk.perform(.createFolder(path: "/data/other"))

        let report = try verified(folder)

        #expect(report.damageCount == 0)
        #expect(report.findings.count == 5)
    }

    @Test func `a folder of nothing of ours is refused`() throws {
        let folder = try SmallFolder()
        _ = try folder.disk.perform(.createFolder(path: "/empty"))

        #expect(throws: InspectionError.nothingToInspect(path: "/empty")) {
            try LogVerification("/empty", on: folder.disk)
        }
    }

    @Test func `a recovery point behind the log's end is named`() throws {
        let folder = try SmallFolder()
        var points = OffsetCheckpointFile()
        points[TopicPartition(topic: "orders", partition: PartitionIndex(0))] = Offset(61)
        points[TopicPartition(topic: "orders", partition: PartitionIndex(1))] = Offset(18)
        try points.write(.recoveryPoint, on: folder.disk, folder: "/data")

        let report = try verified(folder)

        #expect(report.findings.map(\.path) == ["/data/recovery-point-offset-checkpoint"])
    }

    private func batchStarts(_ bytes: [UInt8]) -> [Int] {
        var starts: [Int] = []
        var position = 0
        while position + 61 <= bytes.count {
            starts.append(position)
            position += 12 + bytes[position + 8..<position + 12].reduce(0) { $0 << 8 | Int($1) }
        }
        return starts
    }
}
