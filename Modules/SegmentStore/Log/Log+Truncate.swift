import Disk
import Records
import Vocabulary

extension Log {
    /// Takes back the records from `end` on, durably; a batch that holds `end` goes as a whole. A
    /// log that begins later begins there afterwards. Waits for the device.
    ///
    /// - Throws: `regionsInUse` while a part that would go is being sent: nothing was changed.
    public func truncate(to end: Offset) throws(StoreError) {
        if isClosed { throw .closed(path: folder) }
        settleAll()
        if let failure { throw failure }
        holdsSyncs = true
        defer { holdsSyncs = false }
        guard end < logEnd else { return }
        try noteChange()
        awaitedSnapshot = nil
        savedSnapshot = nil
        guard end >= segments[0].baseOffset else {
            return try truncateFully(startAt: end, now: active.created)
        }
        let index = segmentIndex(holding: end)
        let interval = settings.indexIntervalBytes
        let segment = segments[index]
        let file = try segment.opened()
        let place = try segment.batch(holding: max(end, segment.baseOffset), interval: interval)
        let position = place?.lowerBound ?? segment.writtenCount
        guard !file.isLent(position..<Int.max), !segments[(index + 1)...].contains(where: isLent)
        else { throw .regionsInUse(path: folder) }
        let keptEnd = min(syncedEnd, try firstOffset(at: position, in: segment, file) ?? end)
        try beginIncarnation(keeping: keptEnd)
        syncedEnd = keptEnd
        store.dirtyBytes -= dirtyByteCount
        abandonCompaction(from: end)
        do throws(StoreError) {
            try syncClosed(before: segment)
            try removeSegments(behind: index)
            segment.indexes = try segment.loadedIndexes(interval: interval)
            removeUnsyncedMark(behind: segment)
            segment.isUnsynced = false
            segment.end = nil
            segment.knownLargestTimestamp = nil
            segment.isIndexTrusted = false
            segment.indexes?.resume()
            try segment.cut(to: position)
            segment.indexes?.truncate(position: position)
            if let indexes = segment.indexes {
                // No entry of the files leads to a batch that went.
                try segment.writeIndexes(indexes)
                try segment.syncIndexes()
                segment.saved = Segment.SavedEntries(
                    offsets: indexes.offsets.count, times: indexes.times.count)
            }
            let ending = try segment.noteBatchesBehindIndex(interval: interval)
            logEnd = max(segment.baseOffset, ending.nextOffset)
            writtenEnd = logEnd
            syncedEnd = min(syncedEnd, logEnd)
            durableEnd = min(durableEnd, logEnd)
            logStartOffset = min(logStartOffset, logEnd)
            try segment.cutTransactionIndex(to: logEnd)
            try segment.loadFirstTimestamp()
            try makeCutDurable(file)
            segment.writeBackPosition = segment.writtenCount
        } catch {
            throw cutFailed(error)
        }
        hasProgress = true
        recovery.isDue = true
        store.touch(self)
    }

    /// What to throw where a step of a cut failed. What is cut by half, or was not synced, is in
    /// doubt whatever the reason: the log has failed.
    private func cutFailed(_ error: StoreError) -> StoreError {
        switch error {
        case .disk(let cause), .sideFile(.disk(let cause)): fail(cause)
        case .outOfSpace(let path):
            fail(DiskError(operation: "truncate", path: path, code: DiskError.noSpace))
        default: error
        }
    }

    /// Waits until nothing of this log is on its way: what a write or a sync that ends later tells
    /// would be of records that are gone. Each of the two may start the other.
    private func settleAll() {
        repeat {
            store.settleJournal()
            store.settle(self)
        } while store.journal?.isBusy ?? false
    }

    /// The base offset of the batch that begins at a position; `nil` if there is none.
    private func firstOffset(
        at position: Int, in segment: Segment, _ file: SegmentFile
    ) throws(StoreError) -> Offset? {
        var walk = HeaderWalk(
            disk: store.disk, file: file, end: segment.writtenCount, buffer: store.probeBuffer)
        guard case .batch(let header) = try walk.look(at: position) else { return nil }
        return header.baseOffset
    }

    /// Makes durable, before the first step of a cut, what the next opening has to know of it.
    ///
    /// What the journal holds of this log is void: what stays must be durable in its segments
    /// first, and a batch that is cut off must not come back in the place of a later one. And a
    /// checkpoint that says more than `keptEnd` is stale: it would make that start take the
    /// end of a cut that failed, or of what was appended since, for damage.
    private func beginIncarnation(keeping keptEnd: Offset) throws(StoreError) {
        if store.journal != nil { try syncJournaled() }
        let next = cuts.cutting(syncedEnd, to: keptEnd)
        do throws(SideFileError) {
            try next.write(on: store.disk, folder: folder)
        } catch {
            guard case .disk(let cause) = error else { throw .sideFile(error) }
            // The file may be the new one, with which what is journaled from here on were void.
            throw cause.isPassing ? StoreError(cause) : fail(cause)
        }
        cuts = next
    }

