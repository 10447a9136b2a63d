import NIOCore
import NIOPosix
import Testing

@testable import Broker

@Suite("The server over loopback sockets", .serialized)
struct ServerTests {
    @Test func `pipelined requests of every size come back in order`() async throws {
        let sizes = [8, 9, 63, 64, 65, 4_000, 16_384, 70_000, 300_000, 12, 1_500_000, 8]
        try await TestServer.run(EchoHandling()) { test in
            try await test.connect { client in
                let stream = sizes.enumerated().flatMap { index, size in
                    Wire.frame(Int32(index), byteCount: size, filler: UInt8(index))
                }
                try await client.send(stream)

                for (index, size) in sizes.enumerated() {
                    let answer = try #require(try await client.next())
                    #expect(answer.correlationID == Int32(index))
                    #expect(answer.body == Array(repeating: UInt8(index), count: size - 8))
                }
            }
        }
    }

    @Test func `a request sent in pieces is answered once`() async throws {
        try await TestServer.run(EchoHandling()) { test in
            try await test.connect { client in
                for byte in Wire.frame(5, byteCount: 30) { try await client.send([byte]) }

                let answer = try await client.next()
                #expect(answer?.correlationID == 5)
            }
        }
    }

    @Test func `frames of 3 MB pass through the same few buffers`() async throws {
        try await TestServer.run(EchoHandling()) { test in
            try await test.connect { client in
                for id in Int32(0)..<5 {
                    try await client.send(
                        Wire.frame(id, byteCount: 3_000_000, filler: UInt8(id)))
                    let answer = try #require(try await client.next())
                    #expect(answer.body.count == 2_999_992)
                    #expect(answer.body.allSatisfy { $0 == UInt8(id) })
                }
            }
        }
    }

    @Test func `answers given on another thread in another order leave in order`() async throws {
        let handling = ParkingHandling()
        try await TestServer.run(handling) { test in
            try await test.connect { client in
                try await client.send((0..<10).flatMap { Wire.frame($0) })
                #expect(await eventually { handling.count == 10 })

                for request in handling.takeAll().reversed() {
                    request.answer(EchoHandling.echo(request))
                }

                for id in Int32(0)..<10 {
                    #expect(try await client.next()?.correlationID == id)
                }
            }
        }
    }

    @Test func `file regions leave byte for byte between headers`() async throws {
        let content = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
        let file = TemporaryFile(bytes: content)
        let handling = EchoHandling { request in
            let start = Int(request.correlationID) * 1_000
            let count = 200_000
            var header = ByteBuffer()
            header.writeInteger(Int32(4 + count + 2))
            header.writeInteger(request.correlationID)
            request.answer(
                .parts([
                    .bytes(header),
                    .region(
                        SendRegion(
                            descriptor: file.descriptor, position: Int64(start), count: count,
                            owner: file)),
                    .bytes(ByteBuffer(bytes: [1, 2])),
                ]))
        }
        try await TestServer.run(handling, loops: 2) { test in
            // Two connections land on two loops, which send from the same file at once.
            try await test.connect { first in
                try await test.connect { second in
                    let ids = Array(Int32(0)..<20)
                    try await first.send(ids.flatMap { Wire.frame($0) })
                    try await second.send(ids.flatMap { Wire.frame($0) })
                    for id in ids {
                        let start = Int(id) * 1_000
                        let expected = Array(content[start..<start + 200_000]) + [1, 2]
                        #expect(try await first.next()?.body == expected)
                        #expect(try await second.next()?.body == expected)
                    }
                }
            }
        }
        #expect(file.isOpen, "the transport leaves the descriptor to its owner")
    }

    @Test func `a region keeps its owner until it has left or its connection is gone`()
        async throws
    {
        weak var owner: TemporaryFile?
        let parking = ParkingHandling()
        try await TestServer.run(parking) { test in
            try await test.connect(receiveBufferBytes: 4_096) { client in
                try await client.send(Wire.frame(1))
                #expect(await eventually { parking.count == 1 })
                let request = try #require(parking.takeAll().first)
                do {
                    let file = TemporaryFile(bytes: Array(repeating: 7, count: 8_000_000))
                    owner = file
                    request.answer(
                        .parts([
                            .region(
                                SendRegion(
                                    descriptor: file.descriptor, position: 0, count: 8_000_000,
                                    owner: file))
                        ]))
                }
                #expect(owner != nil)
                // The client leaves without reading the rest.
            }
            #expect(await eventually { owner == nil })
        }
    }

