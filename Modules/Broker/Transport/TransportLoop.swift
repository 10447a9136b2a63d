import Logging
import NIOCore

/// What the connections of one event loop share.
///
/// Everything that changes is touched on that loop alone, which makes the reference safe to share.
final class TransportLoop: @unchecked Sendable {
    let eventLoop: any EventLoop
    let memory: LoopMemory
    let handling: any RequestHandling
    let logger: Logger
    /// What clients are told; set before the first connection is accepted.
    let advertised: Endpoint

    private let limits: TransportLimits
    private let census: ConnectionCensus
    private var connections: [UInt64: ConnectionHandler] = [:]
    /// Connections with answers that were written and not flushed.
    private var unflushed: [ConnectionHandler] = []
    private var waitingForMemory: [ConnectionHandler] = []
    private var isStopping = false
    private var sweep: RepeatedTask?
    private var emptied: EventLoopPromise<Void>?

    init(
        eventLoop: any EventLoop, limits: TransportLimits, advertised: Endpoint,
        handling: any RequestHandling, census: ConnectionCensus, logger: Logger
    ) {
        self.eventLoop = eventLoop
        self.limits = limits
        self.memory = LoopMemory(limits: limits)
        self.advertised = advertised
        self.handling = handling
        self.census = census
        self.logger = logger
    }

    /// Begins to look for idle connections. Call on the loop.
    func start() {
        eventLoop.preconditionInEventLoop()
        guard let idle = limits.idleMilliseconds else { return }
        // A connection is closed at most a quarter of the time late.
        let period = TimeAmount.milliseconds(min(max(idle / 4, 1), 30_000))
        sweep = eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in
            let limit = self.eventLoop.now - .milliseconds(idle)
            for connection in self.connections.values {
                connection.closeIfIdle(since: limit)
            }
        }
    }

    var connectionCount: Int { connections.count }

    func opened(_ connection: ConnectionHandler) {
        connections[connection.id] = connection
        if isStopping { connection.end(.brokerStops) }
    }

    func closed(_ connection: ConnectionHandler) {
        guard connections.removeValue(forKey: connection.id) != nil else { return }
        census.left(connection.id)
        if connections.isEmpty { emptied?.succeed() }
    }

    /// Flushes the connection once, after everything this tick has to say to it.
    func flushSoon(_ connection: ConnectionHandler) {
        unflushed.append(connection)
        if unflushed.count == 1 {
            eventLoop.execute { self.flushAll() }
        }
    }

    private func flushAll() {
        // Flushing may close a connection, which may let another one write.
        let connections = unflushed
        unflushed.removeAll(keepingCapacity: true)
        for connection in connections { connection.flushQueued() }
    }

    /// Tries the connection again soon: memory is released by whoever holds the last reference,
    /// on any thread, so there is no event to wait for.
    func waitForMemory(_ connection: ConnectionHandler) {
        waitingForMemory.append(connection)
        if waitingForMemory.count == 1 {
            eventLoop.scheduleTask(in: .milliseconds(2)) {
                let waiting = self.waitingForMemory
                self.waitingForMemory = []
                for connection in waiting { connection.memoryReleased() }
            }
        }
    }

    /// Ends every connection once its due answers have left; the future tells when none is left.
    func stop() -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        isStopping = true
        sweep?.cancel()
        let promise = eventLoop.makePromise(of: Void.self)
        emptied = promise
        for connection in Array(connections.values) { connection.end(.brokerStops) }
        if connections.isEmpty { promise.succeed() }
        return promise.futureResult
    }

    /// Closes what is left.
    func abort() {
        for connection in Array(connections.values) { connection.abort() }
    }
}
