import Vocabulary

/// One record, borrowed from the payload of its batch: valid only as long as those bytes.
///
///     length          varint   bytes after this field
///     attributes      1 byte   unused
///     timestampDelta  varlong  milliseconds after the batch's base timestamp
///     offsetDelta     varint   offsets after the batch's base offset
///     key length      varint   -1 for no key, then the key
///     value length    varint   -1 for no value, then the value
///     header count    varint   then the headers
///
/// Variable-length integers are zigzag encoded, seven bits a byte, lowest first. The record
/// without key and with the value `hi`: `10 00 00 00 01 04 68 69 00`.
public struct RecordView {
    /// The size of the record with its length field, in bytes.
    public let byteCount: Int
    public let attributes: Int8
    public let timestampDelta: Int64
    public let offsetDelta: Int32
    public let key: UnsafeRawBufferPointer?
    public let value: UnsafeRawBufferPointer?
    /// The record's headers, already found to be well formed.
    public let headers: HeaderViews

    /// The record's offset in its partition.
    public func offset(in header: BatchHeader) -> Offset {
        Offset(header.baseOffset.rawValue &+ Int64(offsetDelta))
    }

    /// The record's timestamp: under log append time that of the whole batch.
    public func timestamp(in header: BatchHeader) -> Timestamp {
        switch header.attributes.timestampType {
        case .createTime: Timestamp(header.baseTimestamp.rawValue &+ timestampDelta)
        case .logAppendTime: header.maxTimestamp
        }
    }

    /// The record's sequence number, for batches of idempotent producers.
    public func sequence(in header: BatchHeader) -> SequenceNumber? {
        header.baseSequence?.advanced(by: offsetDelta)
    }
}

/// One header of a record, borrowed like its record.
public struct HeaderView {
    /// UTF-8, by Kafka's convention; not checked.
    public let key: UnsafeRawBufferPointer
    public let value: UnsafeRawBufferPointer?
}

/// The headers of one record in their order; keys may repeat.
public struct HeaderViews: Sequence {
    public let count: Int
    let bytes: UnsafeRawBufferPointer

    public func makeIterator() -> Iterator {
        Iterator(left: count, cursor: RecordCursor(bytes))
    }

    public struct Iterator: IteratorProtocol {
        var left: Int
        var cursor: RecordCursor

        public mutating func next() -> HeaderView? {
            guard left > 0 else { return nil }
            left -= 1
            do throws(RecordFault) {
                let keyLength = try cursor.readHeaderKeyLength()
                let key = try cursor.readBytes(keyLength)
                let valueLength = try cursor.readNullableLength()
                let value = valueLength < 0 ? nil : try cursor.readBytes(valueLength)
                return HeaderView(key: key, value: value)
            } catch {
                preconditionFailure("headers were walked once before they are handed out")
            }
        }
    }
}
