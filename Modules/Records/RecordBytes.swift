/// Writes records one behind the other, in the layout that `RecordView` describes.
struct RecordBytes {
    private(set) var bytes: [UInt8] = []

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func append(
        key: [UInt8]?, value: [UInt8]?, headers: [RecordHeader], timestampDelta: Int64,
        offsetDelta: Int32
    ) {
        var length = 1 + Self.size(timestampDelta) + Self.size(Int64(offsetDelta))
        length += Self.size(key) + Self.size(value) + Self.size(Int64(headers.count))
        for header in headers {
            let keyCount = header.key.utf8.count
            length += Self.size(Int64(keyCount)) + keyCount + Self.size(header.value)
        }
        appendVarint(Int64(length))
        bytes.append(0)
        appendVarint(timestampDelta)
        appendVarint(Int64(offsetDelta))
        append(key)
        append(value)
        appendVarint(Int64(headers.count))
        for header in headers {
            appendVarint(Int64(header.key.utf8.count))
            bytes.append(contentsOf: header.key.utf8)
            append(header.value)
        }
    }

    mutating func reserve(_ byteCount: Int) { bytes.reserveCapacity(byteCount) }

    /// Copies whole records as they are.
    mutating func append(_ records: UnsafeRawBufferPointer) { bytes.append(contentsOf: records) }

    /// Copies whole records that were read before; their timestamp deltas grow by `shift`.
    mutating func append(_ records: UnsafeRawBufferPointer, movingTimestampsBy shift: Int64) {
        var cursor = RecordCursor(records)
        do throws(RecordFault) {
            while cursor.left > 0 {
                let length = Int(try cursor.readVarint())
                let start = cursor.left
                let attributes = try cursor.readByte()
                let delta = try cursor.readVarlong()
                let rest = try cursor.readBytes(length - (start - cursor.left))
                let moved = delta &+ shift
                appendVarint(Int64(1 + Self.size(moved) + rest.count))
                bytes.append(attributes)
                appendVarint(moved)
                bytes.append(contentsOf: rest)
            }
        } catch {
            preconditionFailure("records are copied after they were read once")
        }
    }

    private mutating func append(_ field: [UInt8]?) {
        guard let field else { return appendVarint(-1) }
        appendVarint(Int64(field.count))
        bytes.append(contentsOf: field)
    }

    private mutating func appendVarint(_ value: Int64) {
        var left = Self.zigzag(value)
        while left >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: left) | 0x80)
            left >>= 7
        }
        bytes.append(UInt8(left))
    }

    private static func zigzag(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: value << 1 ^ value >> 63)
    }

    private static func size(_ value: Int64) -> Int {
        let bits = 64 - (zigzag(value) | 1).leadingZeroBitCount
        return (bits + 6) / 7
    }

    private static func size(_ field: [UInt8]?) -> Int {
        guard let field else { return 1 }
        return size(Int64(field.count)) + field.count
    }
}
