import NIOCore
import NIOPosix

@testable import Broker

/// A client over a real socket: writes bytes, reads answers.
final class TestClient: Sendable {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private init(channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>) {
        self.channel = channel
    }

    /// Connects, runs `body` and closes.
    static func connect<Result: Sendable>(
        to endpoint: Endpoint, group: MultiThreadedEventLoopGroup,
        receiveBufferBytes: Int = 65_536,
        _ body: (inout Session) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: group)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.socketOption(.so_rcvbuf), value: .init(receiveBufferBytes))
            .connect(host: endpoint.host, port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var session = Session(iterator: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&session)
        }
    }

    struct Session {
        var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        var received = ByteBuffer()

        func send(_ bytes: [UInt8]) async throws {
            try await outbound.write(ByteBuffer(bytes: bytes))
        }

        /// The next answer without its length: correlation id and the rest; `nil` at the end.
        mutating func next() async throws -> (correlationID: Int32, body: [UInt8])? {
            while true {
                if let length = received.getInteger(at: received.readerIndex, as: Int32.self),
                    received.readableBytes >= 4 + Int(length)
                {
                    received.moveReaderIndex(forwardBy: 4)
                    guard let id = received.readInteger(as: Int32.self),
                        let body = received.readBytes(length: Int(length) - 4)
                    else { return nil }
                    received.discardReadBytes()
                    return (id, body)
                }
                do {
                    guard var bytes = try await iterator.next() else { return nil }
                    received.writeBuffer(&bytes)
                } catch is IOError {
                    // A reset is an end too.
                    return nil
                }
            }
        }
    }
}

/// A transport on a free port with one event loop, and clients for it.
struct TestServer {
    let server: BrokerServer
    let group: MultiThreadedEventLoopGroup
    let clients: MultiThreadedEventLoopGroup

    static func run<Result: Sendable>(
        _ handling: any RequestHandling, limits: TransportLimits = TransportLimits(),
        loops: Int = 1, _ body: (TestServer) async throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        let clients = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await BrokerServer.start(
            listener: Endpoint(host: "127.0.0.1", port: 0), advertised: nil, limits: limits,
            group: group, handling: handling, logger: .quiet)
        let test = TestServer(server: server, group: group, clients: clients)
        do {
            let result = try await body(test)
            try await test.stop()
            return result
        } catch {
            try await test.stop()
            throw error
        }
    }

    func stop() async throws {
        await server.stopAccepting()
        await server.finish(within: .seconds(3))
        try await group.shutdownGracefully()
        try await clients.shutdownGracefully()
    }

    func connect<Result: Sendable>(
        receiveBufferBytes: Int = 65_536,
        _ body: (inout TestClient.Session) async throws -> Result
    ) async throws -> Result {
        try await TestClient.connect(
            to: server.endpoint, group: clients, receiveBufferBytes: receiveBufferBytes, body)
    }
}

import Logging

extension Logger {
    /// Says nothing.
    static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// Waits until `condition` holds, giving the other threads time; fails after a minute.
func eventually(_ condition: () -> Bool) async -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(60)
    while !condition() {
        guard clock.now < end else { return false }
        await Task.yield()
    }
    return true
}
