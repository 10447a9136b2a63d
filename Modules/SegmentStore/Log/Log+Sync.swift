import Disk
import Vocabulary

/// Making what was written durable, off the append's path.
extension Log {
    func noteUnsynced(_ byteCount: Int, now: Timestamp) {
        syncs.bytesSinceSync += byteCount
        recovery.byteCount += byteCount
        hasProgress = true
        if let flushInterval, syncs.due == nil { syncs.due = now + flushInterval }
    }

    /// After how many milliseconds what is unsynced is synced; `nil` if it is not for the clock.
    var flushInterval: Int64? {
        switch settings.durability {
        case .sync: nil
        case .interval: settings.flushIntervalMilliseconds ?? 1_000
        case .os: settings.flushIntervalMilliseconds
        }
    }

    /// Gathers the operations that are due at the end of a tick.
    func prepareCommit() {
        guard failure == nil, !isClosed else { return }
        switch settings.durability {
        case .sync:
            if needsSync { startSync() }
        case .interval, .os:
            let isFull = syncs.bytesSinceSync >= store.settings.recoveryPointBytes
            let isWanted = journaling.wantedEnd > syncedEnd
            let hasMany = settings.flushMessages.map { writtenEnd - syncedEnd >= $0 } ?? false
            if isFull || hasMany || isWanted || !syncs.closed.isEmpty { startSync() }
        }
        startWriteBack()
    }

    /// Gathers a sync of the oldest file that needs one, unless one is under way.
    func startSync() {
        guard !syncs.isInFlight, !syncs.isHeldBack, !holdsSyncs, failure == nil,
            syncedEnd < writtenEnd
        else { return }
        let segment = syncs.closed.first ?? active
        guard let file = segment.file else {
            preconditionFailure("a segment that was not synced has its file open")
        }
        let end = segment.end ?? writtenEnd
        let byteCount = segment.dirtyByteCount
        noteWriteBack(of: segment, file)
        syncs.isInFlight = true
        journaling.syncingEnd = end
        if segment === active { syncs.bytesSinceSync = 0 }
        syncs.due = nil
        store.submit(
            .sync(file.id, .data), as: .sync(self, segment, end: end, dirtyBytes: byteCount))
    }

    /// Whether the active segment's file may be closed until it is used again: nothing is on its
    /// way to it, and all that is in it was synced.
    var isAtRest: Bool {
        writes.isEmpty && !syncs.isInFlight && recoveryPoint == writtenEnd && failure == nil
    }

    /// Starts what brings the log to rest, whatever its policy: its file is wanted back.
    func syncToRest() {
        guard recoveryPoint < writtenEnd, writes.isEmpty else { return }
        startSync()
        store.touch(self)
    }

    func syncFinished(_ segment: Segment, end: Offset, _ error: DiskError?) {
        syncs.isInFlight = false
        guard failure == nil else { return }
        if let error {
            // The kernel may have marked the lost pages clean: no later sync proves anything.
            _ = fail(error)
            return
        }
        if syncs.closed.first === segment {
            do throws(StoreError) {
                try segment.syncIndexes()
            } catch {
                // The recovery point must not pass a segment whose indexes are in doubt.
                if case .disk(let cause) = error, !cause.isPassing { _ = fail(cause) }
                syncs.isHeldBack = true
                return
            }
            syncs.closed.removeFirst()
            segment.isUnsynced = false
            removeUnsyncedMark(behind: segment)
            recovery.isDue = true
        }
        synced(upTo: end)
        if recovery.byteCount >= store.settings.recoveryPointBytes { recovery.isDue = true }
        hasProgress = true
    }

    private func startWriteBack() {
        let segment = active
        let byteCount = segment.dirtyByteCount
        guard byteCount >= store.settings.writeBehindBytes, let file = segment.file else { return }
        let start = segment.writeBackPosition
        noteWriteBack(of: segment, file)
        store.submit(
            .startWriteBack(file.id, from: FilePosition(Int64(start)), count: byteCount),
            as: .writeBack(file, byteCount: byteCount))
    }

    /// From here on the bytes written so far count as clean soon.
    private func noteWriteBack(of segment: Segment, _ file: SegmentFile) {
        guard segment.writtenCount > segment.writeBackPosition else { return }
        store.budget.add(file, segment.writeBackPosition..<segment.writtenCount)
        segment.writeBackPosition = segment.writtenCount
    }

    /// Tells the host what has changed since it was last told.
    func report() {
        // In the folder of a log that was deleted there may be another one by now.
        guard !isClosed, hasProgress || cutBackTo != nil else { return }
        hasProgress = false
        if let offset = cutBackTo {
            cutBackTo = nil
            onCutBack?(self, offset)
        }
        onProgress?(self)
        saveSnapshot()
        if recovery.isDue {
            // A roll takes a snapshot of its own.
            if recovery.byteCount >= store.settings.recoveryPointBytes { saveRecoveryHelp() }
            recovery = RecoveryPointProgress()
            store.onRecoveryPoint?(self)
        }
    }
}
