import Disk
import Records
import Vocabulary

/// Reads the batches of a closed segment one after the other, checked as a whole.
///
/// Opens the file by its path, on the disk of whoever compacts: the log's own thread is not
/// needed. A batch is borrowed until the next one is asked for.
final class BatchReader {
    private let disk: any Disk
    private let path: String
    private let file: FileID
    private let end: Int
    private let usual: DiskBuffer
    /// For a batch that does not fit the usual one.
    private var large: DiskBuffer?
    private var windowStart = 0
    private var windowCount = 0
    private var next: Offset
    private var batchStart = 0
    /// Where the next batch begins.
    private(set) var position = 0

    /// `buffer` is borrowed: nobody else reads into it meanwhile.
    init(
        _ source: CompactionPlan.Source, in folder: String, disk: any Disk, buffer: DiskBuffer
    ) throws(StoreError) {
        let path = "\(folder)/\(SegmentName.of(source.base, .log))"
        self.disk = disk
        self.path = path
        end = source.byteCount
        usual = buffer
        next = source.base
        file = try onDisk { () throws(DiskError) in try disk.open(path, .readOnly) }
    }

    /// Lets go of the file; nothing is read afterwards.
    func close() {
        // It was only read: closing has nothing to tell.
        _ = try? disk.close(file)
    }

    /// Gives the file's pages back: the hot ends of logs need the memory more.
    func dropFromCache() {
        // Only a hint to the kernel.
        _ = try? disk.perform(.dropFromCache(file, from: .zero, count: end))
    }

    /// Whether nothing follows the batch that was handed out last.
    var isAtEnd: Bool { position >= end }

    /// The next batch, its checksum checked; `nil` behind the last one.
    ///
    /// - Throws: `corrupt` where the file holds anything else, `disk`.
    func read() throws(StoreError) -> BatchView? {
        guard position < end else { return nil }
        batchStart = position
        let start = try bytes(min(BatchHeader.byteCount, end - position))
        // Kafka's files may end in a preallocated tail.
        if start.allSatisfy({ $0 == 0 }) {
            position = end
            return nil
        }
        let header = try onRecords { () throws(RecordError) in try BatchHeader(reading: start) }
        guard header.hasPossibleOffsets, header.baseOffset >= next else {
            throw damage("the offsets of the batch are out of place")
        }
        guard position + header.byteCount <= end else {
            throw damage("the file ends within the batch")
        }
        let whole = try bytes(header.byteCount)
        let batch = try onRecords { () throws(RecordError) in try BatchView(reading: whole) }
        guard batch.hasValidChecksum else { throw damage("the batch's checksum is wrong") }
        next = header.nextOffset
        position += header.byteCount
        return batch
    }

    /// Runs `body` on the batch that is being read and tells its error as damage to the file.
    func onRecords<Value>(
        _ body: () throws(RecordError) -> Value
    ) throws(StoreError) -> Value {
        do throws(RecordError) {
            return try body()
        } catch {
            throw damage("\(error)")
        }
    }

    /// Damage at the batch that was handed out last, or where one should be.
    func damage(_ reason: String) -> StoreError {
        .corrupt(
            CorruptLog(path: path, position: FilePosition(Int64(batchStart)), reason: reason))
    }

    private var buffer: DiskBuffer { large ?? usual }

    /// `count` bytes from `position` on, which lie within the file.
    private func bytes(_ count: Int) throws(StoreError) -> UnsafeRawBufferPointer {
        if position < windowStart || position + count > windowStart + windowCount {
            large = count > usual.count ? DiskBuffer(count: count) : nil
            let (disk, file, position, buffer) = (disk, file, position, buffer)
            windowStart = position
            windowCount = 0
            windowCount = try onDisk { () throws(DiskError) in
                try disk.read(file, at: FilePosition(Int64(position)), into: buffer)
            }
        }
        guard position + count <= windowStart + windowCount else {
            throw damage("the file is shorter than it was")
        }
        let start = position - windowStart
        return UnsafeRawBufferPointer(rebasing: buffer.bytes[start..<start + count])
    }
}
