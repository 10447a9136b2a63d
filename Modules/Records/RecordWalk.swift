import Vocabulary

/// The one pass over the records of a produced batch.
struct RecordWalk {
    private(set) var maxTimestamp: Timestamp
    private(set) var indexOfMaxTimestamp = 0
    private(set) var firstNullKey: Int?

    init(
        _ payload: UnsafeRawBufferPointer, of header: BatchHeader, rules: BatchRules
    ) throws(RecordError) {
        // Plain integers in local variables: the loop stays in registers.
        let count = Int(header.recordCount)
        let usesOwnTimestamps = header.attributes.timestampType == .createTime
        let base = usesOwnTimestamps ? header.baseTimestamp.rawValue : header.maxTimestamp.rawValue
        let earliest = rules.timestamps?.lowerBound.rawValue ?? .min
        let latest = rules.timestamps?.upperBound.rawValue ?? .max
        let requiresKeys = rules.requiresKeys
        var largest = Int64.min
        var indexOfLargest = 0
        var nullKey = -1
        var outOfRange = Self.noTimestamp
        var cursor = RecordCursor(payload)
        var index = 0

        do throws(RecordFault) {
            while index < count {
                guard cursor.left > 0 else { throw .missing }
                let record = try cursor.readRecord()
                guard Int(record.offsetDelta) == index else {
                    throw .offsetDeltaMismatch(Int(record.offsetDelta))
                }
                if record.key == nil, nullKey < 0 {
                    guard !requiresKeys else { throw .nullKey }
                    nullKey = index
                }
                let timestamp = usesOwnTimestamps ? base &+ record.timestampDelta : base
                if timestamp > largest {
                    largest = timestamp
                    indexOfLargest = index
                }
                if timestamp < earliest || timestamp > latest, timestamp != Self.noTimestamp {
                    outOfRange = timestamp
                    break
                }
                index += 1
            }
        } catch {
            throw .invalidRecord(index: index, error)
        }
        guard index == count else {
            throw .timestampOutOfRange(index: index, timestamp: Timestamp(outOfRange))
        }
        guard cursor.left == 0 else {
            throw .invalidRecord(index: count - 1, .bytesAfterLastRecord(cursor.left))
        }
        maxTimestamp = Timestamp(largest)
        indexOfMaxTimestamp = indexOfLargest
        firstNullKey = nullKey < 0 ? nil : nullKey
    }

    private static let noTimestamp: Int64 = -1
}
