import Disk
import Vocabulary

/// A run of whole batches in a segment file, fit for sendfile(2).
///
/// It keeps the file open: the segment may be rolled, evicted or deleted meanwhile. Let it go
/// when the last byte has been sent; any thread may do that. The file never gets shorter than the
/// region while it lives.
public final class FileRegion: Sendable {
    /// Where its first byte is in the file.
    public let position: FilePosition
    /// In bytes, more than 0.
    public let count: Int
    let file: SegmentFile
    private let reader: RegionReader

    init(file: SegmentFile, position: Int, count: Int, reader: RegionReader) {
        self.file = file
        self.position = FilePosition(Int64(position))
        self.count = count
        self.reader = reader
        file.lend(range)
    }

    deinit { file.takeBack(range) }

    /// The kernel's descriptor, valid while the region lives; `nil` on a simulated disk.
    public var descriptor: Int32? { file.descriptor }

    /// What the file was opened by, for messages: it may have been renamed or removed since.
    public var path: String { file.path }

    /// Reads all of it into the start of `buffer`, for small regions and where sendfile(2) cannot
    /// be used. On the store's thread only; waits for the device if the bytes are not in memory.
    public func read(into buffer: DiskBuffer) throws(StoreError) {
        precondition(buffer.count >= count, "the buffer has room for the region")
        try reader.read(file, at: position, count: count, into: buffer)
    }

    /// Copies all of it to `bytes`, which has room for it. As `read(into:)`, with one copy more.
    public func copy(to bytes: UnsafeMutableRawBufferPointer) throws(StoreError) {
        precondition(bytes.count >= count, "there is room for the region")
        try reader.copy(file, at: position, count: count, to: bytes)
    }

    private var range: Range<Int> {
        let start = Int(position.rawValue)
        return start..<start + count
    }
}

/// Reads parts of segment files for regions, on the thread of the store it belongs to.
final class RegionReader {
    private let disk: any Disk
    private let scratch = DiskBuffer(count: 64 << 10)

    init(disk: any Disk) { self.disk = disk }

    func read(
        _ file: SegmentFile, at position: FilePosition, count: Int, into buffer: DiskBuffer
    ) throws(StoreError) {
        if buffer.count == count {
            let found = try onDisk { () throws(DiskError) in
                try disk.read(file.id, at: position, into: buffer)
            }
            guard found == count else { throw cutShort(file, at: position + found) }
        } else {
            let bytes = UnsafeMutableRawBufferPointer(start: buffer.base, count: count)
            try copy(file, at: position, count: count, to: bytes)
        }
    }

    func copy(
        _ file: SegmentFile, at position: FilePosition, count: Int,
        to bytes: UnsafeMutableRawBufferPointer
    ) throws(StoreError) {
        var done = 0
        while done < count {
            let found = try onDisk { () throws(DiskError) in
                try disk.read(file.id, at: position + done, into: scratch)
            }
            guard found > 0 else { throw cutShort(file, at: position + done) }
            let piece = min(found, count - done)
            UnsafeMutableRawBufferPointer(rebasing: bytes[done..<done + piece])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: scratch.bytes[..<piece]))
            done += piece
        }
    }

    private func cutShort(_ file: SegmentFile, at position: FilePosition) -> StoreError {
        .corrupt(
            CorruptLog(path: file.path, position: position, reason: "the file ends too early"))
    }
}

// A region carries its reader to other threads, but only to let it go: reading is documented to
// be for the store's thread, and releasing a reference is atomic.
extension RegionReader: @unchecked Sendable {}
