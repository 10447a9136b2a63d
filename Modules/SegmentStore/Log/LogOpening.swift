import Disk
import Records
import Vocabulary

/// One opening of a log, step by step.
struct LogOpening {
    let store: Store
    let folder: String
    let settings: LogSettings
    let hint: OpenHint
    let now: Timestamp
    /// What journals hold of the log, of whatever incarnation.
    let journaled: JournaledBatches

    private var cuts = LogCuts()
    var notices: [String] = []
    private var segments: [Segment] = []
    private var epochs = LeaderEpochCache()
    private var epochsAreKnown = false
    private var nextOffset = Offset.zero
    private var isUnclean = false
    private var changesFolder = false
    /// The last segment's index files were not those of its batches.
    private var changesIndexes = false

    init(
        store: Store, folder: String, settings: LogSettings, hint: OpenHint,
        journaled: JournaledBatches, now: Timestamp
    ) {
        self.store = store
        self.folder = folder
        self.settings = settings
        self.hint = hint
        self.journaled = journaled
        self.now = now
    }

    var disk: any Disk { store.disk }
    /// Below it everything was durable.
    private var recoveryPoint: Offset {
        // What is written at an orderly end is never stale.
        hint.cleanShutdown ? hint.recoveryPoint : cuts.believed(hint.recoveryPoint)
    }

    mutating func open() throws(StoreError) -> Log {
        var contents = FolderContents(try list())
        if !contents.leftovers.isEmpty || !contents.swaps.isEmpty {
            try finishInterruptedWork(contents)
            contents = FolderContents(try list())
        }
        for name in contents.foreign {
            notices.append("\(folder)/\(name) is not a file of a log and is left alone")
        }
        let topicID = try onSideFiles { () throws(SideFileError) in
            try PartitionMetadataFile.read(on: disk, folder: folder)
        }
        if contents.hasCuts {
            cuts = try onSideFiles { () throws(SideFileError) in
                try LogCuts.read(on: disk, folder: folder)
            }
        }
        try readEpochs()
        try openSegments(contents.segments, unsynced: contents.unsynced)
        try removeMarks(contents.unsynced)
        // What follows rests on the folder's entry and on the checkpoints beside it.
        if isUnclean { try store.syncParent(of: folder) }
        let logStart = try settleStart()
        let epochsBefore = epochs
        epochs.truncateFromEnd(nextOffset + 1)
        epochs.forget(before: logStart)
        if isUnclean, let raised = hint.newLeaderEpochAfterUnclean {
            // Those that lie in the log may be newer than the checkpoint the caller read.
            let latest = epochs.latestEpoch?.next ?? raised
            epochs.assign(max(raised, latest), at: nextOffset)
        }
        if epochs != epochsBefore || !epochsAreKnown {
            try onSideFiles { () throws(SideFileError) in
                try LeaderEpochCheckpoint.write(epochs, on: disk, folder: folder)
            }
        }
        for offset in contents.snapshots where offset > nextOffset {
            try remove(ProducerSnapshot.name(at: offset))
        }
        if changesFolder {
            _ = try onDisk { () throws(DiskError) in
                try disk.perform(.syncFolder(path: folder))
            }
        }
        if isUnclean, topicID != nil, recoveryPoint == .zero { try syncIdentity() }
        var replay = ProducerReplay(
            store: store, folder: folder, segments: segments,
            interval: settings.indexIntervalBytes, now: now)
        let producers = try replay.run(
            upTo: nextOffset, snapshots: contents.snapshots.filter { $0 <= nextOffset })
        notices += replay.notices
        let log = Log(
            store: store, folder: folder, topicID: topicID, settings: settings,
            segments: segments, logStartOffset: logStart, logEnd: nextOffset, epochs: epochs,
            producers: producers)
        let bases = Set(segments.map(\.baseOffset))
        log.straySnapshots = contents.snapshots.filter { !bases.contains($0) }
        log.cuts = cuts
        log.openingNotices = notices
        log.wasUnclean = isUnclean
        log.hasChanged = isUnclean || changesIndexes
        return log
    }

    /// Closes what was opened by an attempt that failed.
    func letGo() {
        for segment in segments { store.forget(segment) }
    }

    // MARK: - The folder

    private func list() throws(StoreError) -> [FolderEntry] {
        try onDisk { () throws(DiskError) in try disk.list(folder) }
    }

