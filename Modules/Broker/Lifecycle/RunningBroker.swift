import Logging
import NIOCore
import NIOPosix

/// A broker that accepts connections.
public final class RunningBroker: Sendable {
    /// How long answers that are due may take to leave; the clients are asked again elsewhere.
    static let patience = Duration.milliseconds(3_500)

    /// Where it listens, with the port that was found when 0 was asked for.
    public var endpoint: Endpoint { server.endpoint }

    private let group: MultiThreadedEventLoopGroup
    private let core: any BrokerServing
    private let server: BrokerServer
    private let logger: Logger

    init(
        group: MultiThreadedEventLoopGroup, core: any BrokerServing, server: BrokerServer,
        logger: Logger
    ) {
        self.group = group
        self.core = core
        self.server = server
        self.logger = logger
    }

    /// Stops cleanly: no more connections, no more requests, parked requests answered, answers
    /// sent, data closed. Call once.
    ///
    /// Clients that do not take their answers are cut off after 3.5 seconds, so that a stop takes
    /// less than five unless the device is slower.
    public func stop() async {
        logger.info("stopping")
        await server.stopAccepting()
        let core = core
        let answering = Task { await core.finishParked() }
        // Each connection closes with its last due answer, so this waits for the answers too.
        await server.finish(within: Self.patience)
        answering.cancel()
        await answering.value
        await core.close()
        await Self.end(group, logger: logger)
        logger.info("stopped")
    }

    static func end(_ group: MultiThreadedEventLoopGroup, logger: Logger) async {
        do {
            try await group.shutdownGracefully()
        } catch {
            logger.error("event loops did not stop", metadata: ["error": "\(error)"])
        }
    }
}