    @Test func `a slow reader stops its own requests and nobody else's`() async throws {
        var limits = TransportLimits()
        limits.maxUnsentBytes = 100_000
        limits.sendBufferBytes = 16_384
        let handling = EchoHandling { request in
            request.answer(.bytes(Wire.answer(request.correlationID, filling: 100_000)))
        }
        try await TestServer.run(handling, limits: limits) { test in
            try await test.connect(receiveBufferBytes: 4_096) { slow in
                try await slow.send((0..<60).flatMap { Wire.frame($0) })
                try await test.connect { other in
                    try await other.send(Wire.frame(1_000))
                    #expect(try await other.next()?.correlationID == 1_000)
                }
                // NIO's client reads ahead a little, so not all are held back.
                #expect(handling.handledCount < 60)
                for id in Int32(0)..<60 {
                    #expect(try await slow.next()?.correlationID == id)
                }
            }
            #expect(handling.handledCount == 61)
        }
    }

    @Test func `a client that closes its sending half gets its answers, then the end`()
        async throws
    {
        let handling = ParkingHandling()
        try await TestServer.run(handling) { test in
            try await test.connect { client in
                try await client.send(Wire.frame(1) + Wire.frame(2))
                client.outbound.finish()
                #expect(await eventually { handling.count == 2 })

                for request in handling.takeAll() { request.answer(EchoHandling.echo(request)) }

                #expect(try await client.next()?.correlationID == 1)
                #expect(try await client.next()?.correlationID == 2)
                #expect(try await client.next() == nil)
            }
        }
    }

    @Test(arguments: [Wire.prefix(-1), Wire.prefix(.max), Wire.prefix(0), Array("GET / HT".utf8)])
    func `garbage closes its connection, others notice nothing`(garbage: [UInt8]) async throws {
        try await TestServer.run(EchoHandling()) { test in
            try await test.connect { good in
                try await test.connect { bad in
                    try await bad.send(garbage)
                    #expect(try await bad.next() == nil)
                }
                try await good.send(Wire.frame(3))
                #expect(try await good.next()?.correlationID == 3)
            }
        }
    }

    @Test func `a handler closes a connection after the answers before`() async throws {
        let handling = EchoHandling { request in
            if request.correlationID == 2 {
                request.close("no such API")
            } else {
                request.answer(EchoHandling.echo(request))
            }
        }
        try await TestServer.run(handling) { test in
            try await test.connect { client in
                try await client.send((1...3).flatMap { Wire.frame($0) })

                #expect(try await client.next()?.correlationID == 1)
                #expect(try await client.next() == nil)
            }
            #expect(await eventually { handling.closedCount == 1 })
        }
    }

    @Test func `connections beyond the bound of an address are closed, places become free`()
        async throws
    {
        var limits = TransportLimits()
        limits.maxConnectionsPerAddress = 2
        let handling = EchoHandling()
        try await TestServer.run(handling, limits: limits) { test in
            try await test.connect { first in
                try await test.connect { second in
                    try await first.send(Wire.frame(1))
                    try await second.send(Wire.frame(2))
                    #expect(try await first.next() != nil)
                    #expect(try await second.next() != nil)
                    let third = try? await test.connect { client in
                        try? await client.send(Wire.frame(3))
                        return try await client.next()?.correlationID
                    }
                    #expect(third == nil || third == .some(nil))
                }
            }
            #expect(await eventually { handling.closedCount == 2 })
            try await test.connect { again in
                try await again.send(Wire.frame(4))
                #expect(try await again.next()?.correlationID == 4)
            }
        }
    }

    @Test func `a stop sends the answers that are due and closes`() async throws {
        let handling = ParkingHandling()
        try await TestServer.run(handling) { test in
            try await test.connect { client in
                try await client.send(Wire.frame(1))
                #expect(await eventually { handling.count == 1 })

                await test.server.stopAccepting()
                async let ended: Void = test.server.finish(within: .seconds(60))
                for request in handling.takeAll() { request.answer(EchoHandling.echo(request)) }

                #expect(try await client.next()?.correlationID == 1)
                #expect(try await client.next() == nil)
                await ended
            }
        }
    }

    @Test func `a stop cuts off who is never answered`() async throws {
        let handling = ParkingHandling()
        try await TestServer.run(handling) { test in
            try await test.connect { client in
                try await client.send(Wire.frame(1))
                #expect(await eventually { handling.count == 1 })

                await test.server.finish(within: .milliseconds(10))

                #expect(try await client.next() == nil)
                for request in handling.takeAll() { request.answer(EchoHandling.echo(request)) }
            }
        }
    }

    @Test func `a port that is in use is named`() async throws {
        try await TestServer.run(EchoHandling()) { test in
            let error = await #expect(throws: ListenError.self) {
                _ = try await BrokerServer.start(
                    listener: test.server.endpoint, advertised: nil, limits: TransportLimits(),
                    group: test.group, handling: EchoHandling(), logger: .quiet)
            }
            let text = "\(try #require(error))"
            #expect(text.hasPrefix("cannot listen on \(test.server.endpoint): the port is in use"))
        }
    }
}
