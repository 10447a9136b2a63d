/// Reads the fields of records from memory; every step is checked against the end.
///
/// Kept to pointers and plain functions: a batch of 10,000 records walks through here, and
/// nothing is allocated or dispatched per record. What is not inlined takes and returns pointers
/// instead of the cursor itself, which would otherwise live in memory instead of registers.
struct RecordCursor {
    var next: UnsafeRawPointer
    let end: UnsafeRawPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; any will do, since nothing is read from it.
        next = bytes.baseAddress ?? Self.nowhere
        end = next + bytes.count
    }

    private init(next: UnsafeRawPointer, end: UnsafeRawPointer) {
        self.next = next
        self.end = end
    }

    private static var nowhere: UnsafeRawPointer {
        guard let address = UnsafeRawPointer(bitPattern: 1) else {
            preconditionFailure("1 is not the null address")
        }
        return address
    }

    @inline(__always)
    var left: Int { end - next }

    @inline(__always)
    mutating func readByte() throws(RecordFault) -> UInt8 {
        guard next < end else { throw .truncated }
        defer { next += 1 }
        return next.load(as: UInt8.self)
    }

    /// A zigzag varint of at most 5 bytes. As in Kafka, bits beyond the 32nd are dropped.
    @inline(__always)
    mutating func readVarint() throws(RecordFault) -> Int32 {
        guard next < end else { throw .truncated }
        let first = next.load(as: UInt8.self)
        if first < 0x80 {
            next += 1
            return Int32(first >> 1) ^ -Int32(first & 1)
        }
        let raw = UInt32(truncatingIfNeeded: try readLongForm(maxBytes: 5))
        return Int32(bitPattern: raw >> 1) ^ -Int32(bitPattern: raw & 1)
    }

    /// A zigzag varint of at most 10 bytes.
    @inline(__always)
    mutating func readVarlong() throws(RecordFault) -> Int64 {
        guard next < end else { throw .truncated }
        let first = next.load(as: UInt8.self)
        if first < 0x80 {
            next += 1
            return Int64(first >> 1) ^ -Int64(first & 1)
        }
        let raw = try readLongForm(maxBytes: 10)
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    /// The unsigned value of a varint of two or more bytes.
    @inline(__always)
    private mutating func readLongForm(maxBytes: Int) throws(RecordFault) -> UInt64 {
        // Two bytes reach 8,191 and most lengths and deltas: worth a path without a loop.
        if left >= 2 {
            let second = next.load(fromByteOffset: 1, as: UInt8.self)
            if second < 0x80 {
                let first = next.load(as: UInt8.self)
                next += 2
                return UInt64(first & 0x7F) | UInt64(second) << 7
            }
        }
        let (value, behind) = try Self.readLoop(from: next, to: end, maxBytes: maxBytes)
        next = behind
        return value
    }

    @inline(never)
    private static func readLoop(
        from start: UnsafeRawPointer, to end: UnsafeRawPointer, maxBytes: Int
    ) throws(RecordFault) -> (value: UInt64, behind: UnsafeRawPointer) {
        var cursor = RecordCursor(next: start, end: end)
        var value: UInt64 = 0
        for index in 0..<maxBytes {
            let byte = try cursor.readByte()
            value |= UInt64(byte & 0x7F) << UInt64(index * 7)
            if byte < 0x80 { return (value, cursor.next) }
        }
        throw .malformedVarint
    }

    /// A length of which -1 means "null"; the bytes are known to be there.
    @inline(__always)
    mutating func readNullableLength() throws(RecordFault) -> Int {
        let length = Int(try readVarint())
        guard length >= -1, length <= left else { throw .badLength(length) }
        return length
    }

    /// The length of a header's key, which must not be null; the bytes are known to be there.
    @inline(__always)
    mutating func readHeaderKeyLength() throws(RecordFault) -> Int {
        let length = try readNullableLength()
        guard length >= 0 else { throw .nullHeaderKey }
        return length
    }

    @inline(__always)
    mutating func readBytes(_ count: Int) throws(RecordFault) -> UnsafeRawBufferPointer {
        guard count <= left else { throw .truncated }
        defer { next += count }
        return UnsafeRawBufferPointer(start: next, count: count)
    }

    @inline(__always)
    mutating func skip(_ count: Int) throws(RecordFault) {
        guard count <= left else { throw .truncated }
        next += count
    }

    /// Takes the next `count` bytes as a cursor of their own.
    @inline(__always)
    private mutating func split(_ count: Int) throws(RecordFault) -> RecordCursor {
        guard count >= 0 else { throw .badLength(count) }
        guard count <= left else { throw .truncated }
        defer { next += count }
        return RecordCursor(next: next, end: next + count)
    }

    /// Reads one whole record and checks that its fields fill it exactly.
    @inline(__always)
    mutating func readRecord() throws(RecordFault) -> RecordView {
        let start = next
        let length = Int(try readVarint())
        var record = try split(length)

        let attributes = Int8(bitPattern: try record.readByte())
        let timestampDelta = try record.readVarlong()
        let offsetDelta = try record.readVarint()
        let keyLength = try record.readNullableLength()
        let key = try record.readBytes(max(keyLength, 0))
        let valueLength = try record.readNullableLength()
        let value = try record.readBytes(max(valueLength, 0))

        let headerCount = Int(try record.readVarint())
        // A header takes at least two bytes; Kafka compares with one.
        guard headerCount >= 0, headerCount <= record.left else { throw .badLength(headerCount) }
        let headersStart = record.next
        if headerCount > 0 {
            record.next = try Self.skipHeaders(headerCount, from: record.next, to: record.end)
        }
        let headers = UnsafeRawBufferPointer(start: headersStart, count: record.next - headersStart)
        guard record.left == 0 else { throw .trailingBytes(record.left) }

        return RecordView(
            byteCount: next - start, attributes: attributes, timestampDelta: timestampDelta,
            offsetDelta: offsetDelta, key: keyLength < 0 ? nil : key,
            value: valueLength < 0 ? nil : value,
            headers: HeaderViews(count: headerCount, bytes: headers))
    }

    /// Whether a header count and that many headers fill the bytes exactly.
    @inline(never)
    static func headersFill(from start: UnsafeRawPointer, to end: UnsafeRawPointer) -> Bool {
        var cursor = RecordCursor(next: start, end: end)
        do throws(RecordFault) {
            let count = Int(try cursor.readVarint())
            guard count >= 0, count <= cursor.left else { return false }
            return try skipHeaders(count, from: cursor.next, to: end) == end
        } catch {
            return false
        }
    }

    /// Returns where the headers end.
    @inline(never)
    private static func skipHeaders(
        _ count: Int, from start: UnsafeRawPointer, to end: UnsafeRawPointer
    ) throws(RecordFault) -> UnsafeRawPointer {
        var cursor = RecordCursor(next: start, end: end)
        for _ in 0..<count {
            let keyLength = try cursor.readHeaderKeyLength()
            try cursor.skip(keyLength)
            let valueLength = try cursor.readNullableLength()
            try cursor.skip(max(valueLength, 0))
        }
        return cursor.next
    }
}
