import Disk
import Vocabulary

/// Which segments are to be deleted, and in which steps.
extension Log {
    /// What one look at a log brought.
    enum RetentionStep {
        /// All that is left stays.
        case nothing
        /// The first segment is being deleted; look again when that is done.
        case started
        /// The first segment goes when something else is done with it.
        case waits
    }

    /// Whether a look could find anything.
    var hasRetention: Bool {
        if segments.count > 1, segments[1].baseOffset <= logStartOffset { return true }
        return settings.deletesOldSegments
            && (settings.retentionMilliseconds != nil || settings.retentionBytes != nil)
    }

    /// Moves the start behind what is too old or too much, then deletes the first segment if it
    /// lies below the start as a whole.
    ///
    /// One segment at a time, the oldest first, each durably gone before the next: whatever a crash
    /// leaves has no gap, and the first segment that is there tells where the log begins.
    ///
    /// - Parameter isFirst: whether the bounds are looked at, once for each turn of the log. Old
    ///   records that come in meanwhile wait for the next round: they would keep the other logs
    ///   from their turn.
    func stepRetention(now: Timestamp, isFirst: Bool) throws(StoreError) -> RetentionStep {
        guard removal == nil, !holdsSegments else { return .waits }
        if isFirst, let bound = try retentionBound(now: now) {
            if bound.takesActive { try roll(now: now) }
            if bound.start > logStartOffset { moveStart(to: bound.start) }
        }
        guard let end = segments[0].end, end <= logStartOffset else { return .nothing }
        if segments[0].isUnsynced { return .waits }
        try noteChange()
        let started = SegmentRemoval(of: segments[0], end: end, log: self, now: now)
        removal = started
        started.begin()
        return .started
    }

    /// Where the log begins when what its settings do not keep is gone, and whether that takes the
    /// active segment; `nil` if all stays.
    ///
    /// Kafka's rules (`UnifiedLog.deleteOldSegments`): by size first, as long as what is left has
    /// at least `retention.bytes`; then by time, as long as the oldest segment's largest timestamp
    /// is too old; never beyond the high watermark. The active segment goes as well, if it has
    /// records: it is rolled before.
    private func retentionBound(
        now: Timestamp
    ) throws(StoreError) -> (start: Offset, takesActive: Bool)? {
        guard settings.deletesOldSegments else { return nil }
        let limit =
            deletionLimit ?? (settings.durability == .sync ? durableEnd : writtenEnd)
        var excess = -1
        if let bound = settings.retentionBytes {
            let (difference, overflow) = Int64(try byteCount).subtractingReportingOverflow(bound)
            excess = overflow ? -1 : Int(difference)
        }
        var start = logStartOffset
        for segment in segments {
            let isActive = segment === active
            let end = segment.end ?? logEnd
            if end <= start, !isActive { continue }
            guard end <= limit, !isActive || segment.byteCount > 0 else { break }
            let byteCount = excess >= 0 ? try segment.sized() : 0
            if excess >= byteCount {
                excess -= byteCount
            } else {
                excess = -1
                guard let age = settings.retentionMilliseconds,
                    try segment.isOlder(
                        than: age, now: now, interval: settings.indexIntervalBytes)
                else { break }
            }
            start = end
            if isActive { return (start, true) }
        }
        return start > logStartOffset ? (start, false) : nil
    }

    /// The first segment is durably gone.
    func removalFinished(_ removal: SegmentRemoval) {
        precondition(self.removal === removal && segments[0] === removal.segment)
        self.removal = nil
        segments.removeFirst()
        store.dirtyBytes -= removal.segment.dirtyByteCount
        store.forget(removal.segment)
        straySnapshots.removeAll { $0 < removal.end }
        store.retention.retire(
            RetiredFiles(
                log: self, paths: removal.renamed,
                due: removal.begun + settings.fileDeleteDelayMilliseconds))
    }

    /// The first segment could not be deleted; the next check tries again.
    func removalFailed(_ error: DiskError) {
        removal = nil
        store.retention.drop(self)
        store.onRetentionFailure?(self, StoreError(error))
    }
}
