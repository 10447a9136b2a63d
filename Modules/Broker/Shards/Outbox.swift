import NIOCore

/// What one shard has to say to the others in one tick of its loop.
///
/// A hop to another loop costs 7–9 µs however much it carries, so that the messages of a tick leave
/// together, one hop per shard. Belongs to its shard's loop.
final class Outbox {
    typealias Message = @Sendable (Shard) -> Void

    private let eventLoop: any EventLoop
    private var siblings: [ShardHandle] = []
    private var messages: [[Message]] = []
    private var isScheduled = false

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func connect(_ siblings: [ShardHandle]) {
        self.siblings = siblings
        messages = Array(repeating: [], count: siblings.count)
    }

    /// Adds a message; it leaves when the ready channels of this tick have been served.
    func post(to shard: Int, _ message: @escaping Message) {
        messages[shard].append(message)
        guard !isScheduled else { return }
        isScheduled = true
        eventLoop.assumeIsolated().execute { self.send() }
    }

    private func send() {
        isScheduled = false
        for sibling in siblings where !messages[sibling.index].isEmpty {
            let batch = messages[sibling.index]
            messages[sibling.index] = []
            sibling.execute { shard in
                for message in batch { message(shard) }
            }
        }
    }
}
