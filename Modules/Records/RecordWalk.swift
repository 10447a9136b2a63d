import Vocabulary

/// The one pass over the records of a produced batch.
struct RecordWalk {
    private(set) var maxTimestamp: Timestamp
    private(set) var indexOfMaxTimestamp = 0
    private(set) var firstNullKey: Int?

    private static let noTimestamp: Int64 = -1

    init(
        _ payload: UnsafeRawBufferPointer, of header: BatchHeader, rules: BatchRules
    ) throws(RecordError) {
        // Plain integers and pointers in local variables: the loop stays in registers. That is
        // also why the careful way is a function of its own.
        let count = Int(header.recordCount)
        let usesOwnTimestamps = header.attributes.timestampType == .createTime
        let base = usesOwnTimestamps ? header.baseTimestamp.rawValue : header.maxTimestamp.rawValue
        let deltaMask: Int64 = usesOwnTimestamps ? -1 : 0
        let earliest = rules.timestamps?.lowerBound.rawValue ?? .min
        let latest = rules.timestamps?.upperBound.rawValue ?? .max
        var largest = Int64.min
        var indexOfLargest = 0
        var nullKey = -1
        var index = 0
        var next = RecordCursor(payload).next
        let end = next + payload.count

        while index < count {
            let record: PlainRecord
            if let plain = PlainRecord(at: next, limit: end, index: index) {
                record = plain
            } else {
                record = try Self.readCarefully(from: next, to: end, index: index)
            }
            next = record.end
            if !record.hasKey, nullKey < 0 {
                guard !rules.requiresKeys else { throw .invalidRecord(index: index, .nullKey) }
                nullKey = index
            }
            let timestamp = base &+ record.timestampDelta & deltaMask
            if timestamp > largest {
                largest = timestamp
                indexOfLargest = index
            }
            if timestamp < earliest || timestamp > latest, timestamp != Self.noTimestamp {
                throw .timestampOutOfRange(index: index, timestamp: Timestamp(timestamp))
            }
            index += 1
        }
        guard next == end else {
            throw .invalidRecord(index: count - 1, .bytesAfterLastRecord(end - next))
        }
        maxTimestamp = Timestamp(largest)
        indexOfMaxTimestamp = indexOfLargest
        firstNullKey = nullKey < 0 ? nil : nullKey
    }

    /// Reads a record field by field; its offset delta must be its index.
    @inline(never)
    private static func readCarefully(
        from start: UnsafeRawPointer, to end: UnsafeRawPointer, index: Int
    ) throws(RecordError) -> PlainRecord {
        var cursor = RecordCursor(UnsafeRawBufferPointer(start: start, count: end - start))
        do throws(RecordFault) {
            guard cursor.left > 0 else { throw .missing }
            let record = try cursor.readRecord()
            guard Int(record.offsetDelta) == index else {
                throw .offsetDeltaMismatch(Int(record.offsetDelta))
            }
            return PlainRecord(
                end: cursor.next, timestampDelta: record.timestampDelta, hasKey: record.key != nil)
        } catch {
            throw .invalidRecord(index: index, error)
        }
    }
}
