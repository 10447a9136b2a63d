import Vocabulary

/// Builds the bytes of a record from its fields.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ text: String) {
        let utf8 = Array(text.utf8)
        precondition(utf8.count <= Int(UInt16.max), "a text's length is checked when it is decided")
        append(UInt16(utf8.count))
        bytes += utf8
    }

    mutating func append(_ id: TopicID) {
        append(id.high)
        append(id.low)
    }

    mutating func append(raw other: [UInt8]) { bytes += other }

    mutating func replace(at position: Int, with number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) {
            bytes.replaceSubrange(position..<position + $0.count, with: $0)
        }
    }
}

/// Reads the fields of a record, checking each against the bytes that are there.
struct FieldReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var remaining: Int { bytes.count - position }

    mutating func next<Number: FixedWidthInteger>(
        as type: Number.Type = Number.self
    ) throws(RecordFormatError) -> Number {
        let size = MemoryLayout<Number>.size
        guard remaining >= size else { throw .truncated(at: position) }
        defer { position += size }
        return bytes.withUnsafeBytes {
            Number(bigEndian: $0.loadUnaligned(fromByteOffset: position, as: Number.self))
        }
    }

    mutating func text() throws(RecordFormatError) -> String {
        let count = Int(try next(as: UInt16.self))
        let start = position
        guard let text = String(validating: try raw(count), as: UTF8.self) else {
            throw .notText(at: start)
        }
        return text
    }

    mutating func topicID() throws(RecordFormatError) -> TopicID {
        TopicID(high: try next(), low: try next())
    }

    mutating func raw(_ count: Int) throws(RecordFormatError) -> [UInt8] {
        guard count >= 0, remaining >= count else { throw .truncated(at: position) }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }
}
