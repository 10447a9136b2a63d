import Disk
import Records
import Vocabulary

/// A `.log` file with its indexes: the batches of a partition from one base offset up to the
/// next segment's.
///
/// The file is opened when it is first needed and the indexes are read then; both go again when
/// the store has too many open. The active segment, the last of a log, gives its file back only
/// while all of it is durable, and its indexes when nobody used them for a while.
final class Segment {
    let baseOffset: Offset
    /// Unique in the store: another segment in the same place has another.
    let number: UInt64
    let folder: String
    unowned let store: Store
    /// The base offset of the segment that follows; `nil` for the active one.
    var end: Offset?

    var file: SegmentFile?
    /// Bytes of batches, those on their way to the file included; known once the file was opened.
    var byteCount = 0
    private var isReadAheadOff = false
    /// Whether `byteCount` is known although the file may not be open.
    var isSized = false
    /// The largest timestamp of a closed segment, once it was looked up.
    var knownLargestTimestamp: Timestamp?
    /// How many of these bytes are in the file.
    var writtenCount = 0
    /// Up to where write-back was started.
    var writeBackPosition = 0
    var indexes: SegmentIndexes?
    /// What is kept of an active segment's indexes while they are only in their files.
    var resting: RestingIndexes?
    /// Whether the file was asked for since this was last taken back.
    var isUsed = false
    /// Whether the ends of the index files were found to agree with the batches.
    var isIndexTrusted = false
    /// The last entry of the trusted time index, and the timestamp of its first.
    var knownLargest: TimeIndex.Entry?
    var knownFirst: Timestamp?
    var recent = RecentBatches()
    /// What of the indexes the files have, for the active segment.
    var saved = SavedEntries()

    /// The largest timestamp of the first batch, which decides about the segment's age; `nil`
    /// while there is no batch.
    var firstTimestamp: Timestamp?
    /// When the segment was made or opened, for batches without timestamps.
    var created = Timestamp(0)
    /// Closed, but not synced yet: the file stays open.
    var isUnsynced = false
    /// Where the store notes its uses, while the file is open or the indexes are in memory.
    var useSlot: Int?
    /// The log it is a part of; `nil` while that is being opened.
    unowned var log: Log?
    /// A sync of the index files failed.
    var indexFilesAreInDoubt = false

    init(baseOffset: Offset, folder: String, store: Store) {
        self.baseOffset = baseOffset
        number = store.nextSegmentNumber()
        self.folder = folder
        self.store = store
    }

    /// Bytes in the file whose write-back was not started.
    var dirtyByteCount: Int { max(0, writtenCount - writeBackPosition) }

    func path(_ kind: SegmentName.Kind) -> String {
        "\(folder)/\(SegmentName.of(baseOffset, kind))"
    }

    /// The open file; `byteCount` is known afterwards.
    func opened() throws(StoreError) -> SegmentFile {
        if let file {
            store.noteUse(of: self)
            return file
        }
        let path = path(.log)
        let disk = store.disk
        let (id, size) = try onDisk { () throws(DiskError) in
            try disk.openWithSize(path, .readWrite)
        }
        guard end == nil, log != nil else { return adopt(id, byteCount: size) }
        // It was open before: what was appended since is counted already.
        guard size >= byteCount else {
            _ = try? disk.close(id)  // the missing bytes are what is to report
            throw damage(size, "the file is shorter than what was written to it")
        }
        return take(id)
    }

    /// The open file with read-ahead turned off: one header that is looked at in a file that is
    /// read from front to back would bring in megabytes behind it, unpaced and for good.
    func openedForLookups() throws(StoreError) -> SegmentFile {
        let file = try opened()
        if !isReadAheadOff {
            isReadAheadOff = true
            // Only a hint.
            _ = try? store.disk.perform(.expectRandomReads(file.id))
        }
        return file
    }

    /// Takes an open file as the segment's.
    @discardableResult
    func adopt(_ id: FileID, byteCount: Int) -> SegmentFile {
        self.byteCount = byteCount
        isSized = true
        writtenCount = byteCount
        writeBackPosition = byteCount
        return take(id)
    }

    private func take(_ id: FileID) -> SegmentFile {
        let opened = SegmentFile(
            id: id, path: path(.log), descriptor: store.disk.descriptor(of: id),
            closer: store.closer)
        file = opened
        isReadAheadOff = false
        store.noteUse(of: self)
        return opened
    }

    /// Whether the file may be closed until it is used again.
    var isIdle: Bool { end == nil ? log?.isAtRest ?? false : !isUnsynced }

    /// Gives the file of an active segment back; what leads into it stays for now (see
    /// `restIndexes`), but for the places of the newest batches, which the file tells again.
    func rest() {
        file = nil
        recent = RecentBatches()
    }

    /// Gives the file and the indexes back; regions that are being sent keep the file open.
    func evict() {
        file = nil
        indexes = nil
        resting = nil
    }

    /// Notes an appended batch in indexes and recent places.
    func note(_ header: BatchHeader, position: Int, interval: Int) {
        indexes?.note(
            lastOffset: header.lastOffset, maxTimestamp: header.maxTimestamp, position: position,
            interval: interval)
        recent.append(RecentBatches.Place(baseOffset: header.baseOffset, position: position))
        if position == 0 { firstTimestamp = header.maxTimestamp }
    }

    func damage(_ position: Int, _ reason: String) -> StoreError {
        .corrupt(
            CorruptLog(
                path: path(.log), position: FilePosition(Int64(position)), reason: reason))
    }
}
