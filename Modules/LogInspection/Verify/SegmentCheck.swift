import Compression
import Disk
import Records
import SegmentStore
import Vocabulary

/// Reads one segment whole and checks everything in it that needs no other file than its own.
///
/// Belongs to one thread. Memory is bounded by the largest batch, what it decompresses to, and the
/// index files.
struct SegmentCheck {
    private let plan: SegmentPlan
    private let disk: any Disk
    private let options: VerifyOptions
    private let decompressor: Decompressor
    private var result = SegmentResult()
    private var order: OffsetOrder
    private let path: String

    init(
        _ plan: SegmentPlan, on disk: any Disk, options: VerifyOptions, decompressor: Decompressor
    ) {
        self.plan = plan
        self.disk = disk
        self.options = options
        self.decompressor = decompressor
        order = OffsetOrder(base: plan.base)
        path = plan.path(.log)
    }

    /// - Parameter progress: takes how many bytes more were read.
    mutating func run(progress: (Int) -> Void) -> SegmentResult {
        do throws(DiskError) {
            try walk(progress)
        } catch {
            unreadable(error)
        }
        return result
    }

    private mutating func walk(_ progress: (Int) -> Void) throws(DiskError) {
        var indexes = try IndexCheck(plan, on: disk)
        var transactions = try TransactionCheck(plan, on: disk)
        let window = try FileWindow(path, on: disk)
        var walk = BatchWalk(window)
        var isWhole = true
        var position = 0
        while true {
            let step: BatchWalk.Step?
            do throws(DiskError) {
                step = try walk.next()
            } catch {
                damage(walk.position, "cannot be read: \(error)")
                isWhole = false
                break
            }
            guard let step else { break }
            switch step {
            case .batch(let header, let start, let batch):
                if let last = result.doubts.indices.last, result.doubts[last].nextOffset == nil {
                    result.doubts[last].nextOffset = header.baseOffset
                }
                blame(order.take(header, at: start))
                take(header, at: start)
                indexes.take(
                    position: start, lastOffset: header.lastOffset,
                    maxTimestamp: header.maxTimestamp, byteCount: header.byteCount)
                if let batch { check(batch, at: start, &transactions) }
            case .damage(let start, let end, let header, let reason):
                isWhole = false
                blame(order.noteDamage())
                if plan.next == nil, result.doubts.count < options.findingLimit {
                    result.doubts.append(
                        SegmentResult.Doubt(
                            position: start, offset: order.expected, reason: reason,
                            isTail: end == window.byteCount,
                            looksTorn: try looksTorn(window, start, header)))
                } else {
                    damage(start, reason)
                }
            case .zeros: break
            }
            progress(walk.position - position)
            position = walk.position
        }
        result.byteCount = window.byteCount
        blame(order.finish(next: plan.next))
        if order.hasGaps { result.isCompacted = true }
        if result.end != nil { result.end = order.expected }
        // A batch whose place in the log is in doubt does not make the indexes wrong.
        let isClosed = plan.next != nil || plan.wasClosed
        indexes.finish(
            isWhole: isWhole && result.findings.isEmpty, isClosed: isClosed)
        transactions.finish(
            isWhole: isWhole && result.findings.isEmpty, isCompacted: result.isCompacted)
        result.sparseIndex = options.isLive && plan.next == nil ? nil : indexes.sparseness
        for finding in indexes.findings + transactions.findings {
            // A broker writes the indexes of its active segment when it likes.
            if options.isLive, plan.next == nil { continue }
            result.note(finding, limit: options.findingLimit)
        }
    }

    private mutating func take(_ header: BatchHeader, at position: Int) {
        result.batchCount += 1
        result.recordCount += Int(max(0, header.recordCount))
        if result.first == nil { result.first = header.baseOffset }
        result.end = header.nextOffset
        result.noteEpoch(header.leaderEpoch, at: header.baseOffset, path, position)
        if Int64(header.recordCount) != Int64(header.lastOffsetDelta) + 1
            || header.attributes.hasDeleteHorizon
        {
            result.isCompacted = true
        }
    }

    // MARK: - Records

    private mutating func check(
        _ batch: BatchView, at position: Int, _ transactions: inout TransactionCheck
    ) {
        let header = batch.header
        var last: Int32 = -1
        var largest = Timestamp(.min)
        var control: ControlRecord?
        var fault: String?
        do throws(RecordError) {
            try batch.forEachRecord(
                decompressor: decompressor, limit: options.decompressedLimit
            ) { record in
                if record.offsetDelta <= last || record.offsetDelta > header.lastOffsetDelta {
                    fault = "the record at offset \(record.offset(in: header)) is out of order"
                }
                last = record.offsetDelta
                largest = max(largest, record.timestamp(in: header))
                if header.attributes.isControl, control == nil { control = ControlRecord(record) }
                return fault == nil
            }
        } catch {
            fault = error.explanation
        }
        if header.recordCount > 0, fault == nil {
            if header.attributes.timestampType == .createTime, largest != header.maxTimestamp {
                fault = """
                    the largest timestamp of the records is \(largest), the header says \
                    \(header.maxTimestamp)
                    """
            } else if header.attributes.isControl, control == nil {
                fault = "a control batch without a control record"
            }
        }
        if let fault { damage(position, fault) }
        transactions.take(header, control)
    }

    // MARK: - Findings

    private mutating func blame(_ fault: (Int, String)?) {
        if let (position, reason) = fault { damage(position, reason) }
    }

    private mutating func damage(_ position: Int, _ reason: String) {
        result.note(
            Finding(.damage, path, .byte(position), reason), limit: options.findingLimit)
    }

    private mutating func unreadable(_ error: DiskError) {
        let isGone = options.isLive && error.isMissing
        result.note(
            Finding(
                isGone ? .notice : .damage, error.path, .wholeFile,
                isGone ? "was deleted meanwhile" : "cannot be read: \(error)"),
            limit: options.findingLimit)
    }

    /// Whether a crash can have left the bytes: the file ends too early, or a sector of 512 bytes
    /// reads as zeros.
    private func looksTorn(
        _ window: FileWindow, _ start: Int, _ header: BatchHeader?
    ) throws(DiskError) -> Bool {
        let end = start + (header?.byteCount ?? BatchHeader.byteCount)
        guard end <= window.byteCount else { return true }
        var sector = start
        while sector < end {
            let sectorEnd = (sector / 512 + 1) * 512
            let bytes = try window.bytes(at: sector, count: sectorEnd - sector)
            if bytes.isEmpty || bytes.allSatisfy({ $0 == 0 }) { return true }
            sector = sectorEnd
        }
        return false
    }
}