    /// Segments closed under another policy may hold what only the journal made durable.
    private func syncJournaled() throws(StoreError) {
        for segment in syncs.closed + [active] {
            let file = try segment.opened()
            do throws(DiskError) {
                _ = try store.disk.perform(.sync(file.id, .data))
            } catch {
                // Whatever the reason, the kernel may have marked the pages clean.
                throw fail(error)
            }
        }
    }

    /// Makes the segments durable that were closed and not synced yet, but for those that go.
    func syncClosed(before end: Segment) throws(StoreError) {
        let disk = store.disk
        for segment in syncs.closed where segment.baseOffset < end.baseOffset {
            let file = try segment.opened()
            _ = try onDisk { () throws(DiskError) in try disk.perform(.sync(file.id, .data)) }
            try segment.syncIndexes()
            segment.writeBackPosition = segment.writtenCount
            segment.isUnsynced = false
            removeUnsyncedMark(behind: segment)
        }
        syncs = SyncProgress()
    }

    private func isLent(_ segment: Segment) -> Bool {
        segment.file?.isLent(0..<Int.max) ?? false
    }

    /// Removes whole segments, each durably before the one in front of it: a crash in between
    /// leaves no gap.
    private func removeSegments(behind index: Int) throws(StoreError) {
        let disk = store.disk
        for removed in segments[(index + 1)...].reversed() {
            try removeFiles(of: removed)
            _ = try onDisk { () throws(DiskError) in
                try disk.perform(.syncFolder(path: folder))
            }
            removeUnsyncedMark(behind: removed)
            segments.removeLast()
        }
    }

    private func removeFiles(of segment: Segment) throws(StoreError) {
        store.forget(segment)
        for kind in SegmentName.Kind.ofBatches {
            try onDisk { () throws(DiskError) in
                _ = try store.disk.removeFileIfPresent(segment.path(kind))
            }
        }
    }

    /// Gives up all records and lets the log go on at `offset`, durably, as a follower does whose
    /// leader has nothing of what it has. Waits for the device.
    ///
    /// The segments go from the newest on, then an empty one is made: a crash leaves a log that
    /// ends earlier, or one without segments, which opens empty.
    /// - Throws: `disk`, `outOfSpace`, `failed`: the log has failed then, if records are gone.
    public func truncateFully(startAt offset: Offset, now: Timestamp) throws(StoreError) {
        if isClosed { throw .closed(path: folder) }
        settleAll()
        if let failure { throw failure }
        holdsSyncs = true
        defer { holdsSyncs = false }
        try noteChange()
        awaitedSnapshot = nil
        savedSnapshot = nil
        let keptEnd = min(syncedEnd, segments[0].baseOffset, offset)
        try beginIncarnation(keeping: keptEnd)
        syncedEnd = keptEnd
        let disk = store.disk
        store.dirtyBytes -= dirtyByteCount
        abandonCompaction(from: .zero)
        syncs = SyncProgress()
        journaling = JournalingProgress()
        do throws(StoreError) {
            try removeSegments(behind: 0)
            let contents = FolderContents(
                try onDisk { () throws(DiskError) in try disk.list(folder) })
            try onDisk { () throws(DiskError) in
                // A mark that stayed would speak of a later segment that begins at its offset.
                let obsolete =
                    contents.snapshots.map { ProducerSnapshot.name(at: $0) }
                    + contents.unsynced.map { SegmentName.unsyncedMark($0) }
                for name in obsolete {
                    _ = try disk.perform(.removeFile(path: "\(folder)/\(name)"))
                }
            }
            try removeFiles(of: segments[0])
            try save(LeaderEpochCache())
            segments = [try store.makeSegment(at: offset, in: folder, now: now)]
        } catch {
            throw cutFailed(error)
        }
        producers.removeAll()
        straySnapshots = []
        logStartOffset = offset
        logEnd = offset
        writtenEnd = offset
        syncedEnd = offset
        durableEnd = offset
        hasProgress = true
        recovery.isDue = true
        store.touch(self)
    }

    private func makeCutDurable(_ file: SegmentFile) throws(StoreError) {
        let disk = store.disk
        epochs.truncateFromEnd(logEnd)
        try save(epochs)
        let contents = FolderContents(
            try onDisk { () throws(DiskError) in try disk.list(folder) })
        try onDisk { () throws(DiskError) in
            _ = try disk.perform(.sync(file.id, .dataAndMetadata))
            for offset in contents.snapshots where offset > logEnd {
                _ = try disk.perform(
                    .removeFile(path: "\(folder)/\(ProducerSnapshot.name(at: offset))"))
            }
            _ = try disk.perform(.syncFolder(path: folder))
        }
        syncedEnd = logEnd
        durableEnd = logEnd
        journaling = JournalingProgress()
        var replay = ProducerReplay(
            store: store, folder: folder, segments: segments,
            interval: settings.indexIntervalBytes, now: active.created)
        producers = try replay.run(
            upTo: logEnd, snapshots: contents.snapshots.filter { $0 <= logEnd })
    }
}
