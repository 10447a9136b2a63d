import Disk
import Records
import SegmentStore
import Vocabulary

/// Keeps the cluster's state on this machine: an append-only log of `MetadataRecord`s in the
/// folder `__millrace_metadata-0`, and a snapshot into which the log is folded when it grows.
///
/// A change is one record batch, so that its records are found together or not at all. It is
/// synced before it shows in `state` and before its caller is answered. Changes do not wait for
/// each other: each is decided on what those before it will have made of the state.
///
/// It shares a `Store` with the partitions of its thread and is driven with it: the host calls
/// `settle` after every `commit` and `drain` of the store.
public final class EmbeddedMetadataStore: MetadataStore {
    /// What is durable; changes that are on their way do not show.
    public private(set) var state: ClusterState
    /// Sentences for the operator about what was found and mended when the store was opened.
    public internal(set) var openingNotices: [String] = []

    let dataFolder: String
    let store: Store
    let settings: MetadataStoreSettings
    var log: Log
    /// The state with the changes that are on their way.
    private var pending: ClusterState
    private var waiting: [Waiting] = []
    /// The bytes of records in the log.
    var logBytes: Int
    /// The size of the log at which it is folded next.
    var foldBytes: Int
    /// Set for good when the log failed: no change is taken any more.
    public private(set) var failure: MetadataError?
    private var isClosing = false
    /// Changes that were lost and whose callers `settle` tells so.
    private var lost: [(then: (Result<Void, MetadataError>) -> Void, error: MetadataError)] = []
    /// The time of the last change, for what folding writes.
    private(set) var now: Timestamp

    private struct Waiting {
        let base: Offset
        /// The log's durable end at which the records are safe.
        let end: Offset
        let records: [MetadataRecord]
        let then: (Result<Void, MetadataError>) -> Void
    }

    /// Opens the metadata of a data folder, or begins it.
    ///
    /// - Throws: `.corruptRecord`, `.newerVersion`, `.sideFile`, `.storeFailed`. Waits for the
    ///   disk; costs a read of the log, which is kept small.
    public init(
        in dataFolder: String, store: Store,
        settings: MetadataStoreSettings = MetadataStoreSettings(), now: Timestamp
    ) throws(MetadataError) {
        let opened = try Self.open(in: dataFolder, store: store, now: now)
        self.dataFolder = dataFolder
        self.store = store
        self.settings = settings
        log = opened.log
        state = opened.state
        pending = opened.state
        logBytes = opened.logBytes
        foldBytes = settings.foldBytes
        openingNotices = opened.notices
        self.now = now
        watchLog()
    }

    /// How many changes are not durable yet.
    public var changesInFlight: Int { waiting.count }

    // MARK: - Changing

    /// Decides at once and appends the records as one batch. `then` is called by `settle` when they
    /// are durable or lost, and before this returns where nothing was appended.
    public func change(
        now: Timestamp,
        _ decide: (ClusterState) throws(MetadataError) -> [MetadataRecord],
        then: @escaping (Result<Void, MetadataError>) -> Void
    ) {
        self.now = now
        do throws(MetadataError) {
            if let failure { throw failure }
            if isClosing { throw .closing }
            let records = try decide(pending)
            let range = try append(records, now: now)
            for record in records { Self.take(record, into: &pending) }
            waiting.append(
                Waiting(base: range.base, end: range.end, records: records, then: then))
        } catch {
            then(.failure(error))
        }
        // A change without records has nothing of its own to wait for.
        if waiting.first?.records.isEmpty ?? false { settle() }
    }

    /// `change`, waiting for the disk: for starting and stopping.
    public func changeAndWait(
        now: Timestamp,
        _ decide: (ClusterState) throws(MetadataError) -> [MetadataRecord]
    ) throws(MetadataError) {
        var outcome: Result<Void, MetadataError>?
        change(now: now, decide) { outcome = $0 }
        store.commit()
        settle()
        while outcome == nil {
            guard store.disk.inFlight > 0 else {
                fail("a change was neither kept nor refused")
                settle()
                break
            }
            store.disk.wait()
            store.drain()
            settle()
        }
        try outcome?.get()
    }

    /// Refuses changes from now on. Those on their way are finished as ever; the store that the
    /// log belongs to closes it.
    public func close() { isClosing = true }

    /// Appends a change as one batch; returns the offsets it takes.
    private func append(
        _ records: [MetadataRecord], now: Timestamp
    ) throws(MetadataError) -> (base: Offset, end: Offset) {
        guard !records.isEmpty else { return (log.logEnd, log.logEnd) }
        var builder = BatchBuilder()
        for record in records { builder.append(key: nil, value: record.encoded, timestamp: now) }
        let bytes = builder.build()
        do {
            let header = try bytes.withUnsafeBytes { try BatchHeader(reading: $0) }
            let range = try log.append(
                header, bytes: [OwnedBytes(bytes)], leaderEpoch: log.latestEpoch ?? .zero,
                now: now)
            logBytes += bytes.count
            return (range.base, range.last + 1)
        } catch {
            throw .storeFailed("\(error)")
        }
    }

    // MARK: - Becoming durable

    /// Takes up the changes that have become durable and answers their callers. Call it after
    /// every `commit` and `drain` of the store, never from within; it costs a few comparisons when
    /// there are none.
    public func settle() {
        while let next = waiting.first, next.end <= log.durableEnd {
            waiting.removeFirst()
            for record in next.records { Self.take(record, into: &state) }
            next.then(.success(()))
        }
        if failure == nil, let cause = log.failure { fail("\(cause)") }
        while !lost.isEmpty {
            let (then, error) = lost.removeFirst()
            then(.failure(error))
        }
        if waiting.isEmpty, failure == nil, logBytes > foldBytes { fold() }
    }

    func watchLog() {
        log.onCutBack = { [unowned self] _, end in
            lose(from: end, .storeFailed("no space is left on the disk of \(log.folder)"))
        }
    }

    /// Accepts nothing more; `settle` says so to everyone who waits.
    func fail(_ reason: String) {
        let error = MetadataError.storeFailed(reason)
        failure = error
        lose(from: .zero, error)
    }

    /// The changes that were appended at `end` or later are not kept.
    private func lose(from end: Offset, _ error: MetadataError) {
        for change in waiting where change.base >= end { lost.append((change.then, error)) }
        waiting.removeAll { $0.base >= end }
        pending = state
        for change in waiting { for record in change.records { Self.take(record, into: &pending) } }
    }

    private static func take(_ record: MetadataRecord, into state: inout ClusterState) {
        do throws(InconsistentRecord) {
            try state.apply(record)
        } catch {
            preconditionFailure("what was decided can be applied: \(error)")
        }
    }
}

/// How the embedded store keeps its log.
public struct MetadataStoreSettings: Sendable, Hashable {
    /// The size in bytes at which the log is folded into a snapshot. Folding waits for the disk
    /// some ten times.
    public var foldBytes = 1 << 20

    public init() {}
}
