import Compression
import Disk
import Records
import Vocabulary

/// One compaction of one log, done in small steps.
///
/// A run reads closed segments, which nobody changes, and writes new ones beside them; the log goes
/// on meanwhile. It may live on a thread of its own with a disk of its own. What it has written
/// takes its place only by `Log.replace`, on the log's thread:
///
/// ```
/// guard let candidate = try log.compactionCandidate(upTo: limit, now: now) else { return }
/// let plan = log.beginCompaction(candidate, now: now)
/// let run = CompactionRun(plan, disk: disk)
/// steps: while true {
///     switch try run.step(byteBudget: 1 << 20) {
///     case .working: continue  // throttle here
///     case .compacted(let group):
///         guard try log.replace(group) else {  // on the log's thread
///             run.cancel()
///             log.cancelCompaction(plan)
///             break steps
///         }
///     case .finished(let result):
///         log.finishCompaction(result, of: plan)  // on the log's thread
///         break steps
///     }
/// }
/// ```
///
/// On one thread with one disk, as simulations have it, anything may happen to the log between two
/// steps: appends, rolls, reads, retention, `truncate`, closing and deletion. What changed the
/// segments a run works on makes `replace` refuse, and may make `step` throw: a run whose plan is
/// no longer the log's (`Log.isCurrent`) has found nothing wrong. After a throw, of `step` or of
/// `replace`, and whenever a run is given up: `run.cancel()` and `log.cancelCompaction(plan)`. A
/// run that is dropped without leaves files ending in `.cleaned`, which the next run or opening
/// removes.
///
/// Memory: the keys of the part that is compacted, within `CompactionLimits.keyMapBytes`, two
/// buffers of `bufferBytes`, and the largest batch three times.
public final class CompactionRun {
    /// What a step came to.
    public enum Progress: Sendable {
        /// So many bytes were read and written, and there is more to do.
        case working(byteCount: Int)
        /// A group of segments is done and durable: hand it to `Log.replace`, then go on.
        case compacted(CompactedGroup)
        /// All is done; hand it to `Log.finishCompaction`.
        case finished(CompactionResult)
    }

    private enum Phase {
        case preparing
        /// The number of the source whose keys are gathered.
        case scanning(Int)
        /// The number of the group and of the source within it.
        case rewriting(group: Int, source: Int)
        case over
    }

    /// As it was given: `Log.finishCompaction` and `Log.cancelCompaction` want it back.
    public let plan: CompactionPlan
    private let disk: any Disk
    private let keys: KeyOffsets
    private let compressor = Compressor()
    private let decompressor = Decompressor()
    private let readBuffer: DiskBuffer
    private let writeBuffer: DiskBuffer

    private var phase = Phase.preparing
    private var aborted: [AbortedTransaction] = []
    private var scan: KeyScan
    private var groups: [[CompactionPlan.Source]] = []
    private var reader: BatchReader?
    private var kept: KeptBatches?
    /// What `kept` was when the group began, for a group that is read twice.
    private var keptBefore: KeptBatches?
    /// `nil` while nothing of a single segment had to be changed.
    private var cleaned: CleanedSegment?
    /// The last group that was handed out, until the next step shows that it was taken.
    private var handedOut: CleanedSegment?
    private var result: CompactionResult

    /// - Parameter disk: used by nobody else at the same time, on the thread that calls `step`.
    public init(
        _ plan: CompactionPlan, disk: any Disk, limits: CompactionLimits = CompactionLimits()
    ) {
        self.plan = plan
        self.disk = disk
        keys = KeyOffsets(byteLimit: limits.keyMapBytes, load: limits.keyMapLoad)
        let bufferBytes = max(limits.bufferBytes, BatchHeader.byteCount)
        readBuffer = DiskBuffer(count: bufferBytes)
        writeBuffer = DiskBuffer(count: bufferBytes)
        scan = KeyScan(plan, keys: keys, aborted: [], decompressor: decompressor)
        result = CompactionResult(cleanedEnd: plan.candidate.firstDirtyOffset)
    }

