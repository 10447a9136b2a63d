import Disk
import Records
import Vocabulary

/// Reading, checking, rebuilding and writing the index files.
extension Segment {
    /// The indexes of a segment whose file is opened, read or rebuilt where needed.
    func loadedIndexes(interval: Int) throws(StoreError) -> SegmentIndexes {
        if let indexes { return indexes }
        if let resting { return try wakeIndexes(resting, interval: interval) }
        let file = try opened()
        let loaded: SegmentIndexes
        if let read = try readIndexes(), try areComplete(read, file: file, interval: interval) {
            loaded = read
        } else {
            loaded = try rebuiltIndexes(interval: interval)
            // They were rebuilt from the batches and can be again: a full disk is no obstacle.
            try? replaceIndexes(with: loaded)
        }
        indexes = loaded
        store.noteUse(of: self)
        return loaded
    }

    /// Throws the indexes away and reads the batches: for files that turned out to be wrong.
    func rebuildIndexes(interval: Int) throws(StoreError) {
        let rebuilt = try rebuiltIndexes(interval: interval)
        indexes = rebuilt
        saved = SavedEntries()
        try? replaceIndexes(with: rebuilt)  // see above
    }

    /// The indexes as the files have them; `nil` where one is missing or cannot be right.
    func readIndexes() throws(StoreError) -> SegmentIndexes? {
        guard let offsetBytes = try bytes(of: .index),
            let offsets = OffsetIndex(
                offsetBytes, base: baseOffset, end: end, logByteCount: byteCount),
            let timeBytes = try bytes(of: .timeindex),
            let times = TimeIndex(timeBytes, base: baseOffset, end: end)
        else { return nil }
        return SegmentIndexes(offsets: offsets, times: times)
    }

    /// `nil` also for a file that is larger than any index of this segment: it is not read.
    private func bytes(of kind: SegmentName.Kind) throws(StoreError) -> [UInt8]? {
        let limit = max(Self.usualIndexByteLimit, byteCount / 4)
        do throws(SideFileError) {
            return try store.disk.readSideFile(path(kind), limit: limit)
        } catch {
            if case .disk(let cause) = error { throw StoreError(cause) }
            return nil
        }
    }

    /// Several times `segment.index.bytes`, which preallocated files have; entries beyond that
    /// are fewer than a quarter of the batches' bytes.
    private static let usualIndexByteLimit = 64 << 20

    /// Whether the last entry leads to its batch, no batch behind it is due an entry, and none is
    /// later than the time index says.
    private func areComplete(
        _ indexes: SegmentIndexes, file: SegmentFile, interval: Int
    ) throws(StoreError) -> Bool {
        try isComplete(
            lastOffset: indexes.offsets.last, largest: indexes.largest, file: file,
            interval: interval)
    }

    /// The same for the last entries of both indexes.
    func isComplete(
        lastOffset last: OffsetIndex.Entry?, largest: TimeIndex.Entry?, file: SegmentFile,
        interval: Int
    ) throws(StoreError) -> Bool {
        var walk = HeaderWalk(
            disk: store.disk, file: file, end: byteCount, buffer: store.probeBuffer,
            lookingUpFor: store)
        let start = last?.position ?? 0
        var position = start
        while true {
            switch try walk.look(at: position) {
            case .batch(let header):
                if position == start, let last, header.lastOffset != last.lastOffset {
                    return false
                }
                if position - start > interval { return false }
                if header.maxTimestamp > largest?.timestamp ?? Timestamp(-1) {
                    return false
                }
                position += header.byteCount
            case .end:
                return position > start || last == nil
            case .cutShort, .invalid:
                return false
            }
        }
    }

    /// The indexes that the batches' headers give, with the last time entry.
    func rebuiltIndexes(interval: Int) throws(StoreError) -> SegmentIndexes {
        let file = try opened()
        var rebuilt = SegmentIndexes(base: baseOffset)
        var walk = HeaderWalk(
            disk: store.disk, file: file, end: byteCount, buffer: store.scanBuffer)
        var position = 0
        var next = baseOffset
        loop: while true {
            switch try walk.look(at: position) {
            case .batch(let header):
                guard isPlausible(header), header.baseOffset >= next else {
                    throw damage(position, "the offsets of the batch are out of place")
                }
                try ensureIndexable(position)
                next = header.nextOffset
                rebuilt.note(
                    lastOffset: header.lastOffset, maxTimestamp: header.maxTimestamp,
                    position: position, interval: interval)
                position += header.byteCount
            case .end:
                break loop
            case .cutShort:
                throw damage(position, "the file ends within a batch")
            case .invalid(let error):
                throw damage(position, "\(error)")
            }
        }
        rebuilt.finish()
        return rebuilt
    }

    /// Whether a batch may stand in this segment.
    func isPlausible(_ header: BatchHeader) -> Bool {
        header.hasPossibleOffsets && header.baseOffset >= baseOffset
            && header.lastOffset - baseOffset <= Int64(Int32.max)
    }

    /// Refuses a batch so far behind that no index entry can lead to it: positions have 32 bits.
    func ensureIndexable(_ position: Int) throws(StoreError) {
        guard position <= Int(Int32.max) else {
            throw damage(position, "batches begin in a segment's first 2 GiB")
        }
    }

    /// Writes both files whole; not synced.
    func writeIndexes(_ indexes: SegmentIndexes) throws(StoreError) {
        try write(indexes.offsets.encoded, to: .index)
        try write(indexes.times.encoded, to: .timeindex)
        indexFilesAreInDoubt = false
    }

    /// Replaces both files, durably: no recovery looks at this segment again, and what a power cut
    /// left of them would be found right wherever their last entries are. The time index comes
    /// first, since it is the offset index that shows how far both go.
    private func replaceIndexes(with indexes: SegmentIndexes) throws(StoreError) {
        try onDisk { () throws(DiskError) in
            try store.disk.replaceFile(path(.timeindex), with: indexes.times.encoded)
            try store.disk.replaceFile(path(.index), with: indexes.offsets.encoded)
        }
        indexFilesAreInDoubt = false
    }

    private func write(_ bytes: [UInt8], to kind: SegmentName.Kind) throws(StoreError) {
        let disk = store.disk
        let path = path(kind)
        try onDisk { () throws(DiskError) in
            try disk.withFile(path, .readWriteOrCreate) { file throws(DiskError) in
                if !bytes.isEmpty { try disk.write(file, at: .zero, [OwnedBytes(bytes)]) }
                _ = try disk.perform(.truncate(file, to: FilePosition(Int64(bytes.count))))
            }
        }
    }

    /// Makes both index files durable.
    ///
    /// A sync that fails may leave them clean in memory and wrong on the device: before the next
    /// one they are written anew.
    func syncIndexes() throws(StoreError) {
        let disk = store.disk
        if indexFilesAreInDoubt, let indexes { try writeIndexes(indexes) }
        indexFilesAreInDoubt = true
        for kind in [SegmentName.Kind.index, .timeindex] {
            let path = path(kind)
            try onDisk { () throws(DiskError) in
                try disk.withFile(path, .readWrite) { file throws(DiskError) in
                    _ = try disk.perform(.sync(file, .data))
                }
            }
        }
        indexFilesAreInDoubt = false
    }
}
