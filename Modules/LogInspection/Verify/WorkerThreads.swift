import Glibc
import Synchronization

/// Threads of our own for work that waits for files: Swift's global pool is not to be blocked.
enum WorkerThreads {
    /// Runs `body` on `count` threads and returns when all have ended. Meanwhile `watch` is called
    /// on the calling thread, every 50 milliseconds.
    static func run(
        _ count: Int, watch: () -> Void, body: @escaping @Sendable (_ worker: Int) -> Void
    ) {
        let pending = PendingWorkers(count)
        let threads = (0..<count).map { worker in
            start {
                body(worker)
                pending.finishOne()
            }
        }
        while !pending.isEmpty {
            usleep(50_000)
            watch()
        }
        for thread in threads { pthread_join(thread, nil) }
    }

    private final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        let context = Unmanaged.passRetained(Start(body))
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, context.toOpaque())
        precondition(failure == 0, "a program may have as many threads as the machine has cores")
        return thread
    }
}

private final class PendingWorkers: Sendable {
    private let count: Atomic<Int>

    init(_ count: Int) { self.count = Atomic(count) }

    var isEmpty: Bool { count.load(ordering: .acquiring) == 0 }

    func finishOne() { count.subtract(1, ordering: .acquiringAndReleasing) }
}
