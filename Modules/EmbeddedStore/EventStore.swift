import Glibc
import SegmentStore
import Vocabulary

/// Append-only logs of records in one folder, for a program that keeps its own data.
///
/// ```swift
/// let store = try await EventStore.open("/var/lib/shop")
/// let orders = try await store.log("orders")
/// var batch = EventBatchBuilder()
/// batch.append(key: nil, value: Array("one more".utf8))
/// let range = try await orders.append(batch.seal())   // on stable storage now
/// try await store.close()
/// ```
///
/// One thread of its own owns the files; every call hops to it and suspends its task meanwhile, so
/// that no thread of Swift's pool ever waits for the device. A store may be used from any task. Its
/// folder belongs to one process at a time.
public final class EventStore: Sendable {
    /// Is told the log whose old records could not be deleted, and why; the next check, after
    /// `StoreSettings.retentionCheckMilliseconds`, tries again. Keep it short: it runs on the
    /// store's thread.
    public typealias RetentionFailureHandler =
        @Sendable (_ log: String, _ reason: EventStoreError) -> Void

    /// The folder, as an absolute path.
    public let folder: String
    /// The store's thread, for tasks and actors that make many calls.
    public let executor: StoreExecutor
    let settings: EventStoreSettings
    let budget: AppendBudget
    let compactor = Compactor()

    private init(folder: String, executor: StoreExecutor, settings: EventStoreSettings) {
        self.folder = folder
        self.executor = executor
        self.settings = settings
        budget = AppendBudget(limit: settings.appendBytesInFlight)
    }

    // A store that nobody closed is closed in order all the same, only nobody learns how it went.
    deinit {
        compactor.stop { [executor] in
            executor.mailbox.post(.call { core in _ = core.close() })
        }
    }

    /// Opens the store in `folder`, which is made if its parent exists.
    ///
    /// After a crash every log is checked from its recovery point on, a torn tail is cut, and what
    /// remains is made durable, before this returns; a log that is damaged is left alone and named
    /// by `damagedLogs`, and what was found in the others by `EventLog.openingNotices`. After a
    /// clean close no log is read.
    ///
    /// - Parameters:
    ///   - folder: the store's alone, locked until it is closed.
    ///   - settings: how logs are kept, and what memory and files the store may use.
    ///   - onRetentionFailure: told of each failure, on the store's thread.
    /// - Throws: `folder` if another program uses it, `store`, `thread`, `ring`.
    public static func open(
        _ folder: String, _ settings: EventStoreSettings = EventStoreSettings(),
        onRetentionFailure: @escaping RetentionFailureHandler = { _, _ in }
    ) async throws(EventStoreError) -> EventStore {
        let executor: StoreExecutor
        do throws(ThreadError) {
            executor = try StoreExecutor()
        } catch {
            throw .thread(error)
        }
        let path = absolute(folder)
        let store = EventStore(folder: path, executor: executor, settings: settings)
        try await store.call { core throws(EventStoreError) in
            try core.open(path, settings, onRetentionFailure: onRetentionFailure)
        }
        return store
    }

    /// The log of that name, opened or made if need be; a new one is durable when this returns.
    ///
    /// - Parameters:
    ///   - name: 1 to 249 ASCII letters, digits, `.`, `_` and `-`.
    ///   - settings: how the log is kept from now on; those of the store if there are none. They
    ///     are not kept on disk: give them each time the store was opened.
    /// - Throws: `illegalName`, `corrupt`, `store`, `closed`.
    public func log(
        _ name: String, _ settings: LogSettings? = nil
    ) async throws(EventStoreError) -> EventLog {
        try Self.check(name)
        let (slot, published, notices) = try await call { core throws(EventStoreError) in
            let (slot, hosted) = try core.log(named: name, settings: settings)
            return (slot, hosted.published, hosted.log.openingNotices)
        }
        return EventLog(
            name: name, store: self, slot: slot, published: published, openingNotices: notices)
    }

    /// The names of all logs in the folder, sorted.
    public func logNames() async throws(EventStoreError) -> [String] {
        try await call { core throws(EventStoreError) in
            guard let hosting = core.hosting else { throw .closed }
            return try hosting.folder.logNames(on: hosting.disk)
        }
    }

    /// The logs that could not be recovered when the store was opened, and why.
    public func damagedLogs() async throws(EventStoreError) -> [String: EventStoreError] {
        try await call { core throws(EventStoreError) in core.damage }
    }

    /// Deletes a log for good. Whoever waits for it gets `logDeleted`.
    ///
    /// When this returns the log is gone, durably; its files go in the background.
    public func deleteLog(_ name: String) async throws(EventStoreError) {
        try Self.check(name)
        let answer = Answer<Result<Void, EventStoreError>>()
        executor.mailbox.post(
            .call { core in core.deleteLog(named: name) { result in answer.give(result) } })
        try await answer.value().get()
    }

    /// Makes durable what was appended, answers whoever waits, and leaves the folder in order. All
    /// later calls throw `closed`; closing twice is harmless.
    ///
    /// - Throws: what kept a log from being closed in order: the next open recovers.
    public func close() async throws(EventStoreError) {
        let stopped = Answer<Void>()
        compactor.stop { stopped.give(()) }
        await stopped.value()
        try await call { core throws(EventStoreError) in try core.close().get() }
    }

    /// Runs `body` on the store's thread and waits for what it returns.
    func call<Value: Sendable>(
        _ body: @escaping @Sendable (StoreCore) throws(EventStoreError) -> Value
    ) async throws(EventStoreError) -> Value {
        let answer = Answer<Result<Value, EventStoreError>>()
        executor.mailbox.post(
            .call { core in
                answer.give(Result { () throws(EventStoreError) in try body(core) })
            })
        return try await answer.value().get()
    }

    private static func check(_ name: String) throws(EventStoreError) {
        do throws(IllegalTopicName) {
            _ = try TopicName(name)
        } catch {
            throw .illegalName(error)
        }
    }

    private static func absolute(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return "\(String(cString: current))/\(path)"
    }
}

/// Opens the store in `folder`, runs `body`, and closes the store however `body` ends.
///
/// - Throws: what `body` throws; else what opening or closing does.
public func withEventStore<Value>(
    at folder: String, _ settings: EventStoreSettings = EventStoreSettings(),
    onRetentionFailure: @escaping EventStore.RetentionFailureHandler = { _, _ in },
    _ body: (EventStore) async throws -> Value
) async throws -> Value {
    let store = try await EventStore.open(
        folder, settings, onRetentionFailure: onRetentionFailure)
    let value: Value
    do {
        value = try await body(store)
    } catch {
        // The first failure is the one to report.
        try? await store.close()
        throw error
    }
    try await store.close()
    return value
}

extension EventStore {
    /// How many bytes of appends are under way: not acknowledged yet.
    public var appendBytesUnderWay: Int { budget.used }

    /// How many appends wait for others to be acknowledged before they begin.
    public var waitingAppends: Int { budget.waitingCount }
}