    /// Does about so many bytes' worth of reading and writing; waits for the device.
    ///
    /// The end of a group is one step, with the sync of its file.
    /// - Throws: `corrupt` where the log's bytes are damaged, `disk`, `outOfSpace`. The run is over
    ///   then and has removed what it wrote.
    public func step(byteBudget: Int = 1 << 20) throws(StoreError) -> Progress {
        do throws(StoreError) {
            return try advance(byteBudget)
        } catch {
            cancel()
            throw error
        }
    }

    /// Ends the run and removes what it wrote and what is not in place yet.
    public func cancel() {
        reader?.close()
        reader = nil
        cleaned?.discard()
        cleaned = nil
        // One that was taken has other names by now.
        handedOut?.discard()
        handedOut = nil
        phase = .over
    }

    private func advance(_ byteBudget: Int) throws(StoreError) -> Progress {
        handedOut = nil
        let before = result.bytesRead + result.bytesWritten
        repeat {
            switch phase {
            case .preparing:
                try prepare()
                return .working(byteCount: 0)
            case .scanning(let number):
                try scanBatch(of: number)
            case .rewriting(let group, let source):
                if group == groups.count {
                    phase = .over
                    result.cleanedEnd = scan.end
                    return .finished(result)
                }
                if source == groups[group].count {
                    if let done = try finish(group) { return .compacted(done) }
                } else {
                    try rewriteBatch(of: group, source)
                }
            case .over:
                preconditionFailure("a run takes no step after its end")
            }
        } while result.bytesRead + result.bytesWritten - before < byteBudget
        return .working(byteCount: result.bytesRead + result.bytesWritten - before)
    }

    // MARK: - Preparing

    /// Removes what earlier runs left, and learns which transactions were aborted.
    private func prepare() throws(StoreError) {
        let (disk, folder) = (disk, plan.folder)
        let names = try onDisk { () throws(DiskError) in try disk.list(folder) }.map(\.name)
        for name in names.sorted() {
            guard let parts = SegmentName.parse(name) else { continue }
            if parts.stage == .cleaned {
                // One that stayed would undo the swap of a later segment (see `FolderContents`).
                _ = try onDisk { () throws(DiskError) in
                    try disk.perform(.removeFile(path: "\(folder)/\(name)"))
                }
            } else if parts.kind == .txnindex, parts.stage == nil,
                parts.base >= plan.sources[0].base
            {
                aborted += try readAborted(name)
            }
        }
        scan = KeyScan(plan, keys: keys, aborted: aborted, decompressor: decompressor)
        let first = plan.sources.firstIndex { $0.end > plan.candidate.firstDirtyOffset }
        phase = .scanning(first ?? plan.sources.count)
    }

    private func readAborted(_ name: String) throws(StoreError) -> [AbortedTransaction] {
        let path = "\(plan.folder)/\(name)"
        let bytes = try onSideFiles { () throws(SideFileError) in
            try disk.readSideFile(path, limit: Segment.transactionIndexByteLimit) ?? []
        }
        guard let entries = AbortedTransaction.parse(bytes) else {
            throw .corrupt(
                CorruptLog(
                    path: path, position: .zero, reason: "it is not an index of transactions"))
        }
        return entries
    }

    // MARK: - The first pass

    private func scanBatch(of number: Int) throws(StoreError) {
        guard number < plan.sources.count, !scan.isFull else {
            return beginRewriting()
        }
        let source = plan.sources[number]
        let reader = try opened(source)
        guard let batch = try reader.read() else {
            scan.finish(source)
            closeReader()
            phase = .scanning(number + 1)
            return
        }
        result.bytesRead += batch.header.byteCount
        let isKnown = try reader.onRecords { () throws(RecordError) in try scan.take(batch) }
        guard isKnown else {
            throw reader.damage(
                "it aborts a transaction that no .txnindex file names: its records cannot be told "
                    + "from committed ones")
        }
    }

    private func beginRewriting() {
        closeReader()
        groups = CompactionPlan.groups(of: plan.sources, below: scan.end, plan.limits)
        result.segmentsBefore = groups.reduce(0) { $0 + $1.count }
        kept = KeptBatches(
            plan, keys: keys, mappedEnd: scan.end,
            transactions: TransactionWalk(aborted, from: plan.sources[0].base),
            compressor: compressor, decompressor: decompressor)
        phase = .rewriting(group: 0, source: 0)
    }

