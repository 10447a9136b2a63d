import NIOCore
import Vocabulary

/// Writes the fields of headers and bodies into one buffer, in one pass.
///
/// The counterpart of `WireReader`. A string longer than its length field allows is cut short at a
/// character: only texts of our own can be that long.
public struct WireWriter {
    /// What was written, without the bytes that belong into its `splices`.
    public private(set) var buffer: ByteBuffer
    /// Where the regions of a `RecordsPayload` belong, in the order of the bytes.
    public private(set) var splices: [Splice] = []
    /// Bytes of all splices together.
    public private(set) var splicedByteCount = 0

    /// Writes to the end of `buffer`, whose readable bytes must begin at index 0.
    public init(_ buffer: ByteBuffer = ByteBuffer()) {
        precondition(buffer.readerIndex == 0, "a splice counts from the first byte of the buffer")
        self.buffer = buffer
    }

    /// What has been written, the spliced bytes included.
    public var byteCount: Int { buffer.writerIndex + splicedByteCount }
}

// Numbers.
extension WireWriter {
    /// One byte, 1 or 0.
    public mutating func bool(_ value: Bool) { buffer.writeInteger(value ? 1 : 0, as: UInt8.self) }
    /// One byte.
    public mutating func int8(_ value: Int8) { buffer.writeInteger(value) }
    /// Two bytes, big-endian.
    public mutating func int16(_ value: Int16) { buffer.writeInteger(value) }
    /// Four bytes, big-endian.
    public mutating func int32(_ value: Int32) { buffer.writeInteger(value) }
    /// Eight bytes, big-endian.
    public mutating func int64(_ value: Int64) { buffer.writeInteger(value) }
    /// Two bytes, big-endian.
    public mutating func uint16(_ value: UInt16) { buffer.writeInteger(value) }
    /// Four bytes, big-endian.
    public mutating func uint32(_ value: UInt32) { buffer.writeInteger(value) }
    /// Eight bytes, IEEE 754, big-endian.
    public mutating func float64(_ value: Double) { buffer.writeInteger(value.bitPattern) }
    /// Two bytes, big-endian.
    public mutating func errorCode(_ value: ErrorCode) { buffer.writeInteger(value.rawValue) }

    /// 16 bytes, as `WireReader.topicID` reads them.
    public mutating func topicID(_ value: TopicID) {
        buffer.writeMultipleIntegers(value.high, value.low)
    }

    /// Seven bits a byte, the lowest first; one to five bytes.
    public mutating func unsignedVarint(_ value: UInt32) {
        var rest = value
        while rest >= 0x80 {
            buffer.writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        buffer.writeInteger(UInt8(truncatingIfNeeded: rest))
    }

    /// Overwrites four bytes written before.
    mutating func set(_ value: Int32, at index: Int) {
        buffer.setInteger(value, at: index)
    }
}

// Strings and byte runs.
extension WireWriter {
    /// UTF-8 behind its length: two bytes, or compact.
    public mutating func string(_ value: String, compact: Bool) {
        if compact {
            unsignedVarint(UInt32(value.utf8.count) + 1)
            buffer.writeString(value)
        } else if value.utf8.count <= Int16.max {
            buffer.writeInteger(Int16(value.utf8.count))
            buffer.writeString(value)
        } else {
            string(value.prefix(utf8Count: Int(Int16.max)), compact: false)
        }
    }

    /// The same, with `nil` for null.
    public mutating func string(_ value: String?, compact: Bool) {
        if let value {
            string(value, compact: compact)
        } else if compact {
            unsignedVarint(0)
        } else {
            int16(-1)
        }
    }

    /// Copies the bytes behind their length: four bytes, or compact. `nil` is null.
    public mutating func bytes(_ value: ByteBuffer?, compact: Bool) {
        count(value?.readableBytes, compact: compact)
        if let value { buffer.writeImmutableBuffer(value) }
    }

    /// Records like `bytes`; of those that are not in memory, the length and a splice.
    public mutating func records(_ value: RecordsPayload?, compact: Bool) {
        count(value?.byteCount, compact: compact)
        switch value {
        case nil, .empty: break
        case .bytes(let buffers):
            for bytes in buffers { buffer.writeImmutableBuffer(bytes) }
        case .regions(let tag, let byteCount):
            splices.append(Splice(index: buffer.writerIndex, tag: tag, byteCount: byteCount))
            splicedByteCount += byteCount
        }
    }

    /// The length of a byte run or an array; `nil` stands for null.
    private mutating func count(_ count: Int?, compact: Bool) {
        if compact {
            unsignedVarint(count.map { UInt32($0) + 1 } ?? 0)
        } else {
            int32(count.map { Int32($0) } ?? -1)
        }
    }
}

// Arrays and structures.
extension WireWriter {
    /// The number of elements, four bytes or compact, then each by `write`; `nil` is null.
    public mutating func array<Element>(
        _ elements: [Element]?, compact: Bool, _ write: (inout WireWriter, Element) -> Void
    ) {
        count(elements?.count, compact: compact)
        guard let elements else { return }
        for element in elements { write(&self, element) }
    }

    /// The number of structures, four bytes or compact, then each as `version` has it; `nil` is
    /// null.
    public mutating func array<Element: WireStructure>(
        _ elements: [Element]?, version: Int16, compact: Bool
    ) {
        count(elements?.count, compact: compact)
        guard let elements else { return }
        for element in elements { element.write(to: &self, version: version) }
    }

    /// A structure behind one byte that is negative for null.
    public mutating func nullable<Structure: WireStructure>(_ value: Structure?, version: Int16) {
        int8(value == nil ? -1 : 1)
        value?.write(to: &self, version: version)
    }
}

// Tagged fields (KIP-482).
extension WireWriter {
    /// One byte: the structure that ends here has no tagged fields.
    public mutating func noTaggedFields() { buffer.writeInteger(0, as: UInt8.self) }

    /// Writes a tag and leaves one byte for the length; returns where the value begins.
    public mutating func beginTaggedField(_ tag: UInt32) -> Int {
        unsignedVarint(tag)
        buffer.writeInteger(0, as: UInt8.self)
        return buffer.writerIndex
    }

    /// Fills in the length of the value that began at `start`.
    ///
    /// A value of 128 bytes or more is moved, since its length takes more than the byte left for
    /// it; tagged fields are seldom so long, and never hold spliced records.
    public mutating func endTaggedField(from start: Int) {
        let byteCount = buffer.writerIndex - start
        if byteCount < 0x80 {
            buffer.setInteger(UInt8(byteCount), at: start - 1)
            return
        }
        let value = buffer.getSlice(at: start, length: byteCount)
        buffer.moveWriterIndex(to: start - 1)
        unsignedVarint(UInt32(byteCount))
        if let value { buffer.writeImmutableBuffer(value) }
    }
}

extension String {
    /// The longest prefix of whole characters with at most `utf8Count` bytes.
    fileprivate func prefix(utf8Count: Int) -> String {
        var end = utf8.index(startIndex, offsetBy: utf8Count)
        while !end.isWithinCharacterBoundary(of: self) { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}

extension String.Index {
    fileprivate func isWithinCharacterBoundary(of string: String) -> Bool {
        self.samePosition(in: string.unicodeScalars) != nil
    }
}
