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
    /// As stored: no bit has a meaning yet.
    public let attributes: Int8
    /// Milliseconds after the batch's base timestamp; may be negative.
    public let timestampDelta: Int64
    /// Offsets after the batch's base offset.
    public let offsetDelta: Int32
    /// `nil` for none; an empty key is another one.
    public let key: UnsafeRawBufferPointer?
    /// `nil` for none: a tombstone where the topic is compacted.
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
    /// `nil` for Kafka's null.
    public let value: UnsafeRawBufferPointer?
}

/// The headers of one record in their order; keys may repeat.
public struct HeaderViews: Sequence {
    /// As many as the record states, all found to be well formed.
    public let count: Int
    let bytes: UnsafeRawBufferPointer

    public func makeIterator() -> Iterator {
        Iterator(left: count, cursor: RecordCursor(bytes))
    }

    /// Decodes a header at each step and allocates nothing; valid as long as the record.
    public struct Iterator: IteratorProtocol {
        var left: Int
        var cursor: RecordCursor

        /// The next header in the record's order; `nil` after the last.
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
