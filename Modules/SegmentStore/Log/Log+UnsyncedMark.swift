import Disk
import Vocabulary

/// The mark that a segment was begun before the one in front of it was durable.
///
/// Under `interval` and `os` a roll does not wait until the old segment is synced, so a power cut
/// can take the end of it and leave records of the new one. What is behind such a gap must go when
/// the log is opened: a log is a beginning of what was appended to it. But a gap between segments
/// proves nothing by itself, since compaction leaves gaps, too. Therefore the roll leaves an empty
/// file, `<base offset of the new segment>.unsynced`, durable before the new segment is, and it is
/// removed once the old one is durable.
extension Log {
    /// Leaves the mark in front of the segment that begins at the log's end; the caller syncs the
    /// folder before that segment is made.
    func markUnsynced() throws(StoreError) {
        let disk = store.disk
        let path = "\(folder)/\(SegmentName.unsyncedMark(logEnd))"
        try onDisk { () throws(DiskError) in
            try disk.withFile(path, .readWriteOrCreate) { _ in }
        }
    }

    /// Takes the mark away: `segment` and all before it are durable.
    func removeUnsyncedMark(behind segment: Segment) {
        guard let end = segment.end else { return }
        // Without a gap a mark that stays means nothing. The folder is synced before compaction
        // can make one.
        _ = try? store.disk.perform(
            .removeFile(path: "\(folder)/\(SegmentName.unsyncedMark(end))"))
    }
}
