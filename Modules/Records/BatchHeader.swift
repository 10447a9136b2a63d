import Compression
import Vocabulary

/// The header of a record batch in format 2 (KIP-98), the first 61 bytes.
///
///      0  8  base offset                 27  8  base timestamp
///      8  4  length of what follows      35  8  max timestamp
///     12  4  partition leader epoch      43  8  producer id
///     16  1  magic, 2                    51  2  producer epoch
///     17  4  CRC-32C from byte 21 on     53  4  base sequence
///     21  2  attributes                  57  4  record count
///     23  4  last offset delta           61     records, compressed as a whole
///
/// All integers are big-endian. Bytes 0–15 are the broker's to fill in: the checksum leaves them
/// out. The first batch of a log, holding one record without key and with the value `hi`:
///
///     00000000 00000000 0000003A 00000000 02 ........ 0000 00000000
///     000001A1 FC9C7400 000001A1 FC9C7400 FFFFFFFF FFFFFFFF FFFF FFFFFFFF 00000001
///     10 00 00 00 01 04 6869 00
public struct BatchHeader: Sendable, Equatable {
    /// The size of the header in bytes.
    public static let byteCount = 61
    /// The bytes that the length field does not count: itself and the base offset.
    public static let logOverhead = 12
    /// The bytes before the magic, which the broker fills in outside the checksum.
    public static let brokerByteCount = 16
    /// Where the bytes covered by the checksum begin.
    public static let checksumStart = 21
    static let magic: Int8 = 2

    /// The offset of the first record the batch was made with; what a producer sends there is
    /// overwritten.
    public var baseOffset: Offset
    /// Bytes after the first 12.
    public var batchLength: Int
    /// `nil` for negative numbers: no broker filled it in.
    public var leaderEpoch: LeaderEpoch?
    /// CRC-32C of the bytes from 21 to the batch's end, as stored; see
    /// `BatchView.hasValidChecksum`.
    public var crc: UInt32
    /// Bytes 21 and 22; the codec is a known one.
    public var attributes: BatchAttributes
    /// Offsets from the first to the last record the batch was made with: not negative, and left
    /// alone by compaction.
    public var lastOffsetDelta: Int32
    /// What record timestamps are relative to; with a delete horizon, that horizon.
    public var baseTimestamp: Timestamp
    /// The largest of the records' timestamps; under log append time, the timestamp of each. −1 for
    /// none.
    public var maxTimestamp: Timestamp
    /// `nil` for negative numbers: the producer is not idempotent.
    public var producerID: ProducerID?
    /// `nil` for negative numbers.
    public var producerEpoch: ProducerEpoch?
    /// Kafka's own coordinator writes sequences without a producer id, so this stands alone.
    public var baseSequence: SequenceNumber?
    /// Records that are in the batch, fewer than it was made with after compaction. As stored: not
    /// checked.
    public var recordCount: Int32

