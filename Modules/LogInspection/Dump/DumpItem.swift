import Compression
import Metadata
import Records
import SegmentStore
import Vocabulary

/// One thing that a dump shows. Each has a line of text and a JSON object.
enum DumpItem {
    case file(path: String, InspectedFile)
    case batch(BatchHeader, position: Int, computedChecksum: UInt32)
    case record(Record, BatchHeader, ControlRecord?)
    case metadata(MetadataRecord, at: Offset?)
    case offsetEntry(Offset, position: Int)
    case timeEntry(Timestamp, Offset)
    case abortedTransaction(AbortedTransaction)
    case producer(ProducerSnapshot.Entry)
    case epoch(LeaderEpochCache.Entry)
    case checkpoint(TopicPartition, Offset)
    /// A log in the manifest.
    case outline(LogOutline)
    case changedLog(TopicPartition)
    case journalHeader(JournalFileReader.Header)
    case journalWrite(JournalFileReader.Write)
    case journalEntry(JournalFileReader.Entry)
    /// A line of a properties file, or one that is shown like it.
    case property(key: String, value: String)
    case finding(Finding)
}

/// An entry of a `.txnindex` file, 34 bytes, big-endian (Kafka's `AbortedTxn`).
///
///     0  2  version, 0            10  8  first offset of the transaction
///     2  8  producer id           18  8  offset of its abort marker
///                                 26  8  last stable offset when it was aborted
///
/// Producer 1 aborted the offsets from 101 on with the marker at 201:
///
///     0000 0000000000000001 0000000000000065 00000000000000C9 00000000000000CA
struct AbortedTransaction: Equatable {
    static let byteCount = 34

    var version: Int16
    var producerID: ProducerID
    var firstOffset: Offset
    var lastOffset: Offset
    var lastStableOffset: Offset

    init(reading bytes: ArraySlice<UInt8>) {
        precondition(bytes.count == Self.byteCount, "an entry has 34 bytes")
        version = bytes.bigEndian(at: 0, as: Int16.self)
        producerID = ProducerID(bytes.bigEndian(at: 2, as: Int64.self))
        firstOffset = Offset(bytes.bigEndian(at: 10, as: Int64.self))
        lastOffset = Offset(bytes.bigEndian(at: 18, as: Int64.self))
        lastStableOffset = Offset(bytes.bigEndian(at: 26, as: Int64.self))
    }
}
