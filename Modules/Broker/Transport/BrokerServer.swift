import Logging
import NIOCore
import NIOPosix

/// Accepts connections and serves their requests through a handler.
///
/// Usable by itself, as the transport's tests do; the broker starts it by `BrokerService`.
public final class BrokerServer: Sendable {
    /// Where it listens, with the port that was found when 0 was asked for.
    public let endpoint: Endpoint

    private let channel: any Channel
    private let loops: [TransportLoop]

    private init(endpoint: Endpoint, channel: any Channel, loops: [TransportLoop]) {
        self.endpoint = endpoint
        self.channel = channel
        self.loops = loops
    }

    /// Listens on `listener` and serves every connection on one of the loops of `group`.
    ///
    /// - Parameters:
    ///   - advertised: What clients are told; `nil` is the address that was bound.
    public static func start(
        listener: Endpoint, advertised: Endpoint?, limits: TransportLimits,
        group: MultiThreadedEventLoopGroup, handling: any RequestHandling, logger: Logger
    ) async throws(ListenError) -> BrokerServer {
        let census = ConnectionCensus(limits: limits)
        let acceptor = Acceptor(limits: limits, census: census, logger: logger)
        do {
            let channel = try await acceptor.bind(listener, group: group)
            var endpoint = listener
            endpoint.port = channel.localAddress?.port ?? listener.port
            let told = advertised ?? Self.reachable(endpoint)
            var loops: [TransportLoop] = []
            for eventLoop in group.makeIterator() {
                let loop = TransportLoop(
                    eventLoop: eventLoop, limits: limits, advertised: told, handling: handling,
                    census: census, logger: logger)
                try await eventLoop.submit { loop.start() }.get()
                loops.append(loop)
            }
            acceptor.open(loops)
            return BrokerServer(endpoint: endpoint, channel: channel, loops: loops)
        } catch {
            throw ListenError(endpoint: listener, error: error)
        }
    }

    /// Takes no more connections.
    public func stopAccepting() async {
        // It fails only when the channel is closed already.
        try? await channel.close().get()
    }

    /// Ends the connections: each closes when the answers it is owed have left, the rest when
    /// `limit` has passed.
    public func finish(within limit: Duration) async {
        let endings = loops.map { loop in loop.eventLoop.flatSubmit { loop.stop() } }
        let deadline = loops.map { loop in
            loop.eventLoop.scheduleTask(in: TimeAmount(limit)) { loop.abort() }
        }
        for ending in endings {
            // The promise of an ending is only ever succeeded, or its loop is gone.
            try? await ending.get()
        }
        for task in deadline { task.cancel() }
    }

    /// A listener on every address tells clients this machine's own.
    private static func reachable(_ endpoint: Endpoint) -> Endpoint {
        switch endpoint.host {
        case "", "0.0.0.0", "::": Endpoint(host: HostName.current, port: endpoint.port)
        default: endpoint
        }
    }
}
