import Disk
import Simulation
import Testing
import Vocabulary

/// What a power cut leaves, over many seeds.
@Suite struct PowerCutTests {
    private let seeds = (0..<300).map(UInt64.init)

    @Test func `synced bytes in a synced folder always survive`() throws {
        let (disk, file) = try makeDurableFile()
        try disk.write(file, at: .zero, [filled(1, 2_000)])
        _ = try disk.perform(.sync(file, .data))
        try disk.write(file, at: FilePosition(2_000), [filled(2, 2_000)])

        for seed in seeds {
            let bytes = try disk.crash(seed: seed).readFile("/data/a")
            #expect(bytes.count >= 2_000)
            #expect(bytes.prefix(2_000).allSatisfy { $0 == 1 })
        }
        #expect(disk.isDurable("/data/a", upTo: FilePosition(2_000)))
        #expect(!disk.isDurable("/data/a", upTo: FilePosition(2_001)))
    }

    @Test func `unsynced bytes are lost, kept or torn at sectors`() throws {
        let (disk, file) = try makeDurableFile()
        try disk.write(file, at: .zero, [filled(1, 4_096)])
        _ = try disk.perform(.sync(file, .data))
        try disk.write(file, at: .zero, [filled(2, 4_096)])

        var kinds: Set<String> = []
        for seed in seeds {
            let bytes = try disk.crash(seed: seed).readFile("/data/a")
            #expect(bytes.count == 4_096)
            let sectors = stride(from: 0, to: 4_096, by: 512).map { Set(bytes[$0..<$0 + 512]) }
            #expect(sectors.allSatisfy { $0 == [1] || $0 == [2] })
            let values = Set(bytes)
            kinds.insert(values.count == 2 ? "torn" : values == [1] ? "lost" : "kept")
        }
        #expect(kinds == ["torn", "lost", "kept"])
    }

    @Test func `later writes can outlive earlier ones, but not within a sector`() throws {
        let (disk, file) = try makeDurableFile()
        _ = try disk.perform(.truncate(file, to: FilePosition(1_024)))
        _ = try disk.perform(.sync(file, .dataAndMetadata))
        try disk.write(file, at: .zero, [filled(1, 10)])
        try disk.write(file, at: FilePosition(512), [filled(2, 10)])
        try disk.write(file, at: FilePosition(10), [filled(3, 10)])

        var isReordered = false
        for seed in seeds {
            let bytes = try disk.crash(seed: seed).readFile("/data/a")
            if bytes[0] == 0 && bytes[512] == 2 { isReordered = true }
            #expect(bytes[10] != 3 || bytes[0] == 1)
        }
        #expect(isReordered)
    }

    @Test func `a length can be lost although the bytes before it are kept`() throws {
        let (disk, file) = try makeDurableFile()
        try disk.write(file, at: .zero, [filled(1, 100)])
        _ = try disk.perform(.sync(file, .data))
        try disk.write(file, at: FilePosition(100), [filled(2, 5_000)])

        var lengths: Set<Int> = []
        for seed in seeds { lengths.insert(try disk.crash(seed: seed).readFile("/data/a").count) }

        #expect(lengths == [100, 5_100])
    }

    @Test func `a sync covers what was written before it was submitted, no more`() throws {
        let (disk, file) = try makeDurableFile()
        try disk.write(file, at: .zero, [filled(1, 10)])
        disk.submit([Submission(ticket: Ticket(1), operation: .sync(file, .data))])
        try disk.write(file, at: FilePosition(10), [filled(2, 10)])
        _ = disk.finishAll()

        #expect(disk.isDurable("/data/a", upTo: FilePosition(10)))
        #expect(!disk.isDurable("/data/a", upTo: FilePosition(20)))
    }

    @Test func `a file is there for certain only after its folder is synced`() throws {
        let disk = SimulatedDisk(seed: 1)
        _ = try disk.perform(.createFolder(path: "/data"))
        let file = try disk.open("/data/a", .createNew)
        try disk.write(file, at: .zero, [filled(1, 10)])
        _ = try disk.perform(.sync(file, .dataAndMetadata))

        #expect(disk.durableContents(of: "/data/a") == nil)
        #expect(survivals(of: "/data/a", on: disk) == [true, false])
        _ = try disk.perform(.syncFolder(path: "/data"))
        #expect(survivals(of: "/data/a", on: disk) == [true, false])
        _ = try disk.perform(.syncFolder(path: "/"))
        #expect(survivals(of: "/data/a", on: disk) == [true])
    }

    @Test func `a removed file may come back until its folder is synced`() throws {
        let (disk, file) = try makeDurableFile()
        try disk.close(file)
        _ = try disk.perform(.removeFile(path: "/data/a"))

        #expect(survivals(of: "/data/a", on: disk) == [true, false])
        _ = try disk.perform(.syncFolder(path: "/data"))
        #expect(survivals(of: "/data/a", on: disk) == [false])
    }

