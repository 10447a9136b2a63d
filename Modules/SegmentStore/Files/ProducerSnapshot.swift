import Disk
import Vocabulary

/// `<offset>.snapshot`: what a partition knew of its producers at an offset, Kafka's format 1.
///
/// Big-endian, the checksum is the CRC-32C of everything after it:
///
/// | bytes | field |
/// |---|---|
/// | 2 | version, 1 |
/// | 4 | checksum of the bytes from the count on |
/// | 4 | number of producers |
/// | 8 | producer id |
/// | 2 | producer epoch |
/// | 4 | last sequence, −1 for none |
/// | 8 | last offset, −1 for none |
/// | 4 | last offset less first offset of the last batch |
/// | 8 | last timestamp, milliseconds |
/// | 4 | coordinator epoch, −1 for none |
/// | 8 | first offset of the ongoing transaction, −1 for none |
///
/// The last eight fields come once per producer. For example one producer, id 0 at epoch 0, whose
/// last batch has the offsets 0–99:
///
/// ```
/// 0001 9160f793 00000001
/// 0000000000000000 0000 00000063 0000000000000063 00000063 000001a1fbca742e 00000000 ffffffffffffffff
/// ```
public struct ProducerSnapshot: Sendable, Hashable {
    /// What a partition knew of one producer.
    public struct Entry: Sendable, Hashable {
        /// Not negative.
        public var producerID: ProducerID
        /// `nil` for negative numbers.
        public var epoch: ProducerEpoch?
        /// The producer's last batch that is still known.
        public var lastBatch: Batch?
        /// The largest of the last batch's records, or that of the last marker.
        public var lastTimestamp: Timestamp
        /// Of the last marker; `nil` where there was none.
        public var coordinatorEpoch: Int32?
        /// `nil` unless a transaction is open.
        public var ongoingTransactionStart: Offset?

        public init(
            producerID: ProducerID, epoch: ProducerEpoch?, lastBatch: Batch?,
            lastTimestamp: Timestamp, coordinatorEpoch: Int32?, ongoingTransactionStart: Offset?
        ) {
            self.producerID = producerID
            self.epoch = epoch
            self.lastBatch = lastBatch
            self.lastTimestamp = lastTimestamp
            self.coordinatorEpoch = coordinatorEpoch
            self.ongoingTransactionStart = ongoingTransactionStart
        }
    }

    /// A producer's last batch: enough to know its repetition by.
    public struct Batch: Sendable, Hashable {
        /// The sequence number of its last record.
        public var lastSequence: SequenceNumber
        /// The offset of its last record.
        public var lastOffset: Offset
        /// The last offset less the first; not negative.
        public var offsetDelta: Int32

        public init(lastSequence: SequenceNumber, lastOffset: Offset, offsetDelta: Int32) {
            self.lastSequence = lastSequence
            self.lastOffset = lastOffset
            self.offsetDelta = offsetDelta
        }
    }

    static let version: Int16 = 1
    static let headByteCount = 10
    static let entryByteCount = 46
    /// Room for more than five million producers.
    static let byteLimit = 256 << 20

    /// In the order of the file.
    public var entries: [Entry]

    public init(entries: [Entry]) { self.entries = entries }

    /// The file's name for a snapshot that covers everything below `offset`.
    public static func name(at offset: Offset) -> String {
        let digits = String(offset.rawValue)
        return String(repeating: "0", count: max(0, 20 - digits.count)) + digits + ".snapshot"
    }

    /// The offset a snapshot's name stands for; `nil` for other names.
    public static func offset(ofName name: String) -> Offset? {
        guard name.hasSuffix(".snapshot"), name.utf8.count == 29 else { return nil }
        let digits = name.utf8.prefix(20)
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self)).map { Offset($0) }
    }

    /// The snapshot at `offset` in a partition's folder; `nil` where there is none.
    ///
    /// - Throws: `.malformed` for a bad checksum or length: delete the file and take the next
    ///   older one, the batches in between tell the rest.
    public static func read(
        at offset: Offset, on disk: any Disk, folder: String
    ) throws(SideFileError) -> ProducerSnapshot? {
        let path = "\(folder)/\(name(at: offset))"
        guard let bytes = try disk.readSideFile(path, limit: byteLimit) else { return nil }
        return try ProducerSnapshot(parsing: bytes, path: path)
    }

    /// Writes the snapshot durably; an older one of the same offset is replaced.
    public func write(
        at offset: Offset, on disk: any Disk, folder: String
    ) throws(SideFileError) {
        try disk.replaceSideFile("\(folder)/\(Self.name(at: offset))", with: encoded)
    }
}
