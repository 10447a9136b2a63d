import Disk
import Vocabulary

/// The indexes of an active segment that nobody uses: what they hold is in the files, and they are
/// given back until somebody wants them.
///
/// A half-full segment of 1 GiB has 3 MB of them, and most logs of many are not in use.
extension Segment {
    /// What is kept of indexes that were given back.
    struct RestingIndexes {
        /// All that they had.
        let entries: SavedEntries
        /// The largest timestamp of all batches.
        let largest: TimeIndex.Entry?
        let lastTime: TimeIndex.Entry?
    }

    /// Below this what is gained is not worth the files' reading.
    private static let smallIndexByteCount = 1 << 10

    /// Whether the active segment has indexes that are worth giving back.
    var hasLargeIndexes: Bool {
        end == nil && (indexes?.byteCount ?? 0) > Self.smallIndexByteCount
    }

    /// Gives the indexes of an active segment back, if all is durable and the files take them.
    func restIndexes() {
        guard hasLargeIndexes, isIdle, !indexFilesAreInDoubt, let log, let indexes else { return }
        do throws(StoreError) {
            try saveIndexes(below: log.writtenEnd)
        } catch {
            return  // they stay in memory, which is right, too
        }
        let entries = SavedEntries(offsets: indexes.offsets.count, times: indexes.times.count)
        guard saved == entries else { return }
        resting = RestingIndexes(
            entries: entries, largest: indexes.largest, lastTime: indexes.times.last)
        self.indexes = nil
        recent = RecentBatches()
    }

    /// Reads the indexes again that were given back; where the files are not what was written, the
    /// batches.
    func wakeIndexes(
        _ resting: RestingIndexes, interval: Int
    ) throws(StoreError) -> SegmentIndexes {
        _ = try opened()
        var read = try readIndexes()
        // An orderly stop may have left the last time entry, as the segment's last.
        read?.resume()
        let isWhole =
            read.map {
                $0.offsets.count == resting.entries.offsets
                    && $0.times.count == resting.entries.times
            } ?? false
        indexes = isWhole ? read : SegmentIndexes(base: baseOffset)
        if !isWhole { saved = SavedEntries() }
        do throws(StoreError) {
            let ending = try noteBatchesBehindIndex(interval: interval)
            guard let found = indexes, ending.torn == nil, ending.position == byteCount else {
                throw damage(ending.position, ending.torn ?? "there is no batch")
            }
            self.resting = nil
            // The next tick notes that they are there to be given back again.
            if let log { store.touch(log) }
            return found
        } catch {
            indexes = nil
            throw error
        }
    }

    /// Gives the time index the entry that it ends with when the log is closed, without reading
    /// the others; `false` where they are in memory or have to be written anew.
    func finishResting() throws(StoreError) -> Bool {
        guard let resting, !indexFilesAreInDoubt else { return false }
        var last = TimeIndex(base: baseOffset)
        if let largest = resting.largest,
            largest.timestamp > resting.lastTime?.timestamp ?? Timestamp(-1)
        {
            last.appendIfLater(largest)
        }
        try save(
            last.encoded, behind: resting.entries.times * TimeIndex.entryByteCount, of: .timeindex)
        return true
    }
}
