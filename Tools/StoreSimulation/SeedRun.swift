import Disk
import SegmentStore
import Simulation
import Vocabulary

/// One run from one seed: several lives of a process, ended in order, by a kill or by a power cut.
///
/// While a life goes on, a crash is tried after every k-th disk operation: what the disk would
/// hold then is opened and compared with the model, sometimes crashing again while it is opened.
/// The run itself goes on undisturbed. Everything follows from the seed.
public final class SeedRun {
    public struct Outcome: Sendable, Hashable {
        public var crashes = 0
        public var operations = 0
        public var appendedBatches = 0
        /// Tells two runs apart that should be the same.
        public var digest: UInt64 = 0
    }

    public let seed: UInt64
    private let trace: ((String) -> Void)?
    private let settings: RunSettings
    private var workload: Workload
    /// Decides about crashes only, so that the work does not depend on how often one is tried.
    private var random: SeededRandom
    private let maker = BatchMaker()
    private var outcome = Outcome()
    private var violation: Violation?
    /// The crash that was tried last: where the next life begins if this one does not stop.
    private var lastCrash: (disk: SimulatedDisk, model: Model)?

    /// How often a crash may come in the midst of recovering from another.
    private static let deepest = 3

    public init(seed: UInt64, trace: ((String) -> Void)? = nil) {
        self.seed = seed
        self.trace = trace
        var random = SeededRandom(seed: seed)
        settings = RunSettings(using: &random)
        workload = Workload(settings: settings, random: SeededRandom(seed: random.next()))
        self.random = SeededRandom(seed: random.next())
    }

    /// - Throws: the first promise that was found broken.
    public func run() throws(Violation) -> Outcome {
        var disk = SimulatedDisk(
            seed: random.next(),
            settings: SimulatedDiskSettings(
                capacity: RunSettings.capacity, reorders: !random.chance(oneIn: 4), traces: false))
        do throws(DiskError) {
            _ = try disk.perform(.createFolder(path: SimulatedHost.folder))
            _ = try disk.perform(.syncFolder(path: "/"))
        } catch {
            throw Violation("no data folder: \(error)")
        }
        var model = Model()
        var now = Timestamp(1_000_000)
        for life in 0..<Int.random(in: 1...4, using: &random) {
            trace?("life \(life)")
            (disk, model) = try live(from: disk, model, at: &now)
            disk.capacity = RunSettings.capacity
        }
        try check(disk, model, deep: true, depth: Self.deepest, at: now)
        return outcome
    }

    // MARK: - A life

    private func live(
        from disk: SimulatedDisk, _ model: Model, at now: inout Timestamp
    ) throws(Violation) -> (SimulatedDisk, Model) {
        let watched = WatchedDisk(disk)
        watched.trace = trace
        let host = SimulatedHost(
            disk: watched, settings: settings, journalID: random.next(), model: model, now: now,
            trace: trace)
        lastCrash = nil
        let pace = Int.random(in: 5...60, using: &random)
        watched.afterOperation = { [unowned self, unowned host] in
            guard watched.operationCount % pace == 0, violation == nil else { return }
            crash(host, at: host.now)
        }
        try host.start()
        for _ in 0..<Int.random(in: 5...120, using: &random) {
            try workload.step(host)
            if let violation { throw violation }
        }
        now = host.now + 1
        let isStopped = lastCrash == nil || random.chance(oneIn: 3)
        if isStopped {
            watched.inner.capacity = RunSettings.capacity
            try host.settle()
            try host.stop()
        }
        watched.afterOperation = nil
        if let violation { throw violation }
        note(host, watched)
        if let lastCrash, !isStopped { return lastCrash }
        let kind = drawKind(for: watched.inner)
        host.noteStarts()
        return (end(watched.inner, kind, random.next()), crashed(host.model, kind, watched.inner))
    }

    private func note(_ host: SimulatedHost, _ watched: WatchedDisk) {
        outcome.operations += watched.operationCount
        for log in host.model.logs {
            outcome.appendedBatches += log.batches.count
            outcome.digest = (outcome.digest ^ UInt64(log.end)) &* 0x100_0000_01b3
        }
        outcome.digest = (outcome.digest ^ UInt64(watched.operationCount)) &* 0x100_0000_01b3
    }

    /// The model after a crash of a disk.
    private func crashed(_ model: Model, _ kind: CrashKind, _ disk: SimulatedDisk) -> Model {
        var model = model
        // A failed sync takes what was written, whatever comes next.
        model.crash(disk.syncHasFailed ? .powerCut : kind)
        return model
    }

