import Disk
import SegmentStore
import Simulation
import Vocabulary

/// One life of a process that serves logs: it does for the store what a broker does, and keeps
/// the model up to date with what the store tells it.
final class SimulatedHost {
    static let folder = "/data"

    let disk: WatchedDisk
    let store: Store
    var model: Model
    var now: Timestamp
    /// In the order they were opened.
    private(set) var logs: [Log] = []
    var catalogue = Catalogue()
    private(set) var checkpointIsDue = false
    /// The compaction under way.
    var compaction: (log: Log, plan: CompactionPlan, run: CompactionRun)?
    /// The first promise found broken in a callback.
    var violation: Violation?
    let trace: ((String) -> Void)?

    /// `nil` for a store without a journal.
    let journal: JournalSettings?

    init(
        disk: WatchedDisk, settings: RunSettings, journalID: UInt64, model: Model, now: Timestamp,
        trace: ((String) -> Void)?
    ) {
        journal = settings.journal(id: journalID)
        self.disk = disk
        self.model = model
        self.now = now
        self.trace = trace
        store = Store(disk: disk, settings: settings.store)
        store.onRecoveryPoint = { [unowned self] _ in checkpointIsDue = true }
    }

    func log(named name: TopicPartition) -> Log? { logs.first { $0.topicPartition == name } }

    /// Takes a log in: what it tells goes to the model.
    func add(_ log: Log) {
        logs.append(log)
        log.onProgress = { [unowned self] log in noteProgress(of: log) }
        log.onCutBack = { [unowned self] log, offset in
            trace?("  \(log.topicPartition) was cut back to \(offset)")
            model[log.topicPartition].removeBatches(from: offset.rawValue)
        }
    }

    func remove(_ log: Log) { logs.removeAll { $0 === log } }

    private func noteProgress(of log: Log) {
        guard model.index(of: log.topicPartition) != nil else { return }
        var known = model[log.topicPartition]
        let written = log.writtenEnd.rawValue
        let durable = log.durableEnd.rawValue
        if known.truncation == nil, durable < known.durableEnd || written < known.writtenEnd {
            violation = Violation("\(log.topicPartition): an end went back without a truncation")
        }
        if durable > written || written > known.end {
            violation = Violation(
                "\(log.topicPartition): ends \(durable), \(written), \(known.end) out of order")
        }
        known.writtenEnd = written
        known.durableEnd = durable
        if log.failure != nil { known.hasFailed = true }
        model[log.topicPartition] = known
    }

    // MARK: Checkpoints

    /// Writes where the logs are, as a broker does now and then; it may be late and may fail.
    func writeCheckpoints() {
        checkpointIsDue = false
        // A checkpoint that is late costs time, never data.
        try? writeCheckpointsOrThrow()
    }

    func writeCheckpointsOrThrow() throws(SideFileError) {
        var points = OffsetCheckpointFile()
        var starts = OffsetCheckpointFile()
        for log in logs {
            points[log.topicPartition] = log.recoveryPoint
            if log.logStartOffset > .zero { starts[log.topicPartition] = log.logStartOffset }
        }
        let promised = logs.map { ($0.topicPartition, $0.logStartOffset.rawValue) }
        try points.write(.recoveryPoint, on: disk, folder: Self.folder)
        try starts.write(.logStart, on: disk, folder: Self.folder)
        for (name, start) in promised where model.index(of: name) != nil {
            model[name].certainStart = max(model[name].certainStart, start)
        }
    }

    /// What the logs know and tell nobody: where they begin in memory.
    func noteStarts() {
        for log in logs {
            guard let index = model.index(of: log.topicPartition) else { continue }
            model.logs[index].latestStart = log.logStartOffset.rawValue
        }
    }

    // MARK: The end

    /// Stops in order. Afterwards nothing may be lost, unless a log failed.
    func stop() throws(Violation) {
        trace?("  stop")
        cancelCompaction()
        let open = logs
        store.close(now: now)
        let isClean = open.allSatisfy { $0.failure == nil }
        noteStarts()
        for log in open where log.failure == nil {
            let known = model[log.topicPartition]
            try require(
                log.durableEnd == log.logEnd && log.logEnd.rawValue == known.end,
                "\(log.topicPartition): closed at \(log.durableEnd), appended up to \(known.end)")
            model[log.topicPartition].writtenEnd = known.end
            model[log.topicPartition].durableEnd = known.end
        }
        logs = open
        do throws(SideFileError) {
            try writeCheckpointsOrThrow()
            guard isClean else { return }
            try CleanShutdownMark(brokerEpoch: nil).write(on: disk, folder: Self.folder)
            model.isClean = true
        } catch {
            // Full disks and failing ones make the next start one after a crash.
            trace?("  no clean mark: \(error)")
        }
    }

    /// Lets everything come to rest that is under way.
    func settle() throws(Violation) {
        store.commit()
        while disk.inFlight > 0 {
            disk.wait()
            store.drain()
        }
        if let violation { throw violation }
    }
}
