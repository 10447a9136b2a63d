import Disk
import Records
import Vocabulary

extension Log {
    /// Appends one validated batch and gives its records their offsets.
    ///
    /// The batch is written on the spot, or queued behind what is being written already. It waits
    /// for the device only when the log rolls, when `leaderEpoch` is a new one, when
    /// `Store.changedLogs` has to name the log first, and when the log was not used for a while
    /// and its indexes have to be read again. What counts as acknowledged is told by
    /// `writtenEnd` and `durableEnd` later on.
    ///
    /// - Parameters:
    ///   - header: what `BatchHeader(reading:)` gave, with the record count already checked
    ///     against the records.
    ///   - bytes: the whole batch. Its first 16 bytes are replaced by the log's own; the rest is
    ///     written as it is and must stay unchanged until the batch is written.
    ///   - leaderEpoch: not smaller than `latestEpoch`; a larger one is made durable first.
    /// - Throws: `outOfSpace`, and `disk` for want of descriptors or memory: nothing was appended,
    ///   later appends may work. `failed`: the log takes nothing more. `closed`.
    /// - Complexity: one system call and no allocation, whatever the number of records; where the
    ///   batch has to be queued, a few.
    @discardableResult
    public func append(
        _ header: BatchHeader, bytes: [OwnedBytes], leaderEpoch: LeaderEpoch, now: Timestamp
    ) throws(StoreError) -> AppendedRange {
        try ensureAccepting()
        try noteChange()
        let byteCount = header.byteCount
        precondition(
            bytes.reduce(0) { $0 + $1.count } == byteCount, "the bytes are those of the batch")
        precondition(header.lastOffsetDelta >= 0, "a batch has at least one record")
        if !settings.usesReservedSpace { try store.admit(byteCount, to: self, now: now) }
        if active.resting != nil {
            _ = try active.loadedIndexes(interval: settings.indexIntervalBytes)
        }
        if mustRoll(for: header, now: now) { try roll(now: now) }
        if epochs.latestEpoch != leaderEpoch {
            try enter(leaderEpoch)
        } else if hasUnsavedEpochs {
            try save(epochs)
        }

        var placed = header
        placed.baseOffset = logEnd
        placed.leaderEpoch = leaderEpoch
        let segment = active
        let position = segment.byteCount
        // What waits for a lazy sync is bounded by the journal that holds it.
        let dirtyBound = store.settings.inlineDirtyBound + (store.journal?.byteLimit ?? 0)
        if writes.isEmpty, store.dirtyBytes + byteCount <= dirtyBound {
            try writeNow(placed, bytes, to: segment)
        } else {
            try queueWrite(placed, bytes, to: segment)
        }

        segment.note(placed, position: position, interval: settings.indexIntervalBytes)
        logEnd = placed.nextOffset
        if writes.isEmpty { writtenEnd = logEnd }
        if let batch = ProducerBatch(placed) {
            producers.apply(
                batch, baseOffset: placed.baseOffset, lastOffset: placed.lastOffset, now: now)
            if writes.isEmpty { producers.settle(upTo: writtenEnd) }
        }
        makeDurable(placed, bytes)
        noteUnsynced(byteCount, now: now)
        store.touch(self)
        return AppendedRange(base: placed.baseOffset, last: placed.lastOffset)
    }

    private func ensureAccepting() throws(StoreError) {
        if isClosed { throw .closed(path: folder) }
        if let failure { throw failure }
        // Nothing may take the place of what was cut back before that is told.
        if cutBackTo != nil { throw .outOfSpace(path: folder) }
    }

    private func writeNow(
        _ header: BatchHeader, _ bytes: [OwnedBytes], to segment: Segment
    ) throws(StoreError) {
        let file = try segment.opened()
        store.leading.fill(from: header)
        Self.gather(leading: store.leading.owned, bytes, into: &store.pieces)
        defer { store.pieces.removeAll(keepingCapacity: true) }
        do throws(DiskError) {
            try store.disk.write(
                file.id, at: FilePosition(Int64(segment.byteCount)), store.pieces)
        } catch {
            try cutBack(after: error)
        }
        segment.byteCount += header.byteCount
        segment.writtenCount = segment.byteCount
        store.dirtyBytes += header.byteCount
    }

    private func queueWrite(
        _ header: BatchHeader, _ bytes: [OwnedBytes], to segment: Segment
    ) throws(StoreError) {
        let file = try segment.opened()
        let leading = LeadingBytes()
        leading.fill(from: header)
        var pieces: [OwnedBytes] = []
        pieces.reserveCapacity(bytes.count + 1)
        Self.gather(leading: leading.owned, bytes, into: &pieces)
        let write = WritesInFlight.Write(
            position: segment.byteCount, bytes: pieces, byteCount: header.byteCount,
            end: header.nextOffset)
        segment.byteCount += header.byteCount
        store.dirtyBytes += header.byteCount
        store.pinned(header.byteCount)
        if let write = writes.add(write) { start(write, in: file) }
    }

    func start(_ write: WritesInFlight.Write, in file: SegmentFile) {
        store.submit(
            .write(file.id, at: FilePosition(Int64(write.position)), bytes: write.bytes),
            as: .write(self, byteCount: write.byteCount))
    }

    /// Adds the batch with other leading bytes to `pieces`; shares the memory of the rest.
    private static func gather(
        leading: OwnedBytes, _ bytes: [OwnedBytes], into pieces: inout [OwnedBytes]
    ) {
        pieces.append(leading)
        var skip = leading.count
        for piece in bytes {
            guard piece.count > skip else {
                skip -= piece.count
                continue
            }
            pieces.append(skip == 0 ? piece : piece[skip..<piece.count])
            skip = 0
        }
    }

    /// Enters a new leader epoch that begins with the next record, durably. Waits for the device;
    /// does nothing where the epoch is the latest already, and traps on a smaller one.
    ///
    /// - Throws: `disk`, `outOfSpace`: the epoch was not entered. `failure` once that is set;
    ///   `closed`.
    public func updateLeaderEpoch(_ epoch: LeaderEpoch) throws(StoreError) {
        if isClosed { throw .closed(path: folder) }
        if let failure { throw failure }
        guard epochs.latestEpoch != epoch else { return }
        try noteChange()
        try enter(epoch)
    }

    private func enter(_ epoch: LeaderEpoch) throws(StoreError) {
        precondition(
            epoch > epochs.latestEpoch ?? LeaderEpoch(-1), "leader epochs do not go back")
        var next = epochs
        next.assign(epoch, at: logEnd)
        try save(next)
    }

    /// Takes up epochs once their file has them, durably.
    func save(_ next: LeaderEpochCache) throws(StoreError) {
        try onSideFiles { () throws(SideFileError) in
            try LeaderEpochCheckpoint.write(next, on: store.disk, folder: folder)
        }
        epochs = next
        hasUnsavedEpochs = false
    }
}