    @Test func `a rename happens or does not: one of the names is always there`() throws {
        let (disk, file) = try makeDurableFile()
        try disk.close(file)
        _ = try disk.perform(.rename(from: "/data/a", to: "/data/b"))

        var seen: Set<[String]> = []
        for seed in seeds { seen.insert(try disk.crash(seed: seed).list("/data").map(\.name)) }

        #expect(seen == [["a"], ["b"]])
    }

    @Test func `replacing a file leaves the old contents or the new`() throws {
        let disk = SimulatedDisk(seed: 1)
        _ = try disk.perform(.createFolder(path: "/data"))
        _ = try disk.perform(.syncFolder(path: "/"))
        try disk.replaceFile("/data/a", with: [UInt8](repeating: 1, count: 3_000))
        let file = try disk.open("/data/a.tmp", .createNew)
        try disk.write(file, at: .zero, [filled(2, 3_000)])
        _ = try disk.perform(.sync(file, .dataAndMetadata))
        _ = try disk.perform(.rename(from: "/data/a.tmp", to: "/data/a"))

        var seen: Set<Set<UInt8>> = []
        for seed in seeds { seen.insert(Set(try disk.crash(seed: seed).readFile("/data/a"))) }

        #expect(seen == [[1], [2]])
    }

    @Test func `a rename without a sync of the contents may leave nothing in the file`() throws {
        let (disk, file) = try makeDurableFile()
        try disk.close(file)
        let fresh = try disk.open("/data/a.tmp", .createNew)
        try disk.write(fresh, at: .zero, [filled(2, 3_000)])
        _ = try disk.perform(.rename(from: "/data/a.tmp", to: "/data/a"))
        _ = try disk.perform(.syncFolder(path: "/data"))

        let contents = try seeds.map { try disk.crash(seed: $0).readFile("/data/a") }

        #expect(contents.contains([]))
        #expect(contents.contains([UInt8](repeating: 2, count: 3_000)))
    }

    @Test func `killing the process takes nothing that was written`() throws {
        let (disk, file) = try makeDurableFile()
        try disk.write(file, at: .zero, [filled(1, 3_000)])
        _ = try disk.open("/data/b", .createNew)

        for seed in seeds.prefix(20) {
            let next = disk.kill(seed: seed)
            #expect(try next.readFile("/data/a") == [UInt8](repeating: 1, count: 3_000))
            #expect(try next.list("/data").count == 2)
            #expect(!next.isDurable("/data/a", upTo: FilePosition(1)))
        }
    }

    @Test func `an operation in flight has happened or not, whichever way the process ends`() throws
    {
        let (disk, file) = try makeDurableFile()
        disk.submit([
            Submission(
                ticket: Ticket(1), operation: .write(file, at: .zero, bytes: [filled(1, 10)]))
        ])

        let lengths = try Set(seeds.map { try disk.kill(seed: $0).readFile("/data/a").count })

        #expect(lengths == [0, 10])
        #expect(try disk.size(of: file) == 0)
        #expect(disk.finishAll()[1]?.isDone == true)
    }

    @Test func `a crash takes nothing from the disk it is tried on, and repeats by its seed`()
        throws
    {
        let (disk, file) = try makeDurableFile()
        try disk.write(file, at: .zero, [filled(1, 9_000)])

        for seed in seeds.prefix(50) {
            let first = disk.crash(seed: seed)
            let again = disk.crash(seed: seed)
            #expect(try first.readFile("/data/a") == again.readFile("/data/a"))
        }
        #expect(try disk.readFile("/data/a") == [UInt8](repeating: 1, count: 9_000))
    }

    private func survivals(of path: String, on disk: SimulatedDisk) -> Set<Bool> {
        var seen: Set<Bool> = []
        for seed in seeds {
            let next = disk.crash(seed: seed)
            let code = errorCode { _ = try next.readFile(path) }
            #expect(code == nil || code == DiskError.noSuchEntry)
            seen.insert(code == nil)
        }
        return seen
    }

    /// An empty file whose place in its folders is durable.
    private func makeDurableFile() throws -> (SimulatedDisk, FileID) {
        let disk = SimulatedDisk(seed: 3)
        _ = try disk.perform(.createFolder(path: "/data"))
        let file = try disk.open("/data/a", .createNew)
        _ = try disk.perform(.syncFolder(path: "/"))
        _ = try disk.perform(.syncFolder(path: "/data"))
        return (disk, file)
    }

    private func filled(_ value: UInt8, _ count: Int) -> OwnedBytes {
        OwnedBytes([UInt8](repeating: value, count: count))
    }
}
