import Disk
import Vocabulary

/// What happens when bytes cannot be written: an append is cut back, or the log fails for good.
extension Log {
    /// Undoes a write that failed on the spot. Always throws.
    func cutBack(after error: DiskError) throws(StoreError) {
        guard error.isPassing else { throw fail(error) }
        try cutFile(to: active.byteCount)
        throw error.isOutOfSpace ? .outOfSpace(path: folder) : .disk(error)
    }

    /// A queued write is done, or not: then it is cut back with all that follow it.
    func writeFinished(_ error: DiskError?) {
        guard let error else {
            // Writes never go on in another segment: a roll waits for them.
            let (done, next) = writes.finish()
            active.writtenCount = done.position + done.byteCount
            writtenEnd = done.end
            producers.settle(upTo: writtenEnd)
            hasProgress = true
            if let next, let file = active.file { start(next, in: file) }
            return
        }
        store.landed(writes.fail())
        guard failure == nil else { return }
        guard error.isPassing else {
            _ = fail(error)
            return
        }
        let end = writtenEnd
        forget(from: end, position: active.writtenCount)
        do throws(StoreError) {
            try cutFile(to: active.writtenCount)
        } catch {
            return  // the log has failed, which is told
        }
        cutBackTo = end
        hasProgress = true
    }

    /// Cuts the active segment's file to its last whole batch. Synced, so that a later batch in
    /// the same place is never mixed with the one that was cut.
    private func cutFile(to byteCount: Int) throws(StoreError) {
        let file = try active.opened()
        let disk = store.disk
        do throws(DiskError) {
            _ = try disk.perform(.truncate(file.id, to: FilePosition(Int64(byteCount))))
            _ = try disk.perform(.sync(file.id, .data))
        } catch {
            throw fail(error)
        }
    }

    /// Takes appended batches back in memory: those from `offset` on, which begin at `position`.
    private func forget(from offset: Offset, position: Int) {
        let segment = active
        store.dirtyBytes -= segment.byteCount - position
        segment.byteCount = position
        segment.recent.removeAll()
        producers.cutBack(to: offset)
        // It tells of batches that go.
        if let awaited = awaitedSnapshot, awaited.end > offset { awaitedSnapshot = nil }
        logEnd = offset
        if let latest = epochs.entries.last, latest.startOffset > offset {
            // It begins with the next record, at an offset that the file does not know of.
            epochs.assign(latest.epoch, at: offset)
            hasUnsavedEpochs = true
        }
        journaling.cutBack(to: offset)
        if segment.byteCount == 0 { segment.firstTimestamp = nil }
        segment.indexes?.truncate(position: position)
        // The largest timestamp behind the last index entry is found by reading again.
        do throws(StoreError) {
            try segment.noteBatchesBehindIndex(interval: settings.indexIntervalBytes)
        } catch {
            if case .disk(let cause) = error { _ = fail(cause) }
        }
    }

    /// Notes that the log has failed for good and returns the error to throw.
    func fail(_ error: DiskError) -> StoreError {
        if let failure { return failure }
        let failed = StoreError.failed(path: folder, cause: error)
        failure = failed
        hasProgress = true
        store.touch(self)
        return failed
    }
}
