import Glibc

/// The one thread that owns a store and its disk, as an executor of tasks and actors.
///
/// Calls of `EventStore` and `EventLog` hop to it by themselves. Code that makes many of them can
/// run on it: then a call costs no switch between threads.
///
/// ```swift
/// await withTaskExecutorPreference(store.executor) {
///     for batch in batches { try await log.append(batch) }
/// }
/// ```
///
/// What runs here keeps the store waiting: neither compute at length nor block.
public final class StoreExecutor: TaskExecutor, SerialExecutor {
    let mailbox: Mailbox

    /// Starts the thread.
    init() throws(ThreadError) {
        mailbox = try Mailbox()
        try StoreThread.start(mailbox)
    }

    // The thread knows the mailbox alone, so that this can happen.
    deinit { mailbox.stop() }

    /// Takes a job from any thread: costs a lock, and a system call where the store's thread
    /// sleeps.
    public func enqueue(_ job: consuming ExecutorJob) {
        mailbox.post(
            .job(UnownedJob(job), asUnownedSerialExecutor(), asUnownedTaskExecutor()))
    }

    /// For actors whose `unownedExecutor` this is.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// For `withTaskExecutorPreference`.
    public func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        UnownedTaskExecutor(ordinary: self)
    }
}
