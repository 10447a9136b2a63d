import NIOCore

/// Names a shard from anywhere; only on the shard's own loop does it give the shard itself.
struct ShardHandle: Sendable {
    let index: Int
    let eventLoop: any EventLoop
    // Traps when read off the loop.
    private let bound: NIOLoopBound<Shard>

    /// Must be called on the shard's loop.
    init(_ shard: Shard) {
        index = shard.index
        eventLoop = shard.eventLoop
        bound = NIOLoopBound(shard, eventLoop: shard.eventLoop)
    }

    /// The shard. Our bug, and a trap, on any other loop than its own.
    var shard: Shard { bound.value }

    /// Runs `body` with the shard on its loop: later, even when called there.
    func execute(_ body: @escaping @Sendable (Shard) -> Void) {
        eventLoop.execute { body(bound.value) }
    }

    /// Runs `body` with the shard on its loop and gives what it returns.
    func submit<Value: Sendable>(
        _ body: @escaping @Sendable (Shard) throws -> Value
    ) -> EventLoopFuture<Value> {
        eventLoop.submit { try body(bound.value) }
    }
}
