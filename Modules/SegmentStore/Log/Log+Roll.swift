import Disk
import Records
import Vocabulary

/// Closing the active segment and beginning another.
extension Log {
    /// Whether a batch must go to a new segment: Kafka's rule (`LogSegment.shouldRoll`).
    ///
    /// By size, by a full index, by offsets or positions beyond 32 bits, and by age: from the
    /// first batch's timestamp to the new one's, or by the clock where there are no timestamps.
    func mustRoll(for header: BatchHeader, now: Timestamp) -> Bool {
        let segment = active
        guard segment.byteCount > 0, let indexes = segment.indexes else { return false }
        let byteLimit = min(settings.segmentBytes, Int(Int32.max))
        if segment.byteCount + header.byteCount > byteLimit { return true }
        let last = logEnd + Int64(header.lastOffsetDelta)
        if last - segment.baseOffset > Int64(Int32.max) { return true }
        if indexes.isFull(limit: settings.segmentIndexBytes) { return true }
        let age =
            if let first = segment.firstTimestamp, first >= Timestamp(0) {
                header.maxTimestamp - first
            } else {
                now - segment.created
            }
        return age > settings.segmentMilliseconds
    }

    /// Begins a new segment at the log's end.
    ///
    /// The old one is durable first where the log is `sync`: then no record of the new one can
    /// survive a crash that one of the old one does not. This and the folder's entries make a
    /// roll wait for the device, once per segment.
    func roll(now: Timestamp) throws(StoreError) {
        store.settle(self)
        if let failure { throw failure }
        holdsSyncs = true
        defer { holdsSyncs = false }
        try noteChange()
        if cutBackTo != nil { throw .outOfSpace(path: folder) }
        let old = active
        var finished = try old.loadedIndexes(interval: settings.indexIntervalBytes)
        finished.finish()
        do throws(StoreError) {
            try old.writeIndexes(finished)
            if settings.durability == .sync {
                try syncNow(upTo: old)
            } else if syncedEnd == logEnd {
                try old.syncIndexes()
            } else {
                try markUnsynced()
            }
            try onSideFiles { () throws(SideFileError) in
                try producers.snapshot.write(at: logEnd, on: store.disk, folder: folder)
            }
            let new = try store.makeSegment(at: logEnd, in: folder, now: now)
            old.end = logEnd
            old.indexes = finished
            old.recent = RecentBatches()
            segments.append(new)
        } catch {
            // A full disk and a lack of descriptors are reversible; the old segment goes on.
            if case .disk(let cause) = error, !cause.isPassing { throw fail(cause) }
            throw error
        }
        if syncedEnd < logEnd {
            old.isUnsynced = true
            syncs.closed.append(old)
        } else {
            recovery.isDue = true
        }
        store.noteUse(of: old)
        try store.checkSpace(at: folder, now: now)
        store.touch(self)
    }

    /// Makes the active segment durable with its indexes, and those before it that are not,
    /// waiting for it.
    private func syncNow(upTo active: Segment) throws(StoreError) {
        for segment in syncs.closed + [active] {
            let file = try segment.opened()
            do throws(DiskError) {
                _ = try store.disk.perform(.sync(file.id, .data))
            } catch {
                throw fail(error)
            }
            try segment.syncIndexes()
            store.dirtyBytes -= segment.dirtyByteCount
            segment.writeBackPosition = segment.writtenCount
            segment.isUnsynced = false
            removeUnsyncedMark(behind: segment)
        }
        syncs.closed.removeAll()
        syncs.bytesSinceSync = 0
        synced(upTo: writtenEnd)
        hasProgress = true
    }
}
