import Glibc
import KafkaProtocol
import LinuxDisk
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
            try Self.forgetPages(of: log)

            let fetched = try await client.fetch("orders", from: 1)

            #expect(try fetched.values == [value, value])
        }
    }

    @Test
    func `a region is in memory when its reader is told so`() async throws {
        let file = try ColdFile(byteCount: 900_000)
        let region = file.region(1_000..<900_000)
        #expect(Self.isCold(region))

        let isCold = try await file.run { reads, done in
            reads.read([region], for: 1) { done.succeed(Self.isCold(region)) }
        }

        #expect(!isCold)
    }

    @Test
    func `reading in brings nothing beyond the region`() async throws {
        let file = try ColdFile(byteCount: 2_000_000)
        let region = file.region(0..<500_000)

        _ = try await file.run { reads, done in
            reads.read([region], for: 1) { done.succeed(true) }
        }

        #expect(Self.isCold(file.region(507_904..<508_000)))
        // What was read in may be let go again meanwhile, by a system that reclaims ahead of need.
        let missing = PageCache.missing(of: file.descriptor, in: 0..<2_000_896)
        #expect(missing.last == 503_808..<2_000_896)
    }

    @Test
    func `a connection that closes is told nothing, and the others are served`() async throws {
        let file = try ColdFile(byteCount: 900_000)
        let region = file.region(0..<900_000)

        let served = try await file.run { reads, done in
            reads.read([region], for: 1) { done.succeed(false) }
            reads.forget(1)
            reads.read([region], for: 2) { done.succeed(true) }
        }

        #expect(served)
    }

    @Test
    func `a file that ends within the region holds nobody up`() async throws {
        let file = try ColdFile(byteCount: 100_000)
        let region = file.region(0..<100_000)
        #expect(ftruncate(file.descriptor, 5_000) == 0)

        let isDone = try await file.run { reads, done in
            reads.read([region], for: 1) { done.succeed(true) }
        }

        #expect(isDone)
    }

    @Test
    func `an answer brings no more cold records than it may, and the next one goes on`()
        async throws
    {
        try await TestBroker.run { broker, client in
            try await client.createTopic("orders")
            let value = String(repeating: "v", count: 1_000_000)
            for _ in 0..<8 { _ = try await client.produce(Batch.of([value]), to: "orders") }
            try Self.forgetPages(of: "\(broker.folder)/orders-0/00000000000000000000.log")

            var request = FetchRequest.sessionless("orders", [0: 0])
            request.topics[0].partitions[0].partitionMaxBytes = 50 << 20
            // More than the answer may bring is no reason to wait for more.
            request.maxWaitMs = 60_000
            request.minBytes = 6_000_000
            let first = try await client.send(request, version: 12)
            request.topics[0].partitions[0].fetchOffset = 4
            request.minBytes = 1
            let second = try await client.send(request, version: 12)

            #expect(try first.responses[0].partitions[0].values.count == 4)
            #expect(try second.responses[0].partitions[0].values.count == 4)
        }
    }

    private static func isCold(_ region: SendRegion) -> Bool {
        PageCache.lacks(of: region.descriptor, at: region.position, count: region.count)
    }

    /// Drops a file from the page cache; only what is on the device can be dropped.
    fileprivate static func forgetPages(of path: String) throws {
        let descriptor = open(path, O_RDONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        #expect(fdatasync(descriptor) == 0)
        #expect(posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) == 0)
    }
}

/// A file on the device and not in memory.
private final class ColdFile: Sendable {
    let descriptor: Int32

    init(byteCount: Int) throws {
        let path = "\(try temporaryFolder(named: "millrace-cold"))/a"
        descriptor = open(path, O_RDWR | O_CREAT, 0o644)
        let bytes = [UInt8](repeating: 7, count: byteCount)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        try ColdFetchTests.forgetPages(of: path)
    }

    deinit { close(descriptor) }

    func region(_ range: Range<Int>) -> SendRegion {
        SendRegion(
            descriptor: descriptor, position: Int64(range.lowerBound), count: range.count,
            owner: self)
    }

    /// Runs `body` on a loop with cold reads of its own until it has fulfilled its promise.
    func run(
        _ body: @escaping @Sendable (ColdReads, EventLoopPromise<Bool>) -> Void
    ) async throws -> Bool {
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = loops.next()
        let found = try await loop.flatSubmit {
            let reads = ColdReads(
                eventLoop: loop, pace: SharedReadPace(bytesPerSecond: nil), footprintBytes: 1 << 20)
            let done = loop.makePromise(of: Bool.self)
            body(reads, done)
            return done.futureResult
        }.get()
        try await loops.shutdownGracefully()
        return found
    }
}
