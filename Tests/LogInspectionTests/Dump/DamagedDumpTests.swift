import Disk
import LogInspection
import Simulation
import Testing
import Vocabulary

@Suite struct DamagedDumpTests {
    static let log = "/data/orders-0/00000000000000000000.log"

    @Test func `a changed byte of a log is named with its batch, and the other batches are shown`()
        throws
    {
        let folder = try SmallFolder()
        let batches = try #require(try batchStarts(folder))
        let byteCount = try folder.disk.readFile(Self.log).count

        // The first 16 bytes of a batch lie outside its checksum: that is `verify`'s to judge.
        for position in stride(from: 0, to: byteCount, by: 7) {
            let start = try #require(batches.last { $0 <= position })
            guard position - start >= 16 else { continue }
            let dump = try folder.withFlippedByte(Self.log, at: position, mask: 0x10) {
                try Dumped(Self.log, DumpOptions(), on: folder.disk)
            }

            #expect(dump.damageCount == 1, "byte \(position)")
            #expect(
                dump.lines.contains { $0.hasPrefix("damage: \(Self.log) at byte \(start): ") },
                "byte \(position)")
            let sound = dump.lines.count { $0.hasSuffix("isvalid: true") }
            #expect(sound == batches.count - 1, "byte \(position)")
        }
    }

    @Test(arguments: [1, 17, 60, 61, 200])
    func `a file that was cut short is shown up to there`(missing: Int) throws {
        let folder = try SmallFolder()
        let whole = try folder.disk.readFile(Self.log)
        let batches = try #require(try batchStarts(folder))

        try folder.overwrite(Self.log, with: Array(whole.dropLast(missing)))
        let dump = try Dumped(Self.log, DumpOptions(), on: folder.disk)

        #expect(dump.damageCount == 1)
        #expect(dump.lines.contains { $0.contains("at byte \(batches[batches.count - 1]): ") })
        #expect(dump.lines.count { $0.hasSuffix("isvalid: true") } == batches.count - 1)
    }

    @Test func `damage of a small file is named with its line or byte`() throws {
        let folder = try SmallFolder()
        let checkpoint = "/data/recovery-point-offset-checkpoint"
        let snapshot = "/data/orders-0/00000000000000000060.snapshot"

        let lines = try folder.withFlippedByte(checkpoint, at: 4, mask: 0x80) {
            try Dumped(checkpoint, DumpOptions(), on: folder.disk).lines
        }
        let bytes = try folder.withFlippedByte(snapshot, at: 20, mask: 1) {
            try Dumped(snapshot, DumpOptions(), on: folder.disk).lines
        }

        #expect(lines.contains { $0.hasPrefix("damage: \(checkpoint) in line 3: expected ") })
        #expect(bytes.contains { $0.hasPrefix("damage: \(snapshot) at byte 2: expected checksum") })
    }

    @Test func `an index that ends within an entry is shown up to there`() throws {
        let folder = try SmallFolder()
        let index = "/data/orders-0/00000000000000000000.index"
        let whole = try folder.disk.readFile(index)

        try folder.overwrite(index, with: Array(whole.dropLast(3)))
        let dump = try Dumped(index, DumpOptions(), on: folder.disk)

        #expect(dump.damageCount == 1)
        #expect(
            dump.lines.last
                == "damage: \(index) at byte \(whole.count - 8): the file ends within an entry")
    }

    @Test(arguments: [5, 2] as [Int32])
    func `a file that cannot be read keeps nothing else from being shown`(code: Int32) throws {
        let folder = try SmallFolder()
        let index = "/data/orders-0/00000000000000000000.index"
        let whole = try Dumped("/data", DumpOptions(), on: folder.disk)
        folder.disk.inject(DiskFault("open", pathPart: index, code: code))

        let dump = try Dumped("/data", DumpOptions(), on: folder.disk)

        // What is removed meanwhile, ENOENT, is no damage.
        #expect(dump.damageCount == (code == DiskError.noSuchEntry ? 0 : 1))
        let told = dump.lines.filter { $0.contains(": \(index): ") }
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix(code == 2 ? "notice: " : "damage: ") == true)
        #expect(dump.sections.keys == whole.sections.keys)
        #expect(
            dump.sections["00000000000000000000.log"] == whole.sections["00000000000000000000.log"])
    }

    @Test func `what has no name of the store's is refused`() throws {
        let folder = try SmallFolder()
        try folder.overwrite("/data/notes.txt", with: [1])
        _ = try folder.disk.perform(.createFolder(path: "/other"))

        #expect(throws: InspectionError.unknownFile(path: "/data/notes.txt")) {
            try Dumped("/data/notes.txt", DumpOptions(), on: folder.disk)
        }
        #expect(throws: InspectionError.nothingToInspect(path: "/other")) {
            try Dumped("/other", DumpOptions(), on: folder.disk)
        }
        #expect(throws: InspectionError.self) {
            try Dumped("/data/00000000000000000009.log", DumpOptions(), on: folder.disk)
        }
    }

    private func batchStarts(_ folder: SmallFolder) throws -> [Int]? {
        var options = DumpOptions()
        options.showsRecords = false
        return try Dumped(Self.log, options, on: folder.disk).lines.compactMap { line in
            guard let start = line.firstRange(of: " position: ")?.upperBound else { return nil }
            return Int(line[start...].prefix { $0.isNumber })
        }
    }
}
