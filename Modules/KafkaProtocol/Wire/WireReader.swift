import NIOCore
import Vocabulary

/// Reads the fields of one header or body, checking every length before anything is allocated.
///
/// Integers are big-endian. Strings and byte runs come with a length in front, 2 or 4 bytes wide,
/// or, in flexible versions, as an unsigned varint of the length plus one (KIP-482). Byte runs are
/// slices of the buffer; they keep it alive and copy nothing.
public struct WireReader {
    /// Elements of arrays that one message may have in total: bounds what a decoded message takes,
    /// however small its elements are on the wire.
    public static let maximumElementCount = 1 << 20

    /// Elements for which an array reserves room before it has seen them.
    private static let maximumReservation = 1 << 10

    private(set) var buffer: ByteBuffer
    private let start: Int
    private var elementsLeft = WireReader.maximumElementCount

    /// Begins at the buffer's reader index; shares its memory.
    public init(_ buffer: ByteBuffer) {
        self.buffer = buffer
        self.start = buffer.readerIndex
    }

    /// Bytes read so far.
    public var position: Int { buffer.readerIndex - start }

    /// Bytes not read yet.
    public var bytesLeft: Int { buffer.readableBytes }

    /// Passes over `count` bytes, which are there: those of a tagged field.
    mutating func skip(_ count: Int) {
        buffer.moveReaderIndex(forwardBy: count)
    }

    func failure(_ kind: ProtocolError.Kind, _ field: StaticString) -> ProtocolError {
        ProtocolError(kind, field: String(describing: field), byte: position)
    }
}

// Numbers.
extension WireReader {
    @inline(__always)
    private mutating func integer<Integer: FixedWidthInteger>(
        _ field: StaticString
    ) throws(ProtocolError) -> Integer {
        guard let value: Integer = buffer.readInteger() else {
            throw failure(.truncated(needed: Integer.bitWidth / 8, available: bytesLeft), field)
        }
        return value
    }

    /// One byte; whatever is not 0 is `true`.
    public mutating func bool(_ field: StaticString) throws(ProtocolError) -> Bool {
        let byte: UInt8 = try integer(field)
        return byte != 0
    }

    /// One byte.
    public mutating func int8(_ field: StaticString) throws(ProtocolError) -> Int8 {
        try integer(field)
    }

    /// Two bytes.
    public mutating func int16(_ field: StaticString) throws(ProtocolError) -> Int16 {
        try integer(field)
    }

    /// Four bytes.
    public mutating func int32(_ field: StaticString) throws(ProtocolError) -> Int32 {
        try integer(field)
    }

    /// Eight bytes.
    public mutating func int64(_ field: StaticString) throws(ProtocolError) -> Int64 {
        try integer(field)
    }

    /// Two bytes.
    public mutating func uint16(_ field: StaticString) throws(ProtocolError) -> UInt16 {
        try integer(field)
    }

    /// Four bytes.
    public mutating func uint32(_ field: StaticString) throws(ProtocolError) -> UInt32 {
        try integer(field)
    }

    /// Eight bytes, IEEE 754.
    public mutating func float64(_ field: StaticString) throws(ProtocolError) -> Double {
        Double(bitPattern: try integer(field))
    }

    /// 16 bytes; all zero is `TopicID.zero`, which stands for none.
    public mutating func topicID(_ field: StaticString) throws(ProtocolError) -> TopicID {
        guard let halves = buffer.readMultipleIntegers(as: (UInt64, UInt64).self) else {
            throw failure(.truncated(needed: 16, available: bytesLeft), field)
        }
        return TopicID(high: halves.0, low: halves.1)
    }

    /// Two bytes; numbers unknown here are kept as they are.
    public mutating func errorCode(_ field: StaticString) throws(ProtocolError) -> ErrorCode {
        ErrorCode(rawValue: try integer(field))
    }

