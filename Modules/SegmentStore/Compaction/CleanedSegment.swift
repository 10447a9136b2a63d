import Disk
import Records
import Vocabulary

/// The segment that takes the place of a group of segments, while it is written: files ending in
/// `.cleaned`, on the disk of whoever compacts.
final class CleanedSegment {
    let base: Offset
    private let disk: any Disk
    private let folder: String
    private let file: FileID
    private let buffer: DiskBuffer
    private let interval: Int
    private var indexes: SegmentIndexes
    private var buffered = 0
    private var flushed = 0
    private var writeBackStart = 0
    private var isOpen = true

    /// How much is written before its write-back is started, so that the sync has little left.
    private static let writeBehindBytes = 4 << 20

    /// Makes an empty file; one that an earlier run left is emptied. `buffer` is borrowed: nobody
    /// else writes to it meanwhile.
    init(
        base: Offset, folder: String, disk: any Disk, interval: Int, buffer: DiskBuffer
    ) throws(StoreError) {
        self.base = base
        self.disk = disk
        self.folder = folder
        self.interval = interval
        self.buffer = buffer
        indexes = SegmentIndexes(base: base)
        let path = Self.path(.log, of: base, in: folder)
        file = try onDisk { () throws(DiskError) in
            let file = try disk.open(path, .readWriteOrCreate)
            do throws(DiskError) {
                _ = try disk.perform(.truncate(file, to: .zero))
            } catch {
                _ = try? disk.close(file)  // the first failure is the one to report
                throw error
            }
            return file
        }
    }

    /// Bytes of batches so far.
    var byteCount: Int { flushed + buffered }

    static func path(_ kind: SegmentName.Kind, of base: Offset, in folder: String) -> String {
        "\(folder)/\(SegmentName.of(base, kind)).\(SegmentName.Stage.cleaned.rawValue)"
    }

    /// Adds a whole batch.
    ///
    /// - Throws: `corrupt` for a batch that no index entry could lead to; `disk`, `outOfSpace`.
    func append(_ batch: UnsafeRawBufferPointer, _ header: BatchHeader) throws(StoreError) {
        guard byteCount <= Int(Int32.max), header.lastOffset - base <= Int64(Int32.max) else {
            throw .corrupt(
                CorruptLog(
                    path: Self.path(.log, of: base, in: folder),
                    position: FilePosition(Int64(byteCount)),
                    reason: "the compacted segment would exceed 2 GiB or 2^31 offsets"))
        }
        indexes.note(
            lastOffset: header.lastOffset, maxTimestamp: header.maxTimestamp,
            position: byteCount, interval: interval)
        if buffered + batch.count > buffer.count { try flush() }
        guard batch.count <= buffer.count else {
            try write(batch)
            return
        }
        UnsafeMutableRawBufferPointer(start: buffer.base + buffered, count: batch.count)
            .copyMemory(from: batch)
        buffered += batch.count
    }

    private func flush() throws(StoreError) {
        guard buffered > 0 else { return }
        let piece = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<buffered])
        buffered = 0
        try write(piece)
    }

    /// Writes behind what is in the file; the write is over when this returns.
    private func write(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        guard let start = bytes.baseAddress else { return }
        let (disk, file, position) = (disk, file, FilePosition(Int64(flushed)))
        let piece = OwnedBytes(base: start, count: bytes.count, owner: nil)
        try onDisk { () throws(DiskError) in try disk.write(file, at: position, [piece]) }
        flushed += bytes.count
        guard flushed - writeBackStart >= Self.writeBehindBytes else { return }
        let (from, count) = (FilePosition(Int64(writeBackStart)), flushed - writeBackStart)
        writeBackStart = flushed
        try onDisk { () throws(DiskError) in
            _ = try disk.perform(.startWriteBack(file, from: from, count: count))
        }
    }

    /// Writes what is left and the indexes, and makes all of it durable but for the folder.
    func seal(
        _ aborted: [AbortedTransaction], hasTransactionIndex: Bool
    ) throws(StoreError) {
        try flush()
        indexes.finish()
        let (disk, file) = (disk, file)
        try onDisk { () throws(DiskError) in
            _ = try disk.perform(.sync(file, .dataAndMetadata))
            // Readers of compacted segments are rare: the memory is better used for the tail.
            _ = try disk.perform(.dropFromCache(file, from: .zero, count: flushed))
        }
        isOpen = false
        try onDisk { () throws(DiskError) in try disk.close(file) }
        try write(indexes.offsets.encoded, .index)
        try write(indexes.times.encoded, .timeindex)
        if hasTransactionIndex { try write(AbortedTransaction.encode(aborted), .txnindex) }
    }

    private func write(_ bytes: [UInt8], _ kind: SegmentName.Kind) throws(StoreError) {
        let path = Self.path(kind, of: base, in: folder)
        let disk = disk
        try onDisk { () throws(DiskError) in
            try disk.withFile(path, .readWriteOrCreate) { file throws(DiskError) in
                _ = try disk.perform(.truncate(file, to: .zero))
                if !bytes.isEmpty { try disk.write(file, at: .zero, [OwnedBytes(bytes)]) }
                _ = try disk.perform(.sync(file, .dataAndMetadata))
            }
        }
    }

    /// Takes the files away. What stays because even that fails, the next run removes.
    func discard() {
        if isOpen { _ = try? disk.close(file) }
        isOpen = false
        for kind in SegmentName.Kind.allCases {
            _ = try? disk.perform(.removeFile(path: Self.path(kind, of: base, in: folder)))
        }
    }
}
