import Compression
import Records
import Vocabulary

/// The first pass of a compaction: gathers the newest offset of every key in the part that was not
/// compacted before, until the part or the memory ends.
struct KeyScan {
    private let plan: CompactionPlan
    private let keys: KeyOffsets
    private let decompressor: Decompressor
    private var transactions: TransactionWalk
    /// Everything below was taken up.
    private(set) var end: Offset
    /// Whether a key found no room: what follows waits for another run.
    private(set) var isFull = false

    init(
        _ plan: CompactionPlan, keys: KeyOffsets, aborted: [AbortedTransaction],
        decompressor: Decompressor
    ) {
        self.plan = plan
        self.keys = keys
        self.decompressor = decompressor
        end = plan.candidate.firstDirtyOffset
        transactions = TransactionWalk(aborted, from: end)
    }

    /// Takes up the next batch.
    ///
    /// - Returns: `false` for the abort of a transaction that no index names: its records were
    ///   taken for committed ones and would displace older values.
    mutating func take(_ batch: BatchView) throws(RecordError) -> Bool {
        let header = batch.header
        let start = plan.candidate.firstDirtyOffset
        guard header.lastOffset >= start else { return true }
        if header.attributes.isControl {
            let record = try batch.controlRecord(
                decompressor: decompressor, limit: plan.decompressedBatchLimit)
            if transactions.passesMarker(header, record) == .unknownAbort { return false }
        } else if !transactions.passes(header) {
            try takeKeys(batch, from: start)
        }
        if !isFull { end = max(end, header.nextOffset) }
        return true
    }

    /// Nothing follows up to the next segment.
    mutating func finish(_ source: CompactionPlan.Source) { end = max(end, source.end) }

    private mutating func takeKeys(_ batch: BatchView, from start: Offset) throws(RecordError) {
        var firstLeftOut: Offset?
        try batch.forEachRecord(
            decompressor: decompressor, limit: plan.decompressedBatchLimit
        ) { record in
            let offset = record.offset(in: batch.header)
            guard offset >= start, let key = record.key else { return true }
            if keys.put(key, offset) { return true }
            firstLeftOut = offset
            return false
        }
        guard let firstLeftOut else { return }
        isFull = true
        end = max(end, firstLeftOut)
    }
}