    // MARK: - The second pass

    private func rewriteBatch(of number: Int, _ index: Int) throws(StoreError) {
        let group = groups[number]
        let isFirst = index == 0 && reader == nil
        if isFirst, cleaned == nil {
            keptBefore = kept
            // A single segment is read to see whether anything has to change at all.
            if group.count > 1 { cleaned = try makeSegment(for: group) }
        }
        let reader = try opened(group[index])
        guard let batch = try reader.read() else {
            reader.dropFromCache()
            closeReader()
            phase = .rewriting(group: number, source: index + 1)
            return
        }
        result.bytesRead += batch.header.byteCount
        let isLast = reader.isAtEnd && group[(index + 1)...].allSatisfy { $0.byteCount == 0 }
        let verdict = try reader.onRecords { () throws(RecordError) in
            try judge(batch, isLast: isLast)
        }
        if case .kept = verdict {
            try cleaned?.append(batch.bytes, batch.header)
            result.bytesWritten += cleaned == nil ? 0 : batch.bytes.count
            return
        }
        guard let cleaned else {
            // The first change: from the beginning once more, and written this time.
            closeReader()
            kept = keptBefore
            cleaned = try makeSegment(for: group)
            return
        }
        guard case .changed(let bytes) = verdict else { return }
        let written: Result<Void, StoreError> = bytes.withUnsafeBytes { bytes in
            Result { () throws(StoreError) in
                let header = try reader.onRecords { () throws(RecordError) in
                    try BatchHeader(reading: bytes)
                }
                try cleaned.append(bytes, header)
            }
        }
        try written.get()
        result.bytesWritten += bytes.count
    }

    private func judge(
        _ batch: BatchView, isLast: Bool
    ) throws(RecordError) -> KeptBatches.Verdict {
        guard let verdict = try kept?.judge(batch, isLast: isLast) else {
            preconditionFailure("batches are judged after the keys were gathered")
        }
        return verdict
    }

    private func makeSegment(
        for group: [CompactionPlan.Source]
    ) throws(StoreError) -> CleanedSegment {
        let (disk, folder) = (disk, plan.folder)
        let free = try onDisk { () throws(DiskError) in try disk.freeSpace(at: folder) }
        // The old files go only after the new one is in place.
        let needed = group.reduce(0) { $0 + $1.byteCount }
        guard free - plan.reservedBytes >= needed else { throw .outOfSpace(path: folder) }
        return try CleanedSegment(
            base: group[0].base, folder: folder, disk: disk,
            interval: plan.limits.indexInterval, buffer: writeBuffer)
    }

    /// Makes the new segment durable; `nil` if the one there was is right as it is.
    private func finish(_ number: Int) throws(StoreError) -> CompactedGroup? {
        phase = .rewriting(group: number + 1, source: 0)
        result.segmentsAfter += 1
        let aborted = kept?.takeAborted() ?? []
        if let kept {
            result.recordsRead = kept.recordsRead
            result.recordsKept = kept.recordsKept
            result.recordsWithoutKey = kept.recordsWithoutKey
        }
        guard let cleaned else { return nil }
        // Also an empty one: if the process ends while the old files are being set aside, the new
        // segment must not be left with the old one's, whose markers may be gone.
        let hasIndex = !self.aborted.isEmpty
        try cleaned.seal(aborted, hasTransactionIndex: hasIndex)
        self.cleaned = nil
        handedOut = cleaned
        return CompactedGroup(
            plan: plan.number, sources: groups[number],
            kinds: [.index, .timeindex] + (hasIndex ? [.txnindex] : []) + [.log],
            byteCount: cleaned.byteCount)
    }

    // MARK: - Reading

    private func opened(_ source: CompactionPlan.Source) throws(StoreError) -> BatchReader {
        if let reader { return reader }
        let made = try BatchReader(source, in: plan.folder, disk: disk, buffer: readBuffer)
        reader = made
        return made
    }

    private func closeReader() {
        reader?.close()
        reader = nil
    }
}
