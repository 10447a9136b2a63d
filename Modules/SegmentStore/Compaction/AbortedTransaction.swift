import Disk
import Vocabulary

/// A transaction that was aborted: an entry of a segment's `.txnindex` file.
///
/// Entries of 34 bytes in the order of their markers, big-endian (Kafka's `AbortedTxn`):
///
///      0  2  version, 0
///      2  8  producer id
///     10  8  first offset of the transaction
///     18  8  offset of its marker
///     26  8  last stable offset when the marker was written
struct AbortedTransaction: Sendable, Hashable {
    var producerID: ProducerID
    var firstOffset: Offset
    var lastOffset: Offset
    var lastStableOffset: Offset

    static let byteCount = 34

    /// Reads a file; `nil` if it is none of this form. Zeros behind the entries are a preallocated
    /// tail.
    static func parse(_ bytes: [UInt8]) -> [AbortedTransaction]? {
        var entries: [AbortedTransaction] = []
        var position = 0
        while position < bytes.count {
            if bytes[position...].allSatisfy({ $0 == 0 }) { return entries }
            guard position + byteCount <= bytes.count else { return nil }
            let version: Int16 = bytes.bigEndian(at: position)
            let producer: Int64 = bytes.bigEndian(at: position + 2)
            let first: Int64 = bytes.bigEndian(at: position + 10)
            let last: Int64 = bytes.bigEndian(at: position + 18)
            let stable: Int64 = bytes.bigEndian(at: position + 26)
            guard version == 0, producer >= 0, first >= 0, last >= first else { return nil }
            entries.append(
                AbortedTransaction(
                    producerID: ProducerID(producer), firstOffset: Offset(first),
                    lastOffset: Offset(last), lastStableOffset: Offset(stable)))
            position += byteCount
        }
        return entries
    }

    static func encode(_ entries: [AbortedTransaction]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.count * byteCount)
        for entry in entries {
            bytes.appendBigEndian(Int16(0))
            bytes.appendBigEndian(entry.producerID.rawValue)
            bytes.appendBigEndian(entry.firstOffset.rawValue)
            bytes.appendBigEndian(entry.lastOffset.rawValue)
            bytes.appendBigEndian(entry.lastStableOffset.rawValue)
        }
        return bytes
    }
}

extension Segment {
    static let transactionIndexByteLimit = 64 << 20

    /// Drops the entries of transactions whose markers are no longer there, durably: the segment
    /// ends at `end`. Nothing happens where there are none.
    ///
    /// An entry that stayed would take later records of the producer for aborted ones. A file of
    /// another form is left alone; compaction refuses it.
    func cutTransactionIndex(to end: Offset) throws(StoreError) {
        let (disk, path) = (store.disk, path(.txnindex))
        try onSideFiles { () throws(SideFileError) in
            guard
                let bytes = try disk.readSideFile(path, limit: Self.transactionIndexByteLimit),
                let entries = AbortedTransaction.parse(bytes)
            else { return }
            let kept = entries.filter { $0.lastOffset < end }
            guard kept.count < entries.count else { return }
            try disk.replaceSideFile(path, with: AbortedTransaction.encode(kept))
        }
    }
}
