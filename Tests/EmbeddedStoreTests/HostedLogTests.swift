import Disk
import Glibc
import LinuxDisk
import SegmentStore
import Simulation
import TestData
import Testing
import Vocabulary

@testable import EmbeddedStore

/// What the store's thread keeps of a log.
struct HostedLogTests {
    @Test
    func `who waits for more of a log that failed is told so`() async throws {
        let disk = SimulatedDisk(seed: 1)
        _ = try disk.perform(.createFolder(path: "/data"))
        let store = Store(disk: disk)
        let log = try store.createLog(
            folder: "/data/events-0", topicID: .random(), settings: LogSettings(),
            leaderEpoch: .zero, now: Timestamp(0))
        let hosted = HostedLog(log, name: "events")
        disk.inject(DiskFault("sync", pathPart: ".log"))
        let lost = try batch(["a"])
        _ = try log.append(
            lost.header, bytes: lost.pieces, leaderEpoch: .zero, now: Timestamp(0))
        store.commit()
        while disk.inFlight > 0 {
            disk.wait()
            store.drain()
        }
        let failure = try #require(log.failure)

        let answer = Answer<Result<Void, EventStoreError>>()
        hosted.wait(for: log.logEnd, answer)

        // Success would make a reader that follows ask over and over.
        try #require(answer.isGiven)
        let given = await answer.value()
        #expect(throws: EventStoreError.store(failure)) { try given.get() }
    }

    @Test
    func `a region that lacks pages between its ends is read on another thread`() throws {
        let folder = try temporaryFolder()
        let disk = try LinuxDisk(.inline)
        defer { disk.close() }
        let store = Store(disk: disk)
        let log = try store.createLog(
            folder: "\(folder)/events-0", topicID: .random(), settings: LogSettings(),
            leaderEpoch: .zero, now: Timestamp(0))
        let large = try batch([String(repeating: "v", count: 1_000_000)])
        _ = try log.append(
            large.header, bytes: large.pieces, leaderEpoch: .zero, now: Timestamp(0))
        store.commit()
        store.drain()
        let found = try log.read(
            from: .zero, upTo: log.writtenEnd, maxBytes: 2 << 20, minOneBatch: true)
        let region = try #require(found.regions.first)
        #expect(!region.isCold)

        let file = open("\(folder)/events-0/00000000000000000000.log", O_RDONLY)
        defer { close(file) }
        #expect(fdatasync(file) == 0)
        PageCache.expectRandomReads(of: file)
        PageCache.forget(0..<1_100_000, of: file)
        var byte: UInt8 = 0
        #expect(pread(file, &byte, 1, 0) == 1)
        #expect(pread(file, &byte, 1, region.count - 1) == 1)

        let descriptor = try #require(region.descriptor)
        try #require(!PageCache.lacksEnds(of: descriptor, at: 0, count: region.count))
        #expect(region.isCold)
    }
}
