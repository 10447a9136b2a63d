/// Walks the records of an uncompressed payload, the bytes behind a batch's header.
///
/// Borrows the payload: it must stay valid while the iterator and its records are in use. Costs
/// a few nanoseconds per record and allocates nothing. Offsets need not be consecutive here,
/// because compaction removes records.
public struct RecordIterator {
    private var cursor: RecordCursor
    private let count: Int
    /// How many records have been read.
    public private(set) var index = 0

    /// - Parameters:
    ///   - payload: the records without their batch's header, decompressed.
    ///   - count: what the header says of their number.
    public init(payload: UnsafeRawBufferPointer, count: Int) {
        cursor = RecordCursor(payload)
        self.count = count
    }

    /// The next record; `nil` after the last one, when every byte of the payload was used.
    public mutating func next() throws(RecordError) -> RecordView? {
        guard index < count else {
            guard cursor.left == 0 else {
                throw .invalidRecord(
                    index: max(0, count - 1), .bytesAfterLastRecord(cursor.left))
            }
            return nil
        }
        guard cursor.left > 0 else { throw .invalidRecord(index: index, .missing) }
        do throws(RecordFault) {
            let record = try cursor.readRecord()
            index += 1
            return record
        } catch {
            throw .invalidRecord(index: index, error)
        }
    }
}
