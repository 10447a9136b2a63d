import Glibc
import NIOCore
import NIOPosix
import TestData
import Testing

@testable import Broker

@Suite("Fetching what is not in memory")
struct ColdFetchTests {
    @Test(arguments: [10, 100_000])
    func `cold records come as they were written`(valueByteCount: Int) async throws {
        try await TestBroker.run { broker, client in
            try await client.createTopic("orders")
            let value = String(repeating: "v", count: valueByteCount)
            for _ in 0..<3 { _ = try await client.produce(Batch.of([value]), to: "orders") }
            let log = "\(broker.folder)/orders-0/00000000000000000000.log"
            try forgetPages(of: log)

            let fetched = try await client.fetch("orders", from: 1)

            #expect(try fetched.values == [value, value])
        }
    }

    @Test
    func `a region is in memory once it was read in`() async throws {
        let folder = try temporaryFolder(named: "millrace-cold")
        let descriptor = open("\(folder)/a", O_RDWR | O_CREAT, 0o644)
        defer { close(descriptor) }
        let bytes = [UInt8](repeating: 7, count: 300_000)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        try forgetPages(of: "\(folder)/a")
        let file = TemporaryFile(bytes: [])
        let region = SendRegion(
            descriptor: descriptor, position: 0, count: bytes.count, owner: file)

        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = loops.next()
        try await loop.flatSubmit {
            let done = loop.makePromise(of: Void.self)
            RegionWarming.warm([region], on: loop) { done.succeed() }
            return done.futureResult
        }.get()
        try await loops.shutdownGracefully()

        var read = PartitionRead()
        read.pieces = [.region(region)]
        #expect(RegionWarming.coldRegions(of: [read]).isEmpty)
    }

    /// Drops a file from the page cache; only what is on the device can be dropped.
    private func forgetPages(of path: String) throws {
        let descriptor = open(path, O_RDONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        #expect(fdatasync(descriptor) == 0)
        #expect(posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) == 0)
    }
}
