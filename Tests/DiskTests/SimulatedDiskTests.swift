import Disk
import Glibc
import Simulation
import Testing
import Vocabulary

/// Failures that only a simulated disk can have on demand.
@Suite struct SimulatedDiskTests {
    @Test func `a write that does not fit is cut short with ENOSPC, and space comes back`() throws {
        let (disk, file) = try makeFile(settings: .init(capacity: 1_000))

        let first = errorCode { try disk.write(file, at: .zero, [ones(1_500)]) }
        let sizeThen = try disk.size(of: file)
        let freeThen = try disk.freeSpace(at: "/data")
        disk.capacity = 2_000
        try disk.write(file, at: .zero, [ones(1_500)])

        #expect(first == ENOSPC)
        #expect(sizeThen == 1_000)
        #expect(freeThen == 0)
        #expect(try disk.freeSpace(at: "/data") == 500)
    }

    @Test func `space is freed by truncating, and by the last close of a removed file`() throws {
        let (disk, file) = try makeFile(settings: .init(capacity: 1_000))
        try disk.write(file, at: .zero, [ones(800)])

        _ = try disk.perform(.truncate(file, to: FilePosition(300)))
        let afterTruncating = try disk.freeSpace(at: "/data")
        _ = try disk.perform(.removeFile(path: "/data/a"))
        let afterRemoving = try disk.freeSpace(at: "/data")
        try disk.close(file)

        #expect(afterTruncating == 700)
        #expect(afterRemoving == 700)
        #expect(try disk.freeSpace(at: "/data") == 1_000)
    }

    @Test func `reserved space is there when the disk is full, and no more can be reserved`() throws
    {
        let (disk, file) = try makeFile(settings: .init(capacity: 1_000))
        _ = try disk.perform(.allocate(file, from: .zero, count: 600, keepSize: true))
        let other = try disk.open("/data/b", .createNew)
        try disk.write(other, at: .zero, [ones(400)])

        let more = errorCode { try disk.write(other, at: FilePosition(400), [ones(1)]) }
        let reserve = errorCode {
            _ = try disk.perform(.allocate(other, from: .zero, count: 401, keepSize: true))
        }
        try disk.write(file, at: .zero, [ones(600)])

        #expect(more == ENOSPC)
        #expect(reserve == ENOSPC)
        #expect(try disk.size(of: file) == 600)
    }

    @Test func `an injected fault hits the chosen operation once`() throws {
        let (disk, file) = try makeFile()
        disk.inject(DiskFault("write", pathPart: "/a", code: EIO, skipping: 1))

        try disk.write(file, at: .zero, [ones(10)])
        let second = errorCode { try disk.write(file, at: .zero, [ones(10)]) }
        try disk.write(file, at: .zero, [ones(10)])

        #expect(second == EIO)
    }

    @Test func `a fault waits for its path`() throws {
        let (disk, file) = try makeFile()
        let other = try disk.open("/data/b", .createNew)
        disk.inject(DiskFault("sync", pathPart: "/b"))

        _ = try disk.perform(.sync(file, .data))
        let failed = errorCode { _ = try disk.perform(.sync(other, .data)) }

        #expect(failed == EIO)
    }

    @Test func `after a failed sync the pages are clean, yet not on the device`() throws {
        let (disk, file) = try makeFile()
        _ = try disk.perform(.syncFolder(path: "/"))
        _ = try disk.perform(.syncFolder(path: "/data"))
        try disk.write(file, at: .zero, [ones(10)])
        disk.inject(DiskFault("sync"))

        let first = errorCode { _ = try disk.perform(.sync(file, .data)) }
        _ = try disk.perform(.sync(file, .data))

        #expect(first == EIO)
        #expect(!disk.isDurable("/data/a", upTo: FilePosition(10)))
        for seed in 0..<20 {
            #expect(try disk.crash(seed: UInt64(seed)).readFile("/data/a").isEmpty)
        }
    }

    @Test func `what a failed sync lost is seen when the page cache forgets it`() throws {
        let (disk, file) = try makeFile()
        try disk.write(file, at: .zero, [ones(5_000)])
        _ = try disk.perform(.sync(file, .data))
        disk.inject(DiskFault("sync"))
        try disk.write(file, at: FilePosition(4_096), [OwnedBytes([2, 2, 2])])
        #expect(errorCode { _ = try disk.perform(.sync(file, .data)) } == EIO)
        try disk.write(file, at: FilePosition(9_000), [ones(1)])

        let before = try disk.readFile("/data/a")
        _ = try disk.perform(.dropFromCache(file, from: .zero, count: 12_288))
        let after = try disk.readFile("/data/a")

        #expect(disk.syncHasFailed)
        #expect(before[4_096..<4_099] == [2, 2, 2])
        #expect(after[4_096..<4_099] == [1, 1, 1])
        // What is still to be written is not forgotten.
        #expect(after.count == 9_001)
        #expect(after[9_000] == 1)
    }

