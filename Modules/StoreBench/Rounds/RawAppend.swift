import CLinux
import Disk
import Glibc
import IORing
import Vocabulary

/// The raw limit of appending through the page cache: the same bytes in the same portions to as
/// many files, by pwrite(2), with the syncs, the write-behind and the page budget that the
/// durability asks of the store. No batch is looked at, no index kept, no offset given.
final class RawAppend: TailRounds {
    private struct Target {
        let file: RawFile
        var written = 0
        var syncStarted = 0
        var synced = 0
        var writtenBack = 0
        var isSyncing = false
        /// The syncs' goal and the start of each batch that waits for it.
        var waiting: [(end: Int, start: UInt64)] = []
        var head = 0
    }

    private let ring: IORing
    private var targets: [Target] = []
    private let templates: BatchTemplates
    private let isDurable: Bool
    private let settings: BenchSettings
    private var outstanding = 0
    private var latencies = Latencies()
    /// Ranges whose write-back was started, oldest first; dropped beyond the budget.
    private var cached: [(target: Int, start: Int, count: Int)] = []
    private var firstCached = 0
    private var cachedBytes = 0

    init(
        folder: String, files: Int, templates: BatchTemplates, isDurable: Bool,
        settings: BenchSettings
    ) throws(BenchError) {
        do throws(IORingError) {
            ring = try IORing()
        } catch {
            throw .ring(error)
        }
        self.templates = templates
        self.isDurable = isDurable
        self.settings = settings
        for index in 0..<files {
            targets.append(
                Target(
                    file: try RawFile(
                        "\(folder)/raw-\(index)", flags: O_RDWR | O_CREAT | O_TRUNC)))
        }
    }

    func run(count: Int, inFlight: Int) throws(BenchError) -> RoundOutcome {
        latencies = Latencies()
        let meter = Meter()
        var appended = 0
        while appended < count || outstanding > 0 {
            while appended < count, outstanding < inFlight {
                try append(appended)
                appended += 1
            }
            try commit()
            try Interruption.check()
        }
        return RoundOutcome(
            cost: meter.cost(bytes: count * templates.byteCount, operations: count),
            latencies: latencies)
    }

    /// Ends a tick as a store does: starts what is due, takes in what is done.
    func commit() throws(BenchError) {
        for index in targets.indices {
            advance(index)
            if !isDurable { acknowledge(index, upTo: targets[index].written) }
        }
        ring.submit()
        if outstanding > 0 { ring.wait() }
        try drain()
    }

    func append(_ number: Int) throws(BenchError) {
        let index = number % targets.count
        let start = Nanoseconds.now
        let batch = templates.batches[number % templates.batches.count]
        try batch.withUnsafeBytes { bytes throws(BenchError) in
            try targets[index].file.write(bytes, at: targets[index].written)
        }
        targets[index].written += batch.count
        targets[index].waiting.append((targets[index].written, start))
        outstanding += 1
    }

    /// Starts the sync and the write-back that are due.
    private func advance(_ index: Int) {
        let target = targets[index]
        let isSyncDue =
            isDurable
            ? target.written > target.syncStarted
            : target.written - target.syncStarted >= settings.syncBytes
        if isSyncDue, !target.isSyncing {
            targets[index].isSyncing = true
            targets[index].syncStarted = target.written
            noteWriteBack(index)
            ring.enqueue(
                .sync(target.file.descriptor, dataOnly: true), userData: UInt64(index),
                keeping: target.file)
        }
        let dirty = target.written - targets[index].writtenBack
        if dirty >= settings.writeBehindBytes {
            ring.enqueue(
                .startWriteBack(
                    target.file.descriptor, at: UInt64(target.writtenBack), count: UInt32(dirty)),
                userData: .max, keeping: target.file)
            noteWriteBack(index)
        }
    }

    private func noteWriteBack(_ index: Int) {
        let target = targets[index]
        let count = target.written - target.writtenBack
        guard count > 0 else { return }
        targets[index].writtenBack = target.written
        cachedBytes += count
        cached.append((index, target.writtenBack, count))
        while cachedBytes > settings.pageCacheBudget, firstCached < cached.count {
            let oldest = cached[firstCached]
            firstCached += 1
            cachedBytes -= oldest.count
            ring.enqueue(
                .advise(
                    targets[oldest.target].file.descriptor, at: UInt64(oldest.start),
                    count: UInt32(oldest.count), .dontNeed),
                userData: .max, keeping: nil)
        }
    }

    private func drain() throws(BenchError) {
        var failure: BenchError?
        ring.drain { completion in
            guard completion.userData != .max else { return }  // hints
            let index = Int(completion.userData)
            guard completion.result >= 0 else {
                failure = .disk(
                    DiskError(
                        operation: "sync", path: targets[index].file.path,
                        code: -completion.result))
                return
            }
            targets[index].isSyncing = false
            targets[index].synced = targets[index].syncStarted
            if isDurable { acknowledge(index, upTo: targets[index].synced) }
        }
        if let failure { throw failure }
    }

    private func acknowledge(_ index: Int, upTo end: Int) {
        let stop = Nanoseconds.now
        while targets[index].head < targets[index].waiting.count,
            targets[index].waiting[targets[index].head].end <= end
        {
            latencies.record(
                nanoseconds: stop - targets[index].waiting[targets[index].head].start)
            targets[index].head += 1
            outstanding -= 1
        }
        if targets[index].head == targets[index].waiting.count {
            targets[index].waiting.removeAll(keepingCapacity: true)
            targets[index].head = 0
        }
    }

    func appendAndRead(_ number: Int, into buffer: DiskBuffer) throws(BenchError) {
        try append(number)
        repeat { try commit() } while outstanding > 0
        let target = targets[number % targets.count]
        _ = try target.file.read(into: buffer.memory, at: target.written - buffer.count)
    }

    func close() throws(BenchError) {
        while ring.inFlight > 0 {
            ring.wait()
            try drain()
        }
        for target in targets { try target.file.sync() }
        ring.close()
    }
}
