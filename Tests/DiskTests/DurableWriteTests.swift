import Disk
import Simulation
import Testing
import Vocabulary

/// Writes that are durable when they complete, and files opened past the page cache.
@Suite struct DurableWriteTests {
    private let seeds = (0..<200).map(UInt64.init)

    @Test(arguments: Subject.allCases)
    func `what is written durably is read back`(subject: Subject) throws {
        let bench = try subject.make()
        let file = try bench.disk.open(bench.path("a"), .createNew)

        try bench.disk.writeDurably(file, at: .zero, [OwnedBytes([1, 2])])
        let results = bench.disk.finish([
            .writeDurably(
                file, at: FilePosition(2), bytes: [OwnedBytes([3]), OwnedBytes([4, 5])])
        ])

        #expect(results[0]?.isDone == true)
        #expect(try bench.disk.readFile(bench.path("a")) == [1, 2, 3, 4, 5])
    }

    @Test(arguments: Subject.allCases)
    func `a file opened past the cache takes aligned blocks and refuses others`(
        subject: Subject
    ) throws {
        let bench = try subject.make()
        try bench.disk.close(try bench.disk.open(bench.path("a"), .createNew))
        let file = try bench.disk.open(bench.path("a"), .readWriteDirect)

        try bench.disk.writeDurably(file, at: .zero, [block(1)])
        let results = bench.disk.finish([
            .writeDurably(file, at: FilePosition(4_096), bytes: [block(2)])
        ])
        let buffer = DiskBuffer(count: 8_192)
        #expect(try bench.disk.read(file, at: .zero, into: buffer) == 8_192)

        #expect(results[0]?.isDone == true)
        #expect(buffer.bytes[4_095] == 1 && buffer.bytes[4_096] == 2)
        #expect(throws: DiskError.self) {
            try bench.disk.writeDurably(file, at: FilePosition(100), [block(3)])
        }
        #expect(throws: DiskError.self) {
            try bench.disk.writeDurably(file, at: .zero, [block(3)[0..<1_000]])
        }
    }

    @Test
    func `a durable write survives and takes nothing else along`() throws {
        let disk = SimulatedDisk(seed: 1)
        let file = try makeDurable(disk)
        try disk.write(file, at: FilePosition(4_096), [block(7)])
        try disk.writeDurably(file, at: .zero, [block(2)])

        var others: Set<UInt8> = []
        for seed in seeds {
            let bytes = try disk.crash(seed: seed).readFile("/a")
            #expect(bytes.prefix(4_096).allSatisfy { $0 == 2 })
            others.insert(bytes[4_096])
        }
        #expect(others == [1, 7])
    }

    @Test
    func `no older version of a sector comes back behind a durable write`() throws {
        let disk = SimulatedDisk(seed: 1)
        let file = try makeDurable(disk)
        try disk.write(file, at: .zero, [block(7)])
        try disk.write(file, at: .zero, [block(8)])
        try disk.writeDurably(file, at: .zero, [block(2)])
        #expect(disk.isDurable("/a", upTo: FilePosition(4_096)))

        for seed in seeds {
            let bytes = try disk.crash(seed: seed).readFile("/a")
            #expect(bytes.prefix(4_096).allSatisfy { $0 == 2 })
        }
    }

    @Test
    func `a durable write under way is lost, kept or torn at sectors`() throws {
        let disk = SimulatedDisk(seed: 1)
        let file = try makeDurable(disk)
        disk.submit([
            Submission(
                ticket: Ticket(1), operation: .writeDurably(file, at: .zero, bytes: [block(2)]))
        ])

        var kinds: Set<String> = []
        for seed in seeds {
            let bytes = try disk.crash(seed: seed).readFile("/a").prefix(4_096)
            let sectors = stride(from: 0, to: 4_096, by: 512).map { Set(bytes[$0..<$0 + 512]) }
            #expect(sectors.allSatisfy { $0 == [1] || $0 == [2] })
            let values = Set(bytes)
            kinds.insert(values.count == 2 ? "torn" : values == [1] ? "lost" : "kept")
        }
        #expect(kinds == ["torn", "lost", "kept"])
    }

    @Test
    func `past the cache is not yet durable`() throws {
        let disk = SimulatedDisk(seed: 1)
        try disk.close(try makeDurable(disk))
        let file = try disk.open("/a", .readWriteDirect)
        try disk.write(file, at: .zero, [block(2)])

        let survivors = try Set(seeds.map { try disk.crash(seed: $0).readFile("/a")[0] })

        #expect(survivors == [1, 2])
        #expect(!disk.isDurable("/a", upTo: FilePosition(512)))
    }

    @Test
    func `a durable write that fails proves nothing`() throws {
        let disk = SimulatedDisk(seed: 1)
        let file = try makeDurable(disk)
        disk.inject(DiskFault("writeDurably"))

        #expect(throws: DiskError(operation: "writeDurably", path: "/a", code: 5)) {
            try disk.writeDurably(file, at: .zero, [block(2)])
        }

        #expect(disk.durableContents(of: "/a")?.prefix(4_096).allSatisfy { $0 == 1 } == true)
    }

    private func makeDurable(_ disk: SimulatedDisk) throws -> FileID {
        let file = try disk.open("/a", .createNew)
        try disk.write(file, at: .zero, [block(1), block(1)])
        _ = try disk.perform(.sync(file, .dataAndMetadata))
        _ = try disk.perform(.syncFolder(path: "/"))
        return file
    }

    /// 4,096 bytes in memory that is aligned to as many.
    private func block(_ byte: UInt8) -> OwnedBytes {
        let buffer = DiskBuffer(count: 4_096)
        buffer.base.initializeMemory(as: UInt8.self, repeating: byte, count: 4_096)
        return OwnedBytes(base: UnsafeRawPointer(buffer.base), count: 4_096, owner: buffer)
    }
}
