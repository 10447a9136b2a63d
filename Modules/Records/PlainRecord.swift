/// The quick way through records as producers usually write them.
///
/// `RecordCursor.readRecord` judges every field by itself. Most records are plain: lengths take
/// one or two bytes, deltas up to three, and the offset delta is the record's index. Such a record
/// is recognized here with half the work, because few comparisons cover all fields. Whatever looks
/// different is left to `readRecord`, which alone says what is wrong.
struct PlainRecord {
    let end: UnsafeRawPointer
    let timestampDelta: Int64
    let hasKey: Bool

    /// At least the bytes up to the key: 2 + 1 + 3 + 3 + 2. Every read up to there stays within
    /// them, so that one comparison covers all.
    private static let room = 16
    /// -1 as a varint.
    private static let null: UInt = 1

    init(end: UnsafeRawPointer, timestampDelta: Int64, hasKey: Bool) {
        self.end = end
        self.timestampDelta = timestampDelta
        self.hasKey = hasKey
    }

    /// The plain record at `start`, or `nil` if it is not one. Reads nothing at or behind `limit`.
    @inline(__always)
    init?(at start: UnsafeRawPointer, limit: UnsafeRawPointer, index: Int) {
        guard limit - start >= Self.room else { return nil }
        var field = start
        guard let length = Self.twoByteVarint(&field), length & 1 == 0 else { return nil }
        let end = field + Int(length >> 1)
        guard end <= limit else { return nil }

        field += 1
        guard let delta = Self.threeByteVarint(&field),
            let offsetDelta = Self.threeByteVarint(&field), offsetDelta == UInt(index) << 1
        else { return nil }

        guard let keyLength = Self.twoByteVarint(&field) else { return nil }
        if keyLength & 1 == 0 {
            field += Int(keyLength >> 1)
        } else {
            guard keyLength == Self.null else { return nil }
        }
        // Two bytes at least: a value's length and a header count. This also finds fields that
        // ran past the end of their record.
        guard end - field >= 2, let valueLength = Self.twoByteVarint(&field) else { return nil }
        if valueLength & 1 == 0 {
            field += Int(valueLength >> 1)
        } else {
            guard valueLength == Self.null else { return nil }
        }
        // Without headers, their count of 0 is the record's last byte.
        guard end - field >= 1 else { return nil }
        if end - field > 1 || field.load(as: UInt8.self) != 0 {
            guard RecordCursor.headersFill(from: field, to: end) else { return nil }
        }

        self.end = end
        timestampDelta = Int64(bitPattern: UInt64(delta >> 1)) ^ -Int64(delta & 1)
        hasKey = keyLength != Self.null
    }

    /// A varint of one or two bytes, before zigzag decoding. Both bytes must be readable.
    @inline(__always)
    private static func twoByteVarint(_ field: inout UnsafeRawPointer) -> UInt? {
        let first = UInt(field.load(as: UInt8.self))
        field += 1
        if first < 0x80 { return first }
        let second = UInt(field.load(as: UInt8.self))
        field += 1
        return second < 0x80 ? first & 0x7F | second << 7 : nil
    }

    /// A varint of one to three bytes, before zigzag decoding. All must be readable.
    @inline(__always)
    private static func threeByteVarint(_ field: inout UnsafeRawPointer) -> UInt? {
        let first = UInt(field.load(as: UInt8.self))
        field += 1
        if first < 0x80 { return first }
        let second = UInt(field.load(as: UInt8.self))
        field += 1
        let pair = first & 0x7F | (second & 0x7F) << 7
        if second < 0x80 { return pair }
        let third = UInt(field.load(as: UInt8.self))
        field += 1
        return third < 0x80 ? pair | third << 14 : nil
    }
}
