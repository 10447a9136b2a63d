import Disk
@testable import SegmentStore
import Simulation
import Testing
import Vocabulary

struct ManifestTests {
    private static let hi = LogOutline(
        topicPartition: TopicPartition(topic: "hi", partition: PartitionIndex(3)),
        topicID: TopicID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10),
        logStartOffset: Offset(5), logEnd: Offset(9), leaderEpoch: LeaderEpoch(2),
        lastSegmentBase: Offset(5), lastSegmentByteCount: 345)
    private static let generation = TopicID(high: 0, low: 7)

    /// The example of docs/formats/manifest.md.
    private static let example = bytes(
        """
        4D524C4D 0001 E9145797 00000000000000000000000000000007 00000001
        0002 6869 00000003 0102030405060708090A0B0C0D0E0F10
        0000000000000005 0000000000000009 00000002 0000000000000005 0000000000000159
        """)

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.filter(\.isHexDigit).map { UInt8($0.hexDigitValue ?? 0) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private func disk() throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 1, settings: SimulatedDiskSettings(reorders: false))
        _ = try disk.perform(.createFolder(path: "/data"))
        _ = try disk.perform(.syncFolder(path: "/"))
        return disk
    }

    @Test
    func `the documented bytes are the documented log`() throws {
        let manifest = Manifest(generation: Self.generation, logs: [Self.hi])

        #expect(try Manifest(decoding: Self.example, path: "m") == manifest)
        #expect(manifest.encoded == Self.example)
    }

    @Test
    func `what is written is read again, also after a power cut`() throws {
        let disk = try disk()
        var logs: [LogOutline] = []
        for index in 0..<300 as Range<Int32> {
            var log = Self.hi
            log.topicPartition = TopicPartition(
                topic: "topic.\(index % 7)", partition: PartitionIndex(index))
            log.logEnd = Offset(Int64(index) << 40)
            log.logStartOffset = .zero
            log.lastSegmentBase = .zero
            logs.append(log)
        }
        let manifest = Manifest(generation: .random(), logs: logs)

        try manifest.write(on: disk, folder: "/data")

        #expect(try Manifest.read(on: disk.crash(seed: 3), folder: "/data") == manifest)
    }

    @Test
    func `a changed bit anywhere is found`() throws {
        for position in Self.example.indices {
            var damaged = Self.example
            damaged[position] ^= 0x10
            #expect(throws: SideFileError.self, "byte \(position)") {
                try Manifest(decoding: damaged, path: "m")
            }
        }
    }

    @Test
    func `a file that is cut or goes on is found`() throws {
        for count in 0..<Self.example.count {
            #expect(throws: SideFileError.self) {
                try Manifest(decoding: Array(Self.example.prefix(count)), path: "m")
            }
        }
        #expect(throws: SideFileError.self) {
            try Manifest(decoding: Self.example + [0], path: "m")
        }
    }

    @Test
    func `impossible numbers are refused though their checksum is right`() throws {
        func outline(_ change: (inout LogOutline) -> Void) -> [UInt8] {
            var log = Self.hi
            change(&log)
            return Manifest(generation: Self.generation, logs: [log]).encoded
        }
        let impossible = [
            outline { $0.logEnd = Offset(4) },
            outline { $0.logEnd = Offset(Int64.max) },
            outline { $0.logStartOffset = Offset(-1) },
            outline { $0.lastSegmentBase = Offset(10) },
            outline { $0.lastSegmentByteCount = -1 },
            outline { $0.leaderEpoch = LeaderEpoch(-1) },
        ]

        for bytes in impossible {
            #expect(throws: SideFileError.self) { try Manifest(decoding: bytes, path: "m") }
        }
    }

    @Test
    func `a later version is told apart from damage`() throws {
        var later = Self.example
        later[5] = 2

        #expect(throws: SideFileError.newerVersion(path: "m", found: 2, supported: 1)) {
            try Manifest(decoding: later, path: "m")
        }
    }

    @Test
    func `without a file there is no manifest`() throws {
        let disk = try disk()

        #expect(try Manifest.read(on: disk, folder: "/data") == nil)
        try Manifest.remove(on: disk, folder: "/data")
    }

    // MARK: Changed logs

    private static func name(_ index: Int32) -> TopicPartition {
        TopicPartition(topic: "topic", partition: PartitionIndex(index))
    }

    @Test
    func `the documented list names the documented log`() throws {
        let disk = try disk()
        let first = Self.bytes(
            "4D52434C 0001 00000000000000000000000000000007 0000 0002 0002 6869 00000003 DC4E558D")
        let second = Self.bytes("4D52434C 0001 00000000000000000000000000000007 0001 0002")
        try disk.replaceFile("/data/millrace.changed.0", with: first)
        try disk.replaceFile("/data/millrace.changed.1", with: second)

        let read = try ChangedLogs.read(since: Self.generation, on: disk, folder: "/data")

        #expect(read == [Self.hi.topicPartition])
        let written = try ChangedLogs(
            0, of: 2, generation: Self.generation, folder: "/data", on: disk)
        try written.note(Self.hi.topicPartition)
        #expect(try disk.readFile("/data/millrace.changed.0") == first)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `what was noted survives a power cut at once`(_ seed: UInt64) throws {
        let disk = try disk()
        let lists = try (0..<3).map {
            try ChangedLogs($0, of: 3, generation: Self.generation, folder: "/data", on: disk)
        }
        var noted: Set<TopicPartition> = []
        for index in 0..<12 as Range<Int32> {
            try lists[Int(index) % 3].note(Self.name(index))
            noted.insert(Self.name(index))

            let survivor = disk.crash(seed: seed &* 100 &+ UInt64(index))
            let read = try ChangedLogs.read(since: Self.generation, on: survivor, folder: "/data")
            #expect(read == noted)
        }
    }

    @Test
    func `nothing is known where a list is missing, of another generation or damaged`() throws {
        let disk = try disk()
        #expect(try ChangedLogs.read(since: Self.generation, on: disk, folder: "/data") == nil)
        let lists = try (0..<2).map {
            try ChangedLogs($0, of: 2, generation: Self.generation, folder: "/data", on: disk)
        }
        for index in 0..<40 as Range<Int32> { try lists[1].note(Self.name(index)) }
        #expect(
            try ChangedLogs.read(since: TopicID(high: 0, low: 8), on: disk, folder: "/data") == nil)

        let missing = disk.kill(seed: 1)
        _ = try missing.perform(.removeFile(path: "/data/millrace.changed.1"))
        #expect(try ChangedLogs.read(since: Self.generation, on: missing, folder: "/data") == nil)

        let damaged = disk.kill(seed: 1)
        damaged.flip(bit: 0, at: FilePosition(40), of: "/data/millrace.changed.1")
        #expect(try ChangedLogs.read(since: Self.generation, on: damaged, folder: "/data") == nil)
    }

    @Test
    func `a torn last entry counts for nothing and the others stay`() throws {
        let disk = try disk()
        let list = try ChangedLogs(
            0, of: 1, generation: Self.generation, folder: "/data", on: disk)
        try list.note(Self.name(1))
        try list.note(Self.name(2))
        let whole = try disk.readFile("/data/millrace.changed.0")

        for cut in 1..<15 {
            try disk.replaceFile("/data/millrace.changed.0", with: Array(whole.dropLast(cut)))
            #expect(
                try ChangedLogs.read(since: Self.generation, on: disk, folder: "/data")
                    == [Self.name(1)])
        }
    }

    @Test
    func `after a failed sync no change is noted any more`() throws {
        let disk = try disk()
        let list = try ChangedLogs(
            0, of: 1, generation: Self.generation, folder: "/data", on: disk)
        disk.inject(DiskFault("sync", pathPart: "/data/millrace.changed.0"))

        #expect(throws: StoreError.self) { try list.note(Self.name(1)) }
        #expect(throws: StoreError.self) { try list.note(Self.name(1)) }
    }

    @Test
    func `only the names that are given are taken for lists`() {
        for name in ["millrace.changed.0", "millrace.changed.65535"] {
            #expect(ChangedLogs.isName(name))
        }
        for name in [
            "millrace.changed.", "millrace.changed.x", "millrace.changed", "changed.0",
            "millrace.changed.+1", "millrace.changed.65536",
        ] {
            #expect(!ChangedLogs.isName(name))
        }
    }
}