    /// An unsigned integer in groups of seven bits, the lowest first; at most five bytes.
    public mutating func unsignedVarint(_ field: StaticString) throws(ProtocolError) -> UInt32 {
        var value: UInt32 = 0
        var shift: UInt32 = 0
        while true {
            let byte: UInt8 = try integer(field)
            // The fifth byte has room for four bits, and nothing may follow it.
            if shift == 28, byte > 0x0F { throw failure(.overlongVarint, field) }
            value |= UInt32(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }
}

// Lengths, strings and byte runs.
extension WireReader {
    /// A length, or -1 for null; anything lower is refused.
    private mutating func length(
        compact: Bool, isString: Bool, _ field: StaticString
    ) throws(ProtocolError) -> Int {
        if compact { return Int(try unsignedVarint(field)) - 1 }
        let length = isString ? Int(try int16(field)) : Int(try int32(field))
        guard length >= -1 else { throw failure(.invalidLength(length), field) }
        return length
    }

    /// `nil` for null. Bytes that are not UTF-8 become U+FFFD.
    public mutating func nullableString(
        compact: Bool, _ field: StaticString
    ) throws(ProtocolError) -> String? {
        let length = try length(compact: compact, isString: true, field)
        if length < 0 { return nil }
        guard let string = buffer.readString(length: length) else {
            throw failure(.truncated(needed: length, available: bytesLeft), field)
        }
        return string
    }

    /// As `nullableString`.
    ///
    /// - Throws: `.invalidLength` for null.
    public mutating func string(
        compact: Bool, _ field: StaticString
    ) throws(ProtocolError) -> String {
        guard let string = try nullableString(compact: compact, field) else {
            throw failure(.invalidLength(-1), field)
        }
        return string
    }

    /// A slice of the buffer; `nil` for null.
    public mutating func nullableBytes(
        compact: Bool, _ field: StaticString
    ) throws(ProtocolError) -> ByteBuffer? {
        let length = try length(compact: compact, isString: false, field)
        if length < 0 { return nil }
        guard let slice = buffer.readSlice(length: length) else {
            throw failure(.truncated(needed: length, available: bytesLeft), field)
        }
        return slice
    }

    /// A slice of the buffer.
    ///
    /// - Throws: `.invalidLength` for null.
    public mutating func bytes(
        compact: Bool, _ field: StaticString
    ) throws(ProtocolError) -> ByteBuffer {
        guard let bytes = try nullableBytes(compact: compact, field) else {
            throw failure(.invalidLength(-1), field)
        }
        return bytes
    }

    /// Records as a slice of the buffer, not looked into; `nil` for null.
    public mutating func nullableRecords(
        compact: Bool, _ field: StaticString
    ) throws(ProtocolError) -> RecordsPayload? {
        guard let bytes = try nullableBytes(compact: compact, field) else { return nil }
        return bytes.readableBytes == 0 ? .empty : .bytes([bytes])
    }

    /// Records as a slice of the buffer, not looked into.
    ///
    /// - Throws: `.invalidLength` for null.
    public mutating func records(
        compact: Bool, _ field: StaticString
    ) throws(ProtocolError) -> RecordsPayload {
        guard let records = try nullableRecords(compact: compact, field) else {
            throw failure(.invalidLength(-1), field)
        }
        return records
    }
}

// Arrays and structures.
extension WireReader {
    /// The number of elements, `nil` for null: no more than the remaining bytes can hold when each
    /// takes at least `elementBytes`, and no more than the message has left.
    private mutating func elementCount(
        compact: Bool, elementBytes: Int, _ field: StaticString
    ) throws(ProtocolError) -> Int? {
        let count = try length(compact: compact, isString: false, field)
        if count < 0 { return nil }
        let limit = min(bytesLeft / max(1, elementBytes), elementsLeft)
        guard count <= limit else {
            throw failure(.tooManyElements(count: count, limit: limit), field)
        }
        elementsLeft -= count
        return count
    }

    /// An array whose elements `read` reads; `nil` for null.
    ///
    /// - Parameter elementBytes: the fewest bytes an element takes, so that a length which the rest
    ///   of the message cannot hold is refused before anything is allocated.
    /// - Throws: `.tooManyElements`, also for more than `maximumElementCount` in one message.
    public mutating func nullableArray<Element>(
        compact: Bool, elementBytes: Int, _ field: StaticString,
        _ read: (inout WireReader) throws(ProtocolError) -> Element
    ) throws(ProtocolError) -> [Element]? {
        guard
            let count = try elementCount(compact: compact, elementBytes: elementBytes, field)
        else { return nil }
        var elements: [Element] = []
        elements.reserveCapacity(min(count, Self.maximumReservation))
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }

    /// As `nullableArray`.
    ///
    /// - Throws: `.invalidLength` for null.
    public mutating func array<Element>(
        compact: Bool, elementBytes: Int, _ field: StaticString,
        _ read: (inout WireReader) throws(ProtocolError) -> Element
    ) throws(ProtocolError) -> [Element] {
        let elements = try nullableArray(
            compact: compact, elementBytes: elementBytes, field, read)
        guard let elements else { throw failure(.invalidLength(-1), field) }
        return elements
    }

    /// An array of structures as the message's `version` has them; `nil` for null.
    public mutating func nullableArray<Element: WireStructure>(
        of type: Element.Type, version: Int16, compact: Bool, elementBytes: Int,
        _ field: StaticString
    ) throws(ProtocolError) -> [Element]? {
        try nullableArray(compact: compact, elementBytes: elementBytes, field) {
            (reader: inout WireReader) throws(ProtocolError) in
            try Element(from: &reader, version: version)
        }
    }

    /// An array of structures as the message's `version` has them.
    ///
    /// - Throws: `.invalidLength` for null.
    public mutating func array<Element: WireStructure>(
        of type: Element.Type, version: Int16, compact: Bool, elementBytes: Int,
        _ field: StaticString
    ) throws(ProtocolError) -> [Element] {
        try array(compact: compact, elementBytes: elementBytes, field) {
            (reader: inout WireReader) throws(ProtocolError) in
            try Element(from: &reader, version: version)
        }
    }

    /// A structure behind one byte that is negative for null.
    public mutating func nullable<Structure: WireStructure>(
        _ type: Structure.Type, version: Int16, _ field: StaticString
    ) throws(ProtocolError) -> Structure? {
        try int8(field) < 0 ? nil : try Structure(from: &self, version: version)
    }
}