    /// Reads the header at the start of `bytes`, which may go on behind it.
    ///
    /// The base offset may be anything, since producers leave it to the broker: what comes from a
    /// file is asked for `hasPossibleOffsets`.
    ///
    /// - Throws: `corrupt` with fewer than 61 bytes, a length shorter than a header or an unknown
    ///   codec; `unsupportedMagic` for formats other than 2; `invalidBatch` for a negative last
    ///   offset delta. The magic is judged first where there are 17 bytes, because older formats
    ///   have shorter headers.
    public init(reading bytes: UnsafeRawBufferPointer) throws(RecordError) {
        if bytes.count > 16 {
            let magic = bytes.bigEndian(at: 16, as: Int8.self)
            guard magic == Self.magic else { throw .unsupportedMagic(magic) }
        }
        guard bytes.count >= Self.byteCount else {
            throw .corrupt(.truncated(needed: Self.byteCount, found: bytes.count), position: 0)
        }
        batchLength = Int(bytes.bigEndian(at: 8, as: Int32.self))
        guard batchLength >= Self.byteCount - Self.logOverhead else {
            throw .corrupt(.badLength(batchLength), position: 8)
        }
        let bits = bytes.bigEndian(at: 21, as: Int16.self)
        guard let attributes = BatchAttributes(rawValue: bits) else {
            throw .corrupt(.unknownCodec(Int(bits & 0b111)), position: 21)
        }
        self.attributes = attributes
        baseOffset = Offset(bytes.bigEndian(at: 0, as: Int64.self))
        leaderEpoch = Self.present(bytes.bigEndian(at: 12, as: Int32.self)).map(LeaderEpoch.init)
        crc = bytes.bigEndian(at: 17, as: UInt32.self)
        lastOffsetDelta = bytes.bigEndian(at: 23, as: Int32.self)
        baseTimestamp = Timestamp(bytes.bigEndian(at: 27, as: Int64.self))
        maxTimestamp = Timestamp(bytes.bigEndian(at: 35, as: Int64.self))
        producerID = Self.present(bytes.bigEndian(at: 43, as: Int64.self)).map(ProducerID.init)
        producerEpoch = Self.present(bytes.bigEndian(at: 51, as: Int16.self))
            .map(ProducerEpoch.init)
        baseSequence = Self.present(bytes.bigEndian(at: 53, as: Int32.self))
            .map(SequenceNumber.init)
        recordCount = bytes.bigEndian(at: 57, as: Int32.self)
        guard lastOffsetDelta >= 0 else {
            throw .invalidBatch(
                .lastOffsetDeltaMismatch(lastOffsetDelta: lastOffsetDelta, count: recordCount))
        }
    }

    /// On disk and on the wire, negative stands for "none".
    @inline(__always)
    private static func present<Integer: FixedWidthInteger>(_ value: Integer) -> Integer? {
        value < 0 ? nil : value
    }
}

extension BatchHeader {
    /// The size of the whole batch in bytes.
    public var byteCount: Int { batchLength + Self.logOverhead }

    /// The offset of the last record the batch was made with, also when compaction removed it.
    /// Means something only with a base offset that a broker gave.
    public var lastOffset: Offset { Offset(baseOffset.rawValue &+ Int64(lastOffsetDelta)) }

    /// The base offset of the batch that follows.
    public var nextOffset: Offset { Offset(lastOffset.rawValue &+ 1) }

    /// Whether a log can have given the base offset: not negative and not above `Offset.limit`.
    public var hasPossibleOffsets: Bool { baseOffset >= .zero && baseOffset <= .limit }

    /// The sequence number of the last record the batch was made with.
    public var lastSequence: SequenceNumber? { baseSequence?.advanced(by: lastOffsetDelta) }

    /// Before which time tombstones and markers in this batch must be kept (KIP-534).
    public var deleteHorizon: Timestamp? { attributes.hasDeleteHorizon ? baseTimestamp : nil }
}

extension BatchHeader {
    /// Writes all 61 bytes to the start of `bytes`, the checksum as it stands in `crc`.
    public func write(to bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count >= Self.byteCount, "a header has room for 61 bytes")
        writeBrokerBytes(to: bytes)
        bytes.storeBigEndian(Self.magic, at: 16)
        bytes.storeBigEndian(crc, at: 17)
        bytes.storeBigEndian(attributes.rawValue, at: 21)
        bytes.storeBigEndian(lastOffsetDelta, at: 23)
        bytes.storeBigEndian(baseTimestamp.rawValue, at: 27)
        bytes.storeBigEndian(maxTimestamp.rawValue, at: 35)
        bytes.storeBigEndian(producerID?.rawValue ?? -1, at: 43)
        bytes.storeBigEndian(producerEpoch?.rawValue ?? -1, at: 51)
        bytes.storeBigEndian(baseSequence?.rawValue ?? -1, at: 53)
        bytes.storeBigEndian(recordCount, at: 57)
    }

    /// Writes the 16 bytes that the broker fills in: base offset, length, leader epoch.
    public func writeBrokerBytes(to bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count >= Self.brokerByteCount, "there is room for 16 bytes")
        bytes.storeBigEndian(baseOffset.rawValue, at: 0)
        bytes.storeBigEndian(Int32(truncatingIfNeeded: batchLength), at: 8)
        bytes.storeBigEndian(leaderEpoch?.rawValue ?? -1, at: 12)
    }
}
