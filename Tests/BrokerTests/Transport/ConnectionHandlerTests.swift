import NIOCore
import NIOEmbedded
import Testing

@testable import Broker

@Suite("A connection's channel handler")
struct ConnectionHandlerTests {
    private func makeChannel(
        _ limits: TransportLimits, _ handling: any RequestHandling
    ) throws -> (channel: EmbeddedChannel, loop: TransportLoop) {
        let eventLoop = EmbeddedEventLoop()
        let loop = TransportLoop(
            eventLoop: eventLoop, limits: limits,
            advertised: Endpoint(host: "127.0.0.1", port: 9092), handling: handling,
            census: ConnectionCensus(limits: limits), logger: .quiet)
        loop.start()
        let channel = EmbeddedChannel(loop: eventLoop)
        try channel.pipeline.syncOperations.addHandler(
            ConnectionHandler(id: 1, loop: loop, limits: limits))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 9092)).wait()
        return (channel, loop)
    }

    @Test func `a connection without traffic is closed after its time`() throws {
        var limits = TransportLimits()
        limits.idleMilliseconds = 10_000
        let handling = EchoHandling()
        let (channel, loop) = try makeChannel(limits, handling)

        channel.embeddedEventLoop.advanceTime(by: .milliseconds(9_900))
        try channel.writeInbound(ByteBuffer(bytes: Wire.frame(1)))
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(9_900))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(2_600))

        #expect(!channel.isActive)
        #expect(loop.connectionCount == 0)
        #expect(handling.closedCount == 1)
    }

    @Test func `a connection that waits for its answer is not idle`() throws {
        var limits = TransportLimits()
        limits.idleMilliseconds = 10_000
        let parking = ParkingHandling()
        let (channel, _) = try makeChannel(limits, parking)
        try channel.writeInbound(ByteBuffer(bytes: Wire.frame(1)))

        channel.embeddedEventLoop.advanceTime(by: .seconds(100))
        #expect(channel.isActive)
        for request in parking.takeAll() { request.answer(EchoHandling.echo(request)) }
        channel.embeddedEventLoop.advanceTime(by: .seconds(13))

        #expect(!channel.isActive)
    }

    @Test func `connections stay for ever when no time is set`() throws {
        var limits = TransportLimits()
        limits.idleMilliseconds = nil
        let (channel, _) = try makeChannel(limits, EchoHandling())

        channel.embeddedEventLoop.advanceTime(by: .hours(1_000))

        #expect(channel.isActive)
        _ = try channel.finish()
    }

    @Test func `the answers to what one read brought are flushed once`() throws {
        let counter = FlushCounter()
        let (channel, _) = try makeChannel(TransportLimits(), EchoHandling())
        try channel.pipeline.syncOperations.addHandler(counter, position: .first)

        try channel.writeInbound(ByteBuffer(bytes: (0..<20).flatMap { Wire.frame($0) }))

        #expect(counter.writes == 20)
        #expect(counter.flushes == 1)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `answers given later in one tick are flushed once`() throws {
        let counter = FlushCounter()
        let parking = ParkingHandling()
        let (channel, _) = try makeChannel(TransportLimits(), parking)
        try channel.pipeline.syncOperations.addHandler(counter, position: .first)
        try channel.writeInbound(ByteBuffer(bytes: (0..<20).flatMap { Wire.frame($0) }))

        for request in parking.takeAll() { request.answer(EchoHandling.echo(request)) }
        #expect(counter.flushes == 0)
        channel.embeddedEventLoop.run()

        #expect(counter.writes == 20)
        #expect(counter.flushes == 1)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `reading stops at the pipeline's bound and goes on after an answer`() throws {
        var limits = TransportLimits()
        limits.maxPipelinedRequests = 2
        let reads = ReadCounter()
        let parking = ParkingHandling()
        let (channel, _) = try makeChannel(limits, parking)
        try channel.pipeline.syncOperations.addHandler(reads, position: .first)
        try channel.writeInbound(ByteBuffer(bytes: Wire.frame(1) + Wire.frame(2)))

        let before = reads.count
        channel.read()
        #expect(reads.count == before)
        for request in parking.takeAll() { request.answer(EchoHandling.echo(request)) }

        #expect(reads.count == before + 1)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }
}

private final class FlushCounter: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    var writes = 0
    var flushes = 0

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        writes += 1
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        flushes += 1
        context.flush()
    }
}

private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}
