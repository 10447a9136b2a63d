import Compression
import Records
import Vocabulary

/// One batch as it was read from a log. Keeps the memory of the whole read alive.
public struct StoredBatch: Sendable {
    /// Its offsets are the log's.
    public let header: BatchHeader
    /// The batch, header included, as it lies in the file.
    public let bytes: OwnedBytes

    /// The offset of the first record the batch was made with.
    public var baseOffset: Offset { header.baseOffset }

    /// The offset behind the batch: where reading goes on.
    public var nextOffset: Offset { header.nextOffset }

    /// Calls `body` with each record from `offset` on, in order, until it returns `false`.
    ///
    /// Nothing is allocated per record; what a record points to is valid during the call only.
    ///
    /// - Parameters:
    ///   - offset: records below are passed over.
    ///   - decompressor: reused from batch to batch by whoever reads many that are compressed.
    ///   - limit: the most bytes the records may have when decompressed.
    ///   - body: gets each record; `false` ends the walk.
    /// - Throws: `corrupt` where the records are not well formed.
    public func forEachRecord(
        from offset: Offset = .zero, using decompressor: Decompressor? = nil,
        limit: Int = 128 << 20, _ body: (RecordView) -> Bool
    ) throws(RecordError) {
        let outcome = bytes.withUnsafeBytes { bytes in
            Result { () throws(RecordError) in
                let batch = try BatchView(reading: bytes)
                func visit(_ record: RecordView) -> Bool {
                    record.offset(in: header) < offset || body(record)
                }
                guard header.attributes.codec == .none else {
                    try batch.forEachRecord(
                        decompressor: decompressor ?? Decompressor(), limit: limit, visit)
                    return
                }
                var iterator = RecordIterator(
                    payload: batch.payload, count: Int(header.recordCount))
                while let record = try iterator.next(), visit(record) {}
            }
        }
        try outcome.get()
    }

    /// Copies the records from `offset` on out: convenient, with a few allocations for each.
    public func records(
        from offset: Offset = .zero, using decompressor: Decompressor? = nil
    ) throws(RecordError) -> [Record] {
        var records: [Record] = []
        try forEachRecord(from: offset, using: decompressor) { record in
            records.append(Record(copying: record, of: header))
            return true
        }
        return records
    }
}