    mutating func remove(_ name: String) throws(StoreError) {
        try onDisk { () throws(DiskError) in
            _ = try disk.removeFileIfPresent("\(folder)/\(name)")
        }
        changesFolder = true
    }

    /// Removes the marks of segments that were begun early: all that is left is durable, and so is
    /// the removal of what is not.
    private mutating func removeMarks(_ unsynced: [Offset]) throws(StoreError) {
        guard !unsynced.isEmpty else { return }
        _ = try onDisk { () throws(DiskError) in try disk.perform(.syncFolder(path: folder)) }
        for base in unsynced { try remove(SegmentName.unsyncedMark(base)) }
    }

    /// Makes the partition's identity durable where a creation may have been cut short by the
    /// process' end: nothing synced the file since.
    private func syncIdentity() throws(StoreError) {
        let path = "\(folder)/\(PartitionMetadataFile.name)"
        try onDisk { () throws(DiskError) in
            try disk.withFile(path, .readWrite) { file throws(DiskError) in
                _ = try disk.perform(.sync(file, .dataAndMetadata))
            }
        }
    }

    private mutating func readEpochs() throws(StoreError) {
        do throws(SideFileError) {
            epochs = try LeaderEpochCheckpoint.read(on: disk, folder: folder)
            epochsAreKnown = !epochs.entries.isEmpty
        } catch {
            guard case .malformed = error else {
                if case .disk(let cause) = error { throw StoreError(cause) }
                throw .sideFile(error)
            }
            notices.append("\(error); they were read from the batches")
        }
    }

    // MARK: - Segments

    private mutating func openSegments(
        _ bases: [Offset], unsynced: [Offset]
    ) throws(StoreError) {
        for (index, base) in bases.enumerated() {
            let segment = Segment(baseOffset: base, folder: folder, store: store)
            segment.created = now
            segment.end = index + 1 < bases.count ? bases[index + 1] : nil
            segments.append(segment)
        }
        if segments.isEmpty {
            let base = hint.logStartOffset ?? .zero
            if !hint.cleanShutdown || base > .zero || recoveryPoint > .zero {
                notices.append("\(folder) has no segments; the log begins anew at offset \(base)")
            }
            segments = [try store.makeSegment(at: base, in: folder, now: now)]
            nextOffset = base
            isUnclean = !hint.cleanShutdown
            return
        }
        if hint.cleanShutdown, try openEnd() { return }
        isUnclean = true
        try recoverFromPoint(unsynced: unsynced)
    }

    /// Opens the last segment of a log that was closed in order; `false` if it was not after all.
    private mutating func openEnd() throws(StoreError) -> Bool {
        guard let last = segments.last else { return false }
        _ = try last.opened()
        if let expected = hint.lastSegmentByteCount, expected != last.byteCount { return false }
        let read = try last.readIndexes()
        last.indexes = read ?? SegmentIndexes(base: last.baseOffset)
        last.indexes?.resume()
        let ending = try last.noteBatchesBehindIndex(interval: settings.indexIntervalBytes)
        nextOffset = max(ending.nextOffset, last.baseOffset)
        guard ending.torn == nil, nextOffset == recoveryPoint, epochsAreKnown else {
            return false
        }
        var finished = last.indexes
        finished?.finish()
        changesIndexes = finished != read
        if !changesIndexes, let indexes = last.indexes {
            last.saved = Segment.SavedEntries(
                offsets: indexes.offsets.count, times: indexes.times.count)
        }
        // What is left is a preallocated tail of zeros.
        try last.cut(to: ending.position)
        try last.loadFirstTimestamp()
        return true
    }

    /// A batch's leader epoch lies outside its checksum: beyond this, bits were flipped.
    private static let largestEpoch = LeaderEpoch(1 << 30)

