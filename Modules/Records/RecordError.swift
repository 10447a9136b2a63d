import Compression
import Vocabulary

/// What is wrong with bytes that should be a record batch. The broker maps each case to one of
/// Kafka's error codes (named with the case).
public enum RecordError: Error, Equatable, Sendable {
    /// The bytes are not a whole, undamaged batch: CORRUPT_MESSAGE. The position counts from the
    /// start of the bytes that were given.
    case corrupt(Corruption, position: Int)
    /// The batch is in message format 0 or 1, or one this version does not know: INVALID_RECORD.
    case unsupportedMagic(Int8)
    /// The batch as sent has more bytes than allowed: MESSAGE_TOO_LARGE.
    case batchTooLarge(byteCount: Int, limit: Int)
    /// The header contradicts the rules for produced batches: INVALID_RECORD.
    case invalidBatch(BatchFault)
    /// A record contradicts the batch or the rules: INVALID_RECORD. The index counts from 0.
    case invalidRecord(index: Int, RecordFault)
    /// A record's timestamp is further from now than the topic allows: INVALID_TIMESTAMP.
    case timestampOutOfRange(index: Int, timestamp: Timestamp)
    /// The records could not be decompressed: INVALID_RECORD, because the checksum was right and
    /// sending them again cannot help.
    case undecompressible(CompressionError)
    /// The records decompress to more than the limit, in bytes: MESSAGE_TOO_LARGE.
    case tooLarge(limit: Int)
}

/// How bytes fail to be a whole, undamaged batch.
public enum Corruption: Equatable, Sendable {
    /// Fewer bytes than a header or than the batch's own length says.
    case truncated(needed: Int, found: Int)
    /// Bytes after the end of the only batch expected.
    case trailingBytes(Int)
    /// A length field that no batch can have.
    case badLength(Int)
    /// The codec bits of the attributes: 5, 6 or 7.
    case unknownCodec(Int)
    /// A base offset in a file that no log can have given.
    case badBaseOffset(Offset)
    /// The bytes do not have the CRC-32C that the header states, `expected`.
    case badChecksum(expected: UInt32, found: UInt32)
}

/// Which rule for produced batches a header breaks.
public enum BatchFault: Equatable, Sendable {
    /// The record count is not positive.
    case badCount(Int32)
    /// `lastOffsetDelta` is not the record count less one.
    case lastOffsetDeltaMismatch(lastOffsetDelta: Int32, count: Int32)
    /// A producer id without a producer epoch.
    case missingProducerEpoch
    /// A producer id without a base sequence.
    case missingSequence
    /// A transactional batch without a producer id.
    case transactionalWithoutProducer
    /// Clients may not send control batches.
    case controlBatch
}

/// What is wrong with one record.
public enum RecordFault: Error, Equatable, Sendable {
    /// The record ends behind the end of the payload, or a field behind the end of its record.
    case truncated
    /// Bytes are left over between the last header and the end of the record.
    case trailingBytes(Int)
    /// Bytes are left over after the last record of the batch.
    case bytesAfterLastRecord(Int)
    /// The batch's payload ends before its count of records is reached.
    case missing
    /// A variable-length integer of more than 5 (32 bits) or 10 bytes (64 bits).
    case malformedVarint
    /// A key, value or header length, or a count, that is negative (other than -1 for null) or
    /// more than its record can hold.
    case badLength(Int)
    /// The record's offset delta is not its index.
    case offsetDeltaMismatch(Int)
    /// A header without a key.
    case nullHeaderKey
    /// The topic is compacted and the record has no key.
    case nullKey
}
