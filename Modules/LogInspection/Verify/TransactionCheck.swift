import Disk
import Records
import Vocabulary

/// Checks a `.txnindex` file against the transactions in its segment.
struct TransactionCheck {
    private let path: String?
    private var entries: [AbortedTransaction] = []
    /// Where transactions that are open began, as far as the segment tells.
    private var open: [ProducerID: Offset] = [:]
    private var matched: Set<Int> = []
    private let base: Offset
    private(set) var findings: [Finding] = []

    init(_ plan: SegmentPlan, on disk: any Disk) throws(DiskError) {
        base = plan.base
        guard plan.kinds.contains(.txnindex) else {
            path = nil
            return
        }
        let path = plan.path(.txnindex)
        self.path = path
        let window = try FileWindow(path, on: disk)
        var position = 0
        while position < window.byteCount {
            let bytes = Array(try window.bytes(at: position, count: AbortedTransaction.byteCount))
            guard bytes.count == AbortedTransaction.byteCount else {
                findings.append(
                    Finding(.damage, path, .byte(position), "the file ends within an entry"))
                return
            }
            entries.append(AbortedTransaction(reading: bytes[...]))
            position += bytes.count
        }
    }

    var isNeeded: Bool { !entries.isEmpty }

    mutating func take(_ header: BatchHeader, _ control: ControlRecord?) {
        guard isNeeded, header.attributes.isTransactional, let producer = header.producerID else {
            return
        }
        guard header.attributes.isControl else {
            if open[producer] == nil { open[producer] = header.baseOffset }
            return
        }
        let began = open.removeValue(forKey: producer)
        guard case .endTransaction(isCommit: false, _) = control else { return }
        for (index, entry) in entries.enumerated() where entry.lastOffset == header.lastOffset {
            let others = open.values.min()
            let firstIsRight = began.map { $0 == entry.firstOffset } ?? (entry.firstOffset < base)
            // A transaction that began in an earlier segment may be the one that is stable up to.
            let stableIsRight =
                entry.lastStableOffset == others ?? header.nextOffset
                || entry.lastStableOffset < base
            guard entry.version == 0, entry.producerID == producer, firstIsRight, stableIsRight
            else { continue }
            matched.insert(index)
        }
    }

    mutating func finish(isWhole: Bool, isCompacted: Bool) {
        guard let path else { return }
        for (index, entry) in entries.enumerated() where !matched.contains(index) {
            // Compaction removes the batches of aborted transactions before their entries.
            guard isWhole, !isCompacted || entry.version != 0 else { continue }
            findings.append(
                Finding(
                    .damage, path, .byte(index * AbortedTransaction.byteCount),
                    """
                    no transaction of producer \(entry.producerID) from offset \
                    \(entry.firstOffset) on was aborted at offset \(entry.lastOffset)
                    """))
        }
    }
}
