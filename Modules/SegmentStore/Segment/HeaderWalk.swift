import Disk
import Records
import Vocabulary

/// Reads the headers of a segment's batches one after the other, a window of bytes at a time.
///
/// Small batches share a read; for large ones every header costs one read of a window.
struct HeaderWalk {
    enum Found {
        case batch(BatchHeader)
        /// The file ends here, or goes on with the zeros of a preallocated tail.
        case end
        /// The file ends within the batch, which would have this many bytes if its header is
        /// there.
        case cutShort(BatchHeader?)
        case invalid(RecordError)
    }

    private let disk: any Disk
    private let file: SegmentFile
    /// Asked to read where waiting is to be avoided; `nil` reads and waits.
    private let store: Store?
    private let buffer: DiskBuffer
    /// Where the bytes of interest end.
    private let end: Int
    private var windowStart = 0
    private var windowCount = 0

    /// `buffer` is borrowed: nobody else reads into it while the walk is used.
    init(
        disk: any Disk, file: SegmentFile, end: Int, buffer: DiskBuffer,
        lookingUpFor store: Store? = nil
    ) {
        self.disk = disk
        self.file = file
        self.store = store
        self.end = end
        self.buffer = buffer
    }

    mutating func look(at position: Int) throws(StoreError) -> Found {
        let available = min(BatchHeader.byteCount, end - position)
        guard available > 0 else { return .end }
        try bring(position, count: available)
        let start = position - windowStart
        let bytes = UnsafeRawBufferPointer(
            rebasing: buffer.bytes[start..<min(start + available, windowCount)])
        guard bytes.count > 0 else { return .end }
        if bytes.allSatisfy({ $0 == 0 }) { return .end }
        if bytes.count >= BatchHeader.logOverhead, bytes[8..<12].allSatisfy({ $0 == 0 }) {
            return .invalid(.corrupt(.badLength(0), position: 8))
        }
        guard bytes.count == BatchHeader.byteCount else { return .cutShort(nil) }
        do throws(RecordError) {
            let header = try BatchHeader(reading: bytes)
            guard header.hasPossibleOffsets else {
                return .invalid(.corrupt(.badBaseOffset(header.baseOffset), position: 0))
            }
            return position + header.byteCount <= end ? .batch(header) : .cutShort(header)
        } catch {
            return .invalid(error)
        }
    }

    /// The bytes at a range that fits the window; fewer at the end of the file.
    mutating func bytes(at position: Int, count: Int) throws(StoreError) -> UnsafeRawBufferPointer {
        try bring(position, count: min(count, buffer.count))
        let start = position - windowStart
        return UnsafeRawBufferPointer(
            rebasing: buffer.bytes[start..<max(start, min(start + count, windowCount))])
    }

    /// All that the window holds from `position` on, at least one byte unless the file ends.
    mutating func window(at position: Int) throws(StoreError) -> UnsafeRawBufferPointer {
        try bring(position, count: 1)
        let start = position - windowStart
        let limit = min(windowCount, end - windowStart)
        return UnsafeRawBufferPointer(rebasing: buffer.bytes[start..<max(start, limit)])
    }

    private mutating func bring(_ position: Int, count: Int) throws(StoreError) {
        if position >= windowStart, position + count <= windowStart + windowCount { return }
        windowStart = position
        windowCount = 0
        if let store {
            windowCount = try store.read(
                file.id, file.path, at: position, needed: count, into: buffer)
            return
        }
        windowCount = try onDisk { () throws(DiskError) in
            try disk.read(file.id, at: FilePosition(Int64(position)), into: buffer)
        }
    }
}
