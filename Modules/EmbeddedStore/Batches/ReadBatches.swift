import Disk
import Records
import SegmentStore
import Vocabulary

/// Whole batches that were read at once, in the order of their offsets.
public struct ReadBatches: Sequence, Sendable {
    private let bytes: OwnedBytes
    /// How many batches there are.
    public let count: Int
    /// The offset behind the last batch; `nil` where there is none.
    public let nextOffset: Offset?

    /// Whether no record was there to be read.
    public var isEmpty: Bool { count == 0 }

    /// The size of all batches together.
    public var byteCount: Int { bytes.count }

    /// Walks the headers once, and the checksums where that is asked for.
    init(_ raw: RawRead, verifying: Bool) throws(EventStoreError) {
        bytes = raw.bytes
        let walked = bytes.withUnsafeBytes { bytes in
            Result { () throws(EventStoreError) in
                var count = 0
                var next: Offset?
                var position = 0
                while position < bytes.count {
                    let batch: BatchView
                    do throws(RecordError) {
                        batch = try BatchView(
                            reading: UnsafeRawBufferPointer(rebasing: bytes[position...]))
                    } catch {
                        throw raw.damage(at: position, "\(error)")
                    }
                    guard !verifying || batch.hasValidChecksum else {
                        throw raw.damage(at: position, "the checksum is another")
                    }
                    count += 1
                    next = batch.header.nextOffset
                    position += batch.bytes.count
                }
                return (count, next)
            }
        }
        (count, nextOffset) = try walked.get()
    }

    public func makeIterator() -> Iterator { Iterator(bytes: bytes) }

    /// Hands the batches out by their headers; they share the memory of the read.
    public struct Iterator: IteratorProtocol, Sendable {
        let bytes: OwnedBytes
        var position = 0

        init(bytes: OwnedBytes) { self.bytes = bytes }

        /// The next batch, `nil` after the last. Decodes its header and copies nothing.
        public mutating func next() -> StoredBatch? {
            guard position < bytes.count else { return nil }
            let rest = bytes[position..<bytes.count]
            let read = rest.withUnsafeBytes { bytes in
                Result { () throws(RecordError) in try BatchHeader(reading: bytes) }
            }
            guard case .success(let header) = read else {
                preconditionFailure("headers were walked once before they are handed out")
            }
            position += header.byteCount
            return StoredBatch(header: header, bytes: rest[0..<header.byteCount])
        }
    }
}

/// Bytes from a segment's file, whole batches, and where they came from.
struct RawRead: Sendable {
    let bytes: OwnedBytes
    private let regions: [FileRegion]

    static let nothing = RawRead()

    private init() {
        bytes = OwnedBytes([])
        regions = []
    }

    /// Reads the regions with pread(2), on any thread; waits for what is not in memory.
    init(_ read: LogRead) throws(StoreError) {
        let buffer = DiskBuffer(count: read.byteCount)
        var filled = 0
        for region in read.regions {
            try region.readFully(to: buffer.base + filled)
            filled += region.count
        }
        regions = read.regions
        bytes = OwnedBytes(
            base: UnsafeRawPointer(buffer.base), count: read.byteCount, owner: buffer)
    }

    /// The error for damage at a position within the bytes.
    func damage(at position: Int, _ reason: String) -> EventStoreError {
        var left = position
        for region in regions {
            guard left >= region.count else {
                return .corrupt(
                    path: region.path, position: region.position + left, reason: reason)
            }
            left -= region.count
        }
        preconditionFailure("the position lies within the bytes that were read")
    }
}
