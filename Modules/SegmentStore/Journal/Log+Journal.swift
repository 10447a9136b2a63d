import Disk
import Records
import Vocabulary

/// What of a log waits for the journal, and what only a sync of its segment makes durable.
struct JournalingProgress {
    /// Everything below is durable in the journal or in its segment, but for plain batches.
    var journaledEnd = Offset.zero
    /// The first record that is not in the journal and not known to be synced.
    var plainStart: Offset?
    /// The end of the last record that is not in the journal.
    var plainEnd = Offset.zero
    /// Where the sync under way will have got to.
    var syncingEnd = Offset.zero
    /// What a lazy sync was asked to reach.
    var wantedEnd = Offset.zero
    /// Where the log is among the parts of the write that gathers.
    var partIndex = 0
    /// Where the log is among the debts of the journal's current file.
    var debtIndex = 0

    /// Appends from `end` on were taken back; they were plain, as all that go through the queue.
    mutating func cutBack(to end: Offset) {
        plainEnd = min(plainEnd, end)
        if let start = plainStart, start >= plainEnd { plainStart = nil }
    }
}

extension Log {
    /// What the recovery-point checkpoint should say: everything below is durable in its segment,
    /// the indexes of closed segments included.
    public var recoveryPoint: Offset { syncedEnd }

    /// Hands an appended batch to the journal, or notes that its segment has to be synced.
    func makeDurable(_ header: BatchHeader, _ bytes: [OwnedBytes]) {
        if settings.durability == .sync, writes.isEmpty, !settings.usesReservedSpace,
            // Where a sync has to follow anyway, the journal would bring nothing forward.
            journaling.plainEnd <= max(syncedEnd, journaling.syncingEnd),
            let journal = store.journal, journal.take(header, bytes, of: self)
        {
            return
        }
        if journaling.plainStart == nil { journaling.plainStart = header.baseOffset }
        journaling.plainEnd = header.nextOffset
    }

    /// Whether acknowledgements wait for a sync, or one was asked for.
    var needsSync: Bool {
        max(journaling.plainEnd, journaling.wantedEnd) > syncedEnd || !syncs.closed.isEmpty
            || syncs.bytesSinceSync >= store.settings.recoveryPointBytes
    }

    /// A write of the journal is durable, with all before it.
    func journaled(upTo end: Offset) {
        guard failure == nil, !isClosed else { return }
        journaling.journaledEnd = max(journaling.journaledEnd, end)
        advanceDurableEnd()
    }

    /// A sync has made everything below `end` durable in its segment.
    func synced(upTo end: Offset) {
        syncedEnd = max(syncedEnd, end)
        if let start = journaling.plainStart {
            journaling.plainStart = syncedEnd >= journaling.plainEnd ? nil : max(start, syncedEnd)
        }
        advanceDurableEnd()
    }

    /// Acknowledged is what comes before the first record that is durable in neither place.
    private func advanceDurableEnd() {
        var end = journaling.journaledEnd
        if let start = journaling.plainStart { end = min(end, start) }
        end = min(max(end, syncedEnd), writtenEnd)
        guard end > durableEnd else { return }
        durableEnd = end
        hasProgress = true
    }

    /// Syncs the segment when nothing is in the way: the journal wants its space back.
    func syncLazily(upTo end: Offset) {
        guard failure == nil, !isClosed, syncedEnd < end else { return }
        journaling.wantedEnd = max(journaling.wantedEnd, end)
        startSync()
    }
}

extension Store {
    /// Begins to journal small appends under `sync`. Call it once, when what earlier journals hold
    /// was replayed. Files are made when they are first needed.
    public func startJournal(_ settings: JournalSettings) {
        precondition(journal == nil, "a store has one journal")
        journal = Journal(store: self, settings: settings)
    }
}
