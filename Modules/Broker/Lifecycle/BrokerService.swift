import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// One broker: its event loops, its core and its listening socket, from start to clean stop.
public struct BrokerService: Service {
    /// Opens the data and makes what answers requests.
    public typealias MakeCore =
        @Sendable (
            _ configuration: BrokerConfiguration, _ loops: [any EventLoop], _ logger: Logger
        ) async throws -> any BrokerServing

    private let configuration: BrokerConfiguration
    private let logger: Logger
    private let makeCore: MakeCore
    private let onReady: @Sendable (RunningBroker) -> Void

    /// - Parameter onReady: Called once, when connections are accepted.
    public init(
        configuration: BrokerConfiguration, logger: Logger, makeCore: @escaping MakeCore,
        onReady: @escaping @Sendable (RunningBroker) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.logger = logger
        self.makeCore = makeCore
        self.onReady = onReady
    }

    /// Serves until a graceful shutdown is asked for, then stops cleanly.
    public func run() async throws {
        let broker = try await start()
        onReady(broker)
        // Cancellation is not expected; it leads to the same clean stop.
        try? await gracefulShutdown()
        await broker.stop()
    }

    /// Starts and returns; whoever starts a broker so stops it by `RunningBroker.stop`.
    ///
    /// - Throws: What the core throws, or `ListenError`. Nothing is left running then.
    public func start() async throws -> RunningBroker {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoopCount)
        let loops = Array(group.makeIterator())
        let core: any BrokerServing
        do {
            core = try await makeCore(configuration, loops, logger)
        } catch {
            await RunningBroker.end(group, logger: logger)
            throw error
        }
        do {
            let server = try await BrokerServer.start(
                listener: configuration.listener, advertised: configuration.advertisedListener,
                limits: configuration.transport, group: group, handling: core, logger: logger)
            logger.info(
                "listening",
                metadata: [
                    "address": "\(server.endpoint)", "node": "\(core.nodeID)",
                    "data": "\(configuration.dataFolder)", "loops": "\(loops.count)",
                ])
            return RunningBroker(group: group, core: core, server: server, logger: logger)
        } catch {
            await core.close()
            await RunningBroker.end(group, logger: logger)
            throw error
        }
    }
}
