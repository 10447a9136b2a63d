import Disk
import IORing
import LinuxDisk
import Records
import SegmentStore
import Vocabulary

/// Appends to logs as a host does: as many batches as the window allows, then a commit, then what
/// the disk has completed.
final class StoreAppend: TailRounds {
    private let disk: LinuxDisk
    let store: Store
    private(set) var logs: [Log] = []
    private let templates: BatchTemplates
    private let durability: Durability
    private let now = Timestamp(1_700_000_000_000)
    /// When the batches of each log that wait for their acknowledgement were appended.
    private var waiting: [[(end: Offset, start: UInt64)]]
    private var heads: [Int]
    private var outstanding = 0
    private var latencies = Latencies()
    private var failure: StoreError?

    init(
        folder: String, logs count: Int, templates: BatchTemplates, durability: Durability,
        settings: BenchSettings, usesJournal: Bool = false, segmentBytes: Int? = nil
    ) throws(BenchError) {
        do throws(IORingError) {
            disk = try LinuxDisk()
        } catch {
            throw .ring(error)
        }
        self.templates = templates
        self.durability = durability
        waiting = Array(repeating: [], count: count)
        heads = Array(repeating: 0, count: count)
        var storeSettings = StoreSettings()
        storeSettings.pageCacheBudget = settings.pageCacheBudget
        storeSettings.writeBehindBytes = settings.writeBehindBytes
        storeSettings.recoveryPointBytes = settings.syncBytes
        store = Store(disk: disk, settings: storeSettings)
        var logSettings = LogSettings()
        logSettings.durability = durability
        if let segmentBytes { logSettings.segmentBytes = segmentBytes }
        if usesJournal { store.startJournal(JournalSettings(folder: folder, shard: 0)) }
        do throws(StoreError) {
            for index in 0..<count {
                let log = try store.createLog(
                    folder: "\(folder)/bench-\(index)", topicID: TopicID(high: 1, low: 1),
                    settings: logSettings, leaderEpoch: .zero, now: now)
                log.onProgress = { [unowned self] log in progressed(log, index) }
                logs.append(log)
            }
        } catch {
            throw .store(error)
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
            store.commit()
            if outstanding > 0 {
                disk.wait()
                store.drain()
            }
            if let failure { throw .store(failure) }
            try Interruption.check()
        }
        return RoundOutcome(
            cost: meter.cost(bytes: count * templates.byteCount, operations: count),
            latencies: latencies)
    }

    /// Appends one batch without waiting for anything.
    func append(_ number: Int) throws(BenchError) {
        let log = logs[number % logs.count]
        let start = Nanoseconds.now
        do throws(StoreError) {
            let range = try log.append(
                templates.header, bytes: [templates.batches[number % templates.batches.count]],
                leaderEpoch: .zero, now: now)
            waiting[number % logs.count].append((range.last + 1, start))
            outstanding += 1
        } catch {
            throw .store(error)
        }
    }

    private func progressed(_ log: Log, _ index: Int) {
        failure = failure ?? log.failure
        let end = durability == .sync ? log.durableEnd : log.writtenEnd
        let stop = Nanoseconds.now
        while heads[index] < waiting[index].count, waiting[index][heads[index]].end <= end {
            latencies.record(nanoseconds: stop - waiting[index][heads[index]].start)
            heads[index] += 1
            outstanding -= 1
        }
        if heads[index] == waiting[index].count {
            waiting[index].removeAll(keepingCapacity: true)
            heads[index] = 0
        }
    }

    func appendAndRead(_ number: Int, into buffer: DiskBuffer) throws(BenchError) {
        let log = logs[number % logs.count]
        let from = log.logEnd
        try append(number)
        try commit()
        do throws(StoreError) {
            let found = try log.read(
                from: from, upTo: log.writtenEnd, maxBytes: buffer.count, minOneBatch: true)
            for region in found.regions { try region.read(into: buffer) }
        } catch {
            throw .store(error)
        }
    }

    /// Closes the logs; what was written is on the device then.
    func close() throws(BenchError) {
        store.close(now: now)
        defer { disk.close() }
        for log in logs {
            if let failure = log.failure { throw .store(failure) }
        }
    }

    /// Ends a tick and waits until every append is acknowledged.
    private func commit() throws(BenchError) {
        repeat {
            store.commit()
            if outstanding > 0 {
                disk.wait()
                store.drain()
            }
            if let failure { throw .store(failure) }
        } while outstanding > 0
    }

    /// Leaves the logs as a crash leaves them.
    func abandon() {
        store.commit()
        while disk.inFlight > 0 {
            disk.wait()
            store.drain()
        }
        disk.close()
    }
}
