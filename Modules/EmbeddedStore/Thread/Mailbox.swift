import CLinux
import Glibc
import Vocabulary

/// What other threads want the store's thread to do, in the order they said so.
///
/// The thread is woken by an eventfd, and only when it sleeps: work that arrives while it runs
/// costs a lock and no system call.
final class Mailbox: Sendable {
    enum Work {
        case append(AppendRequest)
        case call(@Sendable (StoreCore) -> Void)
        case job(UnownedJob, UnownedSerialExecutor, UnownedTaskExecutor)
    }

    private struct State {
        var work: [Work] = []
        var isAsleep = false
        var isStopped = false
    }

    /// Readable when the thread is to wake up, eventfd(2).
    let descriptor: Int32
    private let state = Lock(State())

    /// - Throws: the errno of eventfd(2).
    init() throws(ThreadError) {
        descriptor = clinux_eventfd()
        guard descriptor >= 0 else { throw ThreadError(call: "eventfd", code: -descriptor) }
    }

    deinit { close(descriptor) }

    func post(_ work: Work) {
        let mustWake = state.withLock { state in
            state.work.append(work)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if mustWake { wake() }
    }

    /// Lets the thread end when it has done what was posted.
    func stop() {
        state.withLock { $0.isStopped = true }
        wake()
    }

    /// Moves what was posted into `work`, which is empty and lends its memory in exchange.
    func take(into work: inout [Work]) {
        state.withLock { swap(&$0.work, &work) }
    }

    enum Rest {
        /// There is work.
        case none
        /// Wait for `descriptor`: the next `post` makes it readable.
        case sleep
        case end
    }

    func rest() -> Rest {
        state.withLock { state in
            guard state.work.isEmpty else { return .none }
            if state.isStopped { return .end }
            state.isAsleep = true
            return .sleep
        }
    }

    /// To be called by the thread after it slept, whatever woke it.
    func awoke() {
        state.withLock { $0.isAsleep = false }
    }

    private func wake() {
        var one: UInt64 = 1
        // EAGAIN means that the counter is at its maximum: readable already.
        _ = write(descriptor, &one, 8)
    }
}

/// A call that is needed to set up a thread failed.
public struct ThreadError: Error, Sendable, Hashable {
    /// The C function that failed, such as `pthread_create`.
    public let call: String
    /// The system's error number, errno(3).
    public let code: Int32
}