    // MARK: - Crashes

    /// Tries a crash at this moment of a life.
    private func crash(_ host: SimulatedHost, at now: Timestamp) {
        let kind = drawKind(for: host.disk.inner)
        let seed = random.next()
        host.noteStarts()
        let model = crashed(host.model, kind, host.disk.inner)
        trace?("    -- \(kind), seed \(seed)")
        lastCrash = (end(host.disk.inner, kind, seed), model)
        let victim = end(host.disk.inner, kind, seed)
        victim.capacity = RunSettings.capacity
        do throws(Violation) {
            try check(victim, model, deep: random.chance(oneIn: 3), depth: 0, at: now)
        } catch {
            violation = Violation("after operation \(host.disk.operationCount), \(kind): \(error)")
        }
    }

    private func end(_ disk: SimulatedDisk, _ kind: CrashKind, _ seed: UInt64) -> SimulatedDisk {
        kind == .kill ? disk.kill(seed: seed) : disk.crash(seed: seed)
    }

    private func drawKind(for disk: SimulatedDisk) -> CrashKind {
        random.chance(oneIn: 3) && !disk.folderSyncHasFailed ? .kill : .powerCut
    }

    /// Opens what a crash left and compares it with the model.
    ///
    /// - Parameters:
    ///   - deep: closes it in order afterwards, checks the indexes and opens it again.
    ///   - depth: how many crashes came before it, each during the opening after the last.
    private func check(
        _ disk: SimulatedDisk, _ model: Model, deep: Bool, depth: Int, at now: Timestamp
    ) throws(Violation) {
        outcome.crashes += 1
        let watched = WatchedDisk(disk)
        watched.trace = trace
        let host = SimulatedHost(
            disk: watched, settings: settings, journalID: random.next(), model: model, now: now,
            trace: trace)
        if depth < Self.deepest, random.chance(oneIn: 3) {
            let moment = Int.random(in: 1...40, using: &random)
            watched.afterOperation = { [unowned self, unowned host] in
                guard watched.operationCount == moment, violation == nil else { return }
                crashAgain(host, depth: depth, at: now)
            }
        }
        try host.start()
        watched.afterOperation = nil
        if let violation { throw violation }
        try verify(host)
        guard deep else { return }
        try checkAgain(host, at: now)
    }

    private func crashAgain(_ host: SimulatedHost, depth: Int, at now: Timestamp) {
        let kind = drawKind(for: host.disk.inner)
        let seed = random.next()
        host.noteStarts()
        trace?("    -- \(kind) while opening, seed \(seed)")
        do throws(Violation) {
            try check(
                end(host.disk.inner, kind, seed), crashed(host.model, kind, host.disk.inner),
                deep: false,
                depth: depth + 1, at: now)
        } catch {
            violation = Violation(
                "then \(kind) after operation \(host.disk.operationCount) of opening: \(error)")
        }
    }

    /// Opening twice gives the same: after a power cut that follows at once, and after an orderly
    /// stop, which leaves the indexes that the batches give.
    private func checkAgain(_ host: SimulatedHost, at now: Timestamp) throws(Violation) {
        let again = WatchedDisk(host.disk.inner.crash(seed: random.next()))
        again.trace = trace
        let second = SimulatedHost(
            disk: again, settings: settings, journalID: random.next(),
            model: crashed(host.model, .powerCut, again.inner), now: now,
            trace: trace)
        try second.start()
        try second.stop()
        try require(second.model.isClean, "opening twice: a log failed")
        for log in second.model.logs {
            try IndexVerification(
                disk: again, folder: "\(SimulatedHost.folder)/\(log.name)",
                interval: log.settings.indexIntervalBytes, start: log.latestStart,
                mayMiss: log.latestStart > 0 || log.deletesSegments
            ).run()
        }
        let last = WatchedDisk(again.inner.crash(seed: random.next()))
        last.trace = trace
        let third = SimulatedHost(
            disk: last, settings: settings, journalID: random.next(), model: second.model, now: now,
            trace: trace)
        try third.start()
        try verify(third)
    }

    private func verify(_ host: SimulatedHost) throws(Violation) {
        for log in host.logs {
            let verification = LogVerification(
                log: log, model: host.model[log.topicPartition], maker: maker)
            try verification.run(using: &random)
        }
    }
}
