import Disk
import Records
import Vocabulary

/// Writes journaled batches to the places in the segments where a crash lost them.
struct JournalRestoring {
    private let batches: JournaledBatches
    /// Where the log's leader epochs begin, as it was durable before records of them were.
    private let epochs: LeaderEpochCache
    private var lastRestored: Offset?
    /// How many batches were written again.
    private(set) var count = 0

    init(_ batches: JournaledBatches, epochs: LeaderEpochCache) {
        self.batches = batches
        self.epochs = epochs
    }

    /// Writes the batch that belongs behind `ending`; `false` if no journal has it.
    ///
    /// What follows it in the file stays: it is looked at next. Not synced; the caller does that.
    mutating func restore(
        at ending: Segment.Ending, of segment: Segment
    ) throws(StoreError) -> Bool {
        guard let batch = batches[ending.nextOffset], lastRestored != ending.nextOffset,
            // The log went on here without it in a later epoch: it was never acknowledged.
            batch.leaderEpoch >= epochs.epoch(at: ending.nextOffset) ?? batch.leaderEpoch,
            let header = try? BatchHeader(
                reading: UnsafeRawBufferPointer(start: batch.bytes.base, count: batch.bytes.count)),
            header.byteCount == batch.bytes.count, segment.isPlausible(header),
            // Behind a roll everything before it was synced: it never belongs there.
            header.nextOffset <= segment.end ?? header.nextOffset
        else { return false }
        lastRestored = ending.nextOffset
        let file = try segment.opened()
        try onDisk { () throws(DiskError) in
            try segment.store.disk.write(
                file.id, at: FilePosition(Int64(ending.position)), [batch.bytes])
        }
        segment.byteCount = max(segment.byteCount, ending.position + batch.bytes.count)
        segment.writtenCount = segment.byteCount
        count += 1
        return true
    }
}
