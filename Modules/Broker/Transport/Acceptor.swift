import Logging
import NIOCore
import NIOPosix
import Vocabulary

/// Opens the listening socket and sets up the connections that come through it.
final class Acceptor: Sendable {
    private let limits: TransportLimits
    private let census: ConnectionCensus
    private let logger: Logger
    /// By the identity of the event loop; set once, before connections are let in.
    private let loops = Lock<[ObjectIdentifier: TransportLoop]>([:])
    private let lastRefusal = Lock(NIODeadline.uptimeNanoseconds(0))

    init(limits: TransportLimits, census: ConnectionCensus, logger: Logger) {
        self.limits = limits
        self.census = census
        self.logger = logger
    }

    func bind(
        _ listener: Endpoint, group: MultiThreadedEventLoopGroup
    ) async throws -> any Channel {
        var bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(clamping: limits.listenBacklog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Connections that arrive before `open` wait in the listen queue.
            .serverChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: limits.maxUnsentBytes / 2, high: limits.maxUnsentBytes)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.setUp(channel) }
            }
        if let bytes = limits.receiveBufferBytes {
            // On the listening socket: the window is agreed on while a connection is opened.
            bootstrap = bootstrap.serverChannelOption(
                .socketOption(.so_rcvbuf), value: .init(clamping: bytes))
        }
        if let bytes = limits.sendBufferBytes {
            bootstrap = bootstrap.childChannelOption(
                .socketOption(.so_sndbuf), value: .init(clamping: bytes))
        }
        let host = listener.host.isEmpty ? "0.0.0.0" : listener.host
        let channel = try await bootstrap.bind(host: host, port: listener.port).get()
        accepting.withLock { $0 = channel }
        return channel
    }

    private let accepting = Lock<(any Channel)?>(nil)

    /// Lets connections in, onto these loops.
    func open(_ loops: [TransportLoop]) {
        self.loops.withLock { known in
            for loop in loops { known[ObjectIdentifier(loop.eventLoop)] = loop }
        }
        accepting.withLock { $0 }?.setOption(.autoRead, value: true).whenFailure { error in
            self.logger.error("cannot accept connections", metadata: ["error": "\(error)"])
        }
    }

    /// Runs on the event loop of the new connection.
    private func setUp(_ channel: any Channel) throws {
        let address = channel.remoteAddress?.ipAddress ?? "unknown"
        let id: UInt64
        do throws(ConnectionCensus.Refusal) {
            id = try census.enter(from: address)
        } catch {
            note(error, from: address, at: channel.eventLoop.now)
            throw error
        }
        guard let loop = loops.withLock({ $0[ObjectIdentifier(channel.eventLoop)] }) else {
            preconditionFailure("connections are accepted onto loops that are known")
        }
        let connection = ConnectionHandler(id: id, loop: loop, limits: limits)
        channel.closeFuture.whenComplete { _ in self.census.left(id) }
        try channel.syncOptions?.setOption(
            .recvAllocator, value: ReceiveTargets(connection: connection))
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    /// One line a second at most: whoever is refused comes back at once.
    private func note(
        _ refusal: ConnectionCensus.Refusal, from address: String, at now: NIODeadline
    ) {
        let isDue = lastRefusal.withLock { last in
            guard now - last >= .seconds(1) else { return false }
            last = now
            return true
        }
        guard isDue else { return }
        logger.warning(
            "refused a connection", metadata: ["client": "\(address)", "reason": "\(refusal)"])
    }
}