    @Test func `pages that are not in the range as a whole are not forgotten`() throws {
        let (disk, file) = try makeFile()
        disk.inject(DiskFault("sync"))
        try disk.write(file, at: .zero, [ones(12_288)])
        #expect(errorCode { _ = try disk.perform(.sync(file, .data)) } == EIO)

        _ = try disk.perform(.dropFromCache(file, from: FilePosition(1), count: 8_191))
        let bytes = try disk.readFile("/data/a")

        #expect(bytes[0..<4_096].allSatisfy { $0 == 1 })
        #expect(bytes[4_096..<8_192].allSatisfy { $0 == 0 })
        #expect(bytes[8_192...].allSatisfy { $0 == 1 })
    }

    @Test func `a failed sync loses bytes, but not that the file was cut`() throws {
        let (disk, file) = try makeFile()
        _ = try disk.perform(.syncFolder(path: "/"))
        _ = try disk.perform(.syncFolder(path: "/data"))
        try disk.write(file, at: .zero, [ones(100)])
        _ = try disk.perform(.sync(file, .data))
        _ = try disk.perform(.truncate(file, to: FilePosition(40)))
        try disk.write(file, at: FilePosition(40), [ones(30)])
        disk.inject(DiskFault("sync"))
        #expect(errorCode { _ = try disk.perform(.sync(file, .data)) } == EIO)

        _ = try disk.perform(.sync(file, .data))

        #expect(disk.durableContents(of: "/data/a")?.count == 40)
    }

    @Test func `a folder's sync that failed is remembered, and faults can be taken back`() throws {
        let (disk, file) = try makeFile()
        disk.inject(DiskFault("syncFolder"))
        disk.inject(DiskFault("sync"))
        #expect(errorCode { _ = try disk.perform(.syncFolder(path: "/data")) } == EIO)

        disk.withdrawFaults()
        _ = try disk.perform(.sync(file, .data))

        #expect(disk.folderSyncHasFailed)
        #expect(!disk.syncHasFailed)
    }

    @Test func `a flipped bit is read, and survives a power cut`() throws {
        let (disk, file) = try makeFile()
        _ = try disk.perform(.syncFolder(path: "/"))
        _ = try disk.perform(.syncFolder(path: "/data"))
        try disk.write(file, at: .zero, [ones(3)])
        _ = try disk.perform(.sync(file, .data))

        disk.flip(bit: 7, at: FilePosition(1), of: "/data/a")

        #expect(try disk.readFile("/data/a") == [1, 129, 1])
        #expect(try disk.crash(seed: 1).readFile("/data/a") == [1, 129, 1])
    }

    @Test func `bytes touched while a write is in flight trap`() async {
        await #expect(processExitsWith: .trap) {
            let disk = SimulatedDisk(seed: 1)
            let file = try disk.open("/a", .createNew)
            let buffer = DiskBuffer(count: 8)
            let bytes = OwnedBytes(base: UnsafeRawPointer(buffer.base), count: 8, owner: buffer)
            buffer.base.initializeMemory(as: UInt8.self, repeating: 1, count: 8)
            disk.submit([
                Submission(
                    ticket: Ticket(1), operation: .write(file, at: .zero, bytes: [bytes]))
            ])
            buffer.base.storeBytes(of: 2, as: UInt8.self)
            _ = disk.finishAll()
        }
    }

    @Test func `a buffer used while a read is in flight traps`() async {
        await #expect(processExitsWith: .trap) {
            let disk = SimulatedDisk(seed: 1)
            let file = try disk.open("/a", .createNew)
            let buffer = DiskBuffer(count: 8)
            disk.submit([
                Submission(ticket: Ticket(1), operation: .read(file, at: .zero, into: buffer))
            ])
            buffer.base.storeBytes(of: 2, as: UInt8.self)
            _ = disk.finishAll()
        }
    }

    @Test func `the same seed gives the same trace, another seed another order`() throws {
        func run(seed: UInt64) throws -> [DiskTraceEntry] {
            let disk = SimulatedDisk(seed: seed)
            let file = try disk.open("/a", .createNew)
            _ = disk.finish(
                (0..<50).map { .write(file, at: FilePosition($0), bytes: [OwnedBytes([1])]) })
            return disk.trace
        }

        let first = try run(seed: 1)

        #expect(first.count == 151)
        #expect(try run(seed: 1) == first)
        #expect(try run(seed: 2) != first)
    }

    @Test func `the trace tells a sync that completed from one that was only submitted`() throws {
        let (disk, file) = try makeFile()
        disk.submit([Submission(ticket: Ticket(1), operation: .sync(file, .data))])
        disk.note("too early")
        _ = disk.finishAll()
        disk.note("acknowledged")

        let lines = disk.trace.map(\.description)
        let completed = try #require(lines.firstIndex(of: "completed sync /data/a"))
        let early = try #require(lines.firstIndex(of: "note too early"))
        let right = try #require(lines.firstIndex(of: "note acknowledged"))

        #expect(early < completed)
        #expect(completed < right)
    }

    private func makeFile(
        settings: SimulatedDiskSettings = .init()
    ) throws -> (SimulatedDisk, FileID) {
        let disk = SimulatedDisk(seed: 7, settings: settings)
        _ = try disk.perform(.createFolder(path: "/data"))
        return (disk, try disk.open("/data/a", .createNew))
    }

    private func ones(_ count: Int) -> OwnedBytes {
        OwnedBytes([UInt8](repeating: 1, count: count))
    }
}
