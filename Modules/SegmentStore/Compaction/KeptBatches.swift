import Compression
import Records
import Vocabulary

/// Decides, batch by batch, what of a log stays in a compaction: Kafka's rules (`Cleaner`, 4.x),
/// and one more: the last batch of a group stays, emptied if need be, so that the segment tells
/// how far it reaches when a swap has to be finished after a crash.
struct KeptBatches {
    enum Verdict {
        /// The stored bytes stay as they are.
        case kept
        /// These bytes take the place of the batch.
        case changed([UInt8])
        case dropped
    }

    private let plan: CompactionPlan
    private let keys: KeyOffsets
    /// Above this offset the keys were not looked at: everything stays.
    private let mappedEnd: Offset
    private let filter: BatchFilter
    private let decompressor: Decompressor
    private var transactions: TransactionWalk

    private(set) var recordsRead = 0
    private(set) var recordsKept = 0
    private(set) var recordsWithoutKey = 0

    init(
        _ plan: CompactionPlan, keys: KeyOffsets, mappedEnd: Offset,
        transactions: TransactionWalk, compressor: Compressor, decompressor: Decompressor
    ) {
        self.plan = plan
        self.keys = keys
        self.mappedEnd = mappedEnd
        self.transactions = transactions
        self.decompressor = decompressor
        filter = BatchFilter(compressor: compressor, decompressor: decompressor)
    }

    /// The aborted transactions whose markers were met since this was asked last.
    mutating func takeAborted() -> [AbortedTransaction] { transactions.takeMarked() }

    /// - Parameter isLast: whether nothing of the group follows.
    mutating func judge(_ batch: BatchView, isLast: Bool) throws(RecordError) -> Verdict {
        let header = batch.header
        var dropsAll: Bool
        var horizon = BatchFilter.Horizon(plan.newHorizon)
        if header.attributes.isControl {
            let record = try batch.controlRecord(
                decompressor: decompressor, limit: plan.decompressedBatchLimit)
            // A marker without a transaction goes, but not before its horizon has passed.
            horizon.isUnconditional = transactions.passesMarker(header, record) != .needed
            dropsAll =
                horizon.isUnconditional && header.deleteHorizon.map { $0 <= plan.now } ?? false
        } else {
            dropsAll = transactions.passes(header)
        }
        recordsRead += Int(header.recordCount)
        let verdict = try dropsAll ? .empty : filtered(batch, horizon)
        switch verdict {
        case .unchanged:
            recordsKept += Int(header.recordCount)
            return .kept
        case .changed(let bytes):
            return .changed(bytes)
        case .empty:
            let staysEmpty =
                isLast || isLastOfProducer(header) || header.nextOffset == plan.candidate.end
            guard staysEmpty else { return .dropped }
            let isEmptyAlready = header.recordCount == 0 && header.attributes.codec == .none
            return isEmptyAlready ? .kept : .changed(header.emptied)
        }
    }

    private mutating func filtered(
        _ batch: BatchView, _ horizon: BatchFilter.Horizon
    ) throws(RecordError) -> BatchFilter.Outcome {
        let header = batch.header
        guard header.recordCount > 0 else { return .empty }
        var kept = 0
        var withoutKey = 0
        let outcome = try filter.filtered(
            batch, horizon: horizon, limit: plan.decompressedBatchLimit
        ) { record in
            let stays = header.attributes.isControl || keeps(record, header, &withoutKey)
            if stays { kept += 1 }
            return stays
        }
        if case .changed = outcome { recordsKept += kept }
        recordsWithoutKey += withoutKey
        return outcome
    }

    private func keeps(
        _ record: RecordView, _ header: BatchHeader, _ withoutKey: inout Int
    ) -> Bool {
        let offset = record.offset(in: header)
        guard offset < mappedEnd else { return true }
        guard let key = record.key else {
            withoutKey += 1
            return false
        }
        if let newest = keys.offset(of: key), offset < newest { return false }
        if record.value != nil { return true }
        return header.deleteHorizon.map { plan.now < $0 } ?? true
    }

    /// Whether this is what a log knows a live producer's last sequence from, or its epoch.
    private func isLastOfProducer(_ header: BatchHeader) -> Bool {
        guard let producer = header.producerID, let last = plan.producers[producer] else {
            return false
        }
        if let offset = last.lastOffset { return header.lastOffset == offset }
        return header.attributes.isControl && header.producerEpoch == last.epoch
    }
}

extension BatchView {
    /// What a control batch says; `nil` for one that was emptied, and for other batches.
    func controlRecord(
        decompressor: Decompressor, limit: Int
    ) throws(RecordError) -> ControlRecord? {
        guard header.attributes.isControl else { return nil }
        var found: ControlRecord?
        try forEachRecord(decompressor: decompressor, limit: limit) { record in
            found = ControlRecord(record)
            return false
        }
        return found
    }
}