    /// Reads the segments from the recovery point on, cuts what is torn and makes all durable.
    private mutating func recoverFromPoint(unsynced: [Offset]) throws(StoreError) {
        var first =
            epochsAreKnown
            ? segments.lastIndex { $0.baseOffset <= recoveryPoint } ?? 0 : 0
        // One without batches may lie amid those of the segment in front of it.
        while first > 0, try segments[first].sized() == 0 { first -= 1 }
        var restoring = JournalRestoring(journaled.of(cuts.incarnation), epochs: epochs)
        var index = first
        while index < segments.count {
            let segment = segments[index]
            index += 1
            let ending: Segment.Ending
            var seen = epochs
            var strange: (epoch: LeaderEpoch, offset: Offset)?
            ending = try segment.recover(
                checkedEnd: recoveryPoint, interval: settings.indexIntervalBytes,
                usesIndexes: epochsAreKnown, restoring: &restoring
            ) { header in
                guard let epoch = header.leaderEpoch, epoch > seen.latestEpoch ?? LeaderEpoch(-1)
                else { return }
                if epoch <= Self.largestEpoch {
                    seen.assign(epoch, at: header.baseOffset)
                } else {
                    strange = strange ?? (epoch, header.baseOffset)
                }
            }
            epochs = seen
            if let strange {
                notices.append(
                    """
                    \(segment.path(.log)): the batch at offset \(strange.offset) has leader epoch \
                    \(strange.epoch), which no partition reaches; it does not count
                    """)
            }
            if let torn = ending.torn {
                notices.append(
                    """
                    \(segment.path(.log)): cut \(segment.byteCount - ending.position) bytes \
                    behind byte \(ending.position), the last at offset \
                    \(ending.nextOffset - 1): \(torn)
                    """)
            }
            try segment.cut(to: ending.position)
            nextOffset = max(ending.nextOffset, segment.baseOffset)
            try segment.cutTransactionIndex(to: nextOffset)
            try removeEmptySegments(amid: segment)
            if let end = segment.end, nextOffset < end, unsynced.contains(end) {
                try dropSegments(behind: segment)
                try makeDurable(segment)
                break
            }
            try makeDurable(segment)
        }
        if restoring.count > 0 {
            notices.append(
                "\(folder): \(restoring.count) batches were written again from the journal")
        }
        if nextOffset < recoveryPoint {
            notices.append(
                """
                \(folder) ends at offset \(nextOffset), before its recovery point \
                \(recoveryPoint): files were cut or replaced
                """)
        }
        changesFolder = true
    }

    /// Removes the segments behind one that lost its end before it was durable, the last first,
    /// each durably: a crash in between leaves no other gap.
    private mutating func dropSegments(behind segment: Segment) throws(StoreError) {
        while let last = segments.last, last.baseOffset > segment.baseOffset {
            notices.append(
                """
                removed \(last.path(.log)): the segment in front of it ends at offset \
                \(nextOffset), the rest of it was lost in a power cut
                """)
            for kind in SegmentName.Kind.ofBatches {
                try remove(SegmentName.of(last.baseOffset, kind))
            }
            _ = try onDisk { () throws(DiskError) in
                try disk.perform(.syncFolder(path: folder))
            }
            store.forget(last)
            segments.removeLast()
        }
        segment.end = nil
    }

    /// Removes segments without batches that begin amid those of the one in front of them, durably,
    /// as a roll leaves one that failed behind the making of its file.
    private mutating func removeEmptySegments(amid segment: Segment) throws(StoreError) {
        while let end = segment.end, end < nextOffset,
            let index = segments.firstIndex(where: { $0.baseOffset == end })
        {
            guard try segments[index].sized() == 0 else {
                throw segments[index].damage(
                    0, "it begins at an offset that the segment in front of it holds, too")
            }
            notices.append("removed \(segments[index].path(.log)), which is empty")
            for kind in SegmentName.Kind.ofBatches {
                try remove(SegmentName.of(end, kind))
            }
            _ = try onDisk { () throws(DiskError) in
                try disk.perform(.syncFolder(path: folder))
            }
            store.forget(segments[index])
            segments.remove(at: index)
            segment.end = index < segments.count ? segments[index].baseOffset : nil
        }
    }

    private func makeDurable(_ segment: Segment) throws(StoreError) {
        let file = try segment.opened()
        _ = try onDisk { () throws(DiskError) in
            try disk.perform(.sync(file.id, .dataAndMetadata))
        }
        guard segment.end != nil else { return try segment.dropStaleEntries() }
        segment.indexes?.finish()
        if let indexes = segment.indexes {
            try segment.writeIndexes(indexes)
            try segment.syncIndexes()
        }
        segment.recent = RecentBatches()
    }

    /// Where the log begins, and the end moved there if records below were deleted.
    private mutating func settleStart() throws(StoreError) -> Offset {
        let start = max(hint.logStartOffset ?? .zero, segments[0].baseOffset)
        guard start > nextOffset else { return start }
        notices.append(
            "\(folder) ends at offset \(nextOffset), before its start; it goes on at \(start)")
        let new = try store.makeSegment(at: start, in: folder, now: now)
        segments.last?.end = start
        segments.append(new)
        nextOffset = start
        return start
    }
}
