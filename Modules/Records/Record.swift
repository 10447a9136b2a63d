import Compression
import Vocabulary

/// One record with bytes of its own, for tools, tests and other places where copying is cheap
/// enough. Hot paths borrow a `RecordView`.
public struct Record: Sendable, Equatable {
    /// Where the record is in its partition.
    public var offset: Offset
    /// Under log append time, that of the whole batch.
    public var timestamp: Timestamp
    /// `nil` where the batch carries none.
    public var sequence: SequenceNumber?
    /// `nil` for none; an empty key is another one.
    public var key: [UInt8]?
    /// `nil` for none: a tombstone where the topic is compacted.
    public var value: [UInt8]?
    /// In their order; keys may repeat.
    public var headers: [RecordHeader]

    public init(
        offset: Offset, timestamp: Timestamp, sequence: SequenceNumber? = nil, key: [UInt8]?,
        value: [UInt8]?, headers: [RecordHeader] = []
    ) {
        self.offset = offset
        self.timestamp = timestamp
        self.sequence = sequence
        self.key = key
        self.value = value
        self.headers = headers
    }

    /// Copies a borrowed record, its place in the log taken from its batch's header.
    public init(copying view: RecordView, of header: BatchHeader) {
        self.init(
            offset: view.offset(in: header), timestamp: view.timestamp(in: header),
            sequence: view.sequence(in: header), key: view.key.map(Array.init),
            value: view.value.map(Array.init),
            headers: view.headers.map { field in
                RecordHeader(
                    key: String(decoding: field.key, as: UTF8.self),
                    value: field.value.map(Array.init))
            })
    }
}

/// One header of a record.
public struct RecordHeader: Sendable, Equatable {
    /// UTF-8 by Kafka's convention; where bytes are copied that are not, U+FFFD stands for them.
    public var key: String
    /// `nil` for Kafka's null.
    public var value: [UInt8]?

    public init(key: String, value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}

/// A batch whose header has been read and whose bytes are borrowed.
///
/// Nothing but the header and the length is checked: readers of logs trust what was validated
/// when it came in, or ask `hasValidChecksum` first.
public struct BatchView {
    /// The batch's first 61 bytes, decoded.
    public let header: BatchHeader
    /// Exactly the batch.
    public let bytes: UnsafeRawBufferPointer

    /// Reads the batch at the start of `bytes`; more may follow it.
    ///
    /// - Throws: as `BatchHeader`, and `corrupt(.truncated)` if the batch goes on behind `bytes`.
    public init(reading bytes: UnsafeRawBufferPointer) throws(RecordError) {
        header = try BatchHeader(reading: bytes)
        guard bytes.count >= header.byteCount else {
            throw .corrupt(
                .truncated(needed: header.byteCount, found: bytes.count), position: bytes.count)
        }
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes[..<header.byteCount])
    }

    /// The records as stored: compressed, if the batch is.
    public var payload: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[BatchHeader.byteCount...])
    }

    /// The CRC-32C of the bytes it covers; a pass over the batch.
    public var computedChecksum: UInt32 {
        crc32c(UnsafeRawBufferPointer(rebasing: bytes[BatchHeader.checksumStart...]))
    }

    /// Whether the bytes are those the checksum was made of; a pass over the batch.
    public var hasValidChecksum: Bool { computedChecksum == header.crc }

    /// Calls `body` with every record in offset order until it returns `false`.
    ///
    /// - Parameter limit: the most bytes the records may have when decompressed.
    /// - Throws: `undecompressible`, `tooLarge`, or `invalidRecord` at the first malformed one.
    public func forEachRecord(
        decompressor: Decompressor, limit: Int = 128 << 20, _ body: (RecordView) -> Bool
    ) throws(RecordError) {
        let outcome: Result<Void, RecordError>
        do throws(CompressionError) {
            outcome = try decompressor.decompress(
                header.attributes.codec, payload, limit: limit
            ) { records in
                Result { () throws(RecordError) in
                    var iterator = RecordIterator(
                        payload: records, count: Int(header.recordCount))
                    while let record = try iterator.next(), body(record) {}
                }
            }
        } catch {
            throw RecordError(error)
        }
        try outcome.get()
    }

    /// Copies all records out.
    public func records(
        decompressor: Decompressor, limit: Int = 128 << 20
    ) throws(RecordError) -> [Record] {
        var records: [Record] = []
        try forEachRecord(decompressor: decompressor, limit: limit) { view in
            records.append(Record(copying: view, of: header))
            return true
        }
        return records
    }
}
