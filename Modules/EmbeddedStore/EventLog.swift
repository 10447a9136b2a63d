import SegmentStore
import Vocabulary

/// One append-only log of an `EventStore`: records with ascending offsets, in batches.
///
/// May be used from any task; a value is a name for the log, made by `EventStore.log`, and keeps
/// the store open.
public final class EventLog: Sendable {
    /// As given to `EventStore.log`; the log's folder has it with `-0` behind.
    public let name: String
    /// What opening the log found and whoever runs the program should know, a sentence each: a
    /// torn tail that was cut, index files that were made anew, files that are not the store's.
    /// Empty after a close in order; the same for every handle, until the store is closed.
    public let openingNotices: [String]
    let store: EventStore
    let slot: Int
    let published: PublishedState

    init(
        name: String, store: EventStore, slot: Int, published: PublishedState,
        openingNotices: [String]
    ) {
        self.name = name
        self.openingNotices = openingNotices
        self.store = store
        self.slot = slot
        self.published = published
    }

    /// Where the log was when it last moved. Costs a lock; any thread.
    public var state: EventLogState { published.state.withLock { $0 } }

    /// Records below can be read. Under `Durability.sync` they survive the loss of power.
    public var readEnd: Offset { state.readEnd }

    /// Changes how the log is kept, from the next append on.
    public func apply(_ settings: LogSettings) async throws(EventStoreError) {
        let (slot, published) = (slot, published)
        try await store.call { core throws(EventStoreError) in
            let hosted = try core.hosted(slot, published)
            hosted.log.settings = settings
            hosted.progressed()
            core.wantTick()
        }
    }

    /// Lets the log begin at `offset`: records below are gone when this returns, durably; nothing
    /// happens if it begins there already. Files that hold nothing else go in the background.
    ///
    /// `LogSettings.retentionMilliseconds` and `retentionBytes` do the same by age and size.
    /// - Throws: `store(.offsetOutOfRange)` behind the end.
    public func advanceStart(to offset: Offset) async throws(EventStoreError) {
        let answer = Answer<Result<Void, EventStoreError>>()
        let (slot, published) = (slot, published)
        store.executor.mailbox.post(
            .call { core in
                core.advanceStart(of: slot, published, to: offset) { result in
                    answer.give(result)
                }
            })
        try await answer.value().get()
    }

    /// Keeps the newest record of every key and lets tombstones go in time, in all segments but the
    /// one that is appended to. Asked for by `LogSettings.compaction`, with its lags; done when
    /// this is called and at no other time.
    ///
    /// Works on a thread of its own, one log after the other, while appends and reads go on.
    /// - Returns: what was done; `nil` if there was nothing to do, if the log's settings do not ask
    ///   for compaction, or if the log was cut meanwhile.
    /// - Throws: `corrupt`, `store`: the log is as it was, or compacted in part. `closed`: the
    ///   store was closed meanwhile.
    @discardableResult
    public func compact(
        limits: CompactionLimits = CompactionLimits()
    ) async throws(EventStoreError) -> CompactionResult? {
        let answer = Answer<Compactor.Outcome>()
        store.compactor.compact(slot, published, limits: limits, with: store.executor, answer)
        return try await answer.value().get()
    }

    /// Takes back the records from `end` on, durably; a batch that holds `end` goes as a whole.
    /// An append that was not acknowledged yet and is cut off fails with `truncated`.
    ///
    /// - Throws: `store(.regionsInUse)` while a read of what would go is under way: try again.
    public func truncate(to end: Offset) async throws(EventStoreError) {
        try await onLog { hosted throws(EventStoreError) in
            try hosted.truncate(to: end)
        }
    }

    /// Runs `body` on the store's thread with what that keeps of the log.
    func onLog<Value: Sendable>(
        _ body: @escaping @Sendable (HostedLog) throws(EventStoreError) -> Value
    ) async throws(EventStoreError) -> Value {
        let (slot, published) = (slot, published)
        return try await store.call { core throws(EventStoreError) in
            try body(core.hosted(slot, published))
        }
    }
}

/// Where a log is, all of one moment.
public struct EventLogState: Sendable, Hashable {
    /// The first offset that can be read.
    public var startOffset: Offset
    /// Records below are in their file.
    public var writtenEnd: Offset
    /// Records below survive the loss of power.
    public var durableEnd: Offset
    /// Records below are acknowledged and can be read.
    public var readEnd: Offset
    /// Set for good when bytes could not be written or made durable: the log takes nothing more.
    public var failure: StoreError?
}
