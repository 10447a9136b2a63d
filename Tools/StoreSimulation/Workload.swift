import Disk
import Records
import SegmentStore
import Simulation
import Vocabulary

/// What a process does with its logs, step by step, by chance.
struct Workload {
    /// A step and how often it is taken, relative to the others.
    enum Step: CaseIterable {
        case append, commit, drain, settle, pass, askAgain, read, checkpoint, bumpEpoch, truncate
        case create, delete, changeDurability, fail, fill, deleteRecords, compact

        var weight: Int {
            switch self {
            case .append: 40
            case .commit: 14
            case .drain: 14
            case .compact: 8
            case .pass, .settle, .askAgain, .checkpoint: 4
            case .read, .create, .truncate: 3
            case .bumpEpoch, .deleteRecords: 2
            case .changeDurability, .delete, .fail, .fill: 1
            }
        }
    }

    private static let steps = Step.allCases.flatMap {
        [Step](repeating: $0, count: $0.weight)
    }

    let settings: RunSettings
    var random: SeededRandom
    var maker = BatchMaker()
    private var topicsMade: UInt64 = 0

    init(settings: RunSettings, random: SeededRandom) {
        self.settings = settings
        self.random = random
    }

    /// Takes one step.
    mutating func step(_ host: SimulatedHost) throws(Violation) {
        let step = Self.steps.randomElement(using: &random) ?? .append
        guard let log = host.logs.randomElement(using: &random) else {
            try create(host)
            return
        }
        switch step {
        case .append: try append(to: log, host)
        case .commit: host.store.commit()
        case .drain: host.store.drain()
        case .settle: try host.settle()
        case .pass:
            host.now = host.now + Int64.random(in: 1...500, using: &random)
            host.store.tick(now: host.now)
        case .askAgain: try askAgain(log, host)
        case .read:
            host.disk.inner.withdrawFaults()
            try verify(log, host)
        case .checkpoint: host.writeCheckpoints()
        case .bumpEpoch: bumpEpoch(of: log, host)
        case .truncate: try truncate(log, host)
        case .create: try create(host)
        case .delete: try delete(log, host)
        case .changeDurability: changeDurability(of: log, host)
        case .fail: injectFault(in: log, host)
        case .fill: fill(host)
        case .deleteRecords: try deleteRecords(of: log, host)
        case .compact: try host.compactOneStep(log, random.chance(oneIn: 2) ? 300 : 1 << 20)
        }
        if host.checkpointIsDue, random.chance(oneIn: 2) { host.writeCheckpoints() }
        if let violation = host.violation { throw violation }
    }

    /// Compares all that can be asked of a log with the model.
    private mutating func verify(_ log: Log, _ host: SimulatedHost) throws(Violation) {
        let known = host.model[log.topicPartition]
        // What was cut back is told at the tick's end: until then the model knows more.
        guard log.failure == nil, log.logEnd.rawValue == known.end else { return }
        let verification = LogVerification(log: log, model: known, maker: maker)
        try verification.run(using: &random)
    }

    // MARK: - Appending

    private mutating func append(to log: Log, _ host: SimulatedHost) throws(Violation) {
        let name = log.topicPartition
        var known = host.model[name]
        let epoch =
            random.chance(oneIn: 60) ? max(known.latestEpoch, 0) + 1 : max(known.latestEpoch, 0)
        let producer =
            random.chance(oneIn: 2) ? Int64.random(in: 1...3, using: &random) : nil
        let newEpoch = random.chance(oneIn: 30)
        let batch = maker.make(
            at: log.logEnd.rawValue, epoch: epoch, now: host.now.rawValue,
            sequence: producer.map { id in
                { known.nextSequence(of: id, count: $0, newEpoch: newEpoch) }
            }, using: &random)
        // It may be in the file before `append` returns.
        let isPossible = log.failure == nil && log.logEnd.rawValue == known.end
        if isPossible {
            known.batches.append(batch)
            host.model[name] = known
        }
        host.trace?("  append \(name) \(batch.base)..<\(batch.next), \(batch.bytes.count) bytes")
        do throws(StoreError) {
            let range = try log.append(
                header(of: batch.bytes), bytes: pieces(of: batch.bytes),
                leaderEpoch: LeaderEpoch(epoch), now: host.now)
            try appended(range, batch, to: log, host, isPossible: isPossible)
        } catch {
            host.trace?("  refused: \(error)")
            // A failed log's file may hold it for good.
            if isPossible, log.failure == nil {
                host.model[name].removeBatches(from: batch.base)
            }
            try refused(error, log)
        }
        if let latest = log.latestEpoch?.rawValue {
            host.model[name].latestEpoch = max(host.model[name].latestEpoch, latest)
        }
    }

    private func appended(
        _ range: AppendedRange, _ batch: ModelBatch, to log: Log, _ host: SimulatedHost,
        isPossible: Bool
    ) throws(StoreError) {
        guard isPossible, range.base.rawValue == batch.base, range.last.rawValue == batch.last
        else {
            host.violation = Violation(
                """
                \(log.topicPartition): appended \(batch.base)...\(batch.last) behind \
                \(host.model[log.topicPartition].end), was told \(range.base)...\(range.last)
                """)
            return
        }
    }

    private func refused(_ error: StoreError, _ log: Log) throws(Violation) {
        switch error {
        case .outOfSpace, .failed, .disk: try require(settings.hasFaults, "refused: \(error)")
        default: throw Violation("\(log.topicPartition) refused an append: \(error)")
        }
    }

    private func header(of bytes: [UInt8]) -> BatchHeader {
        guard let header = bytes.withUnsafeBytes({ try? BatchHeader(reading: $0) }) else {
            preconditionFailure("batches are made with a header")
        }
        return header
    }

    /// The bytes in one piece or in several, as frames bring them.
    private mutating func pieces(of bytes: [UInt8]) -> [OwnedBytes] {
        let owned = OwnedBytes(bytes)
        guard random.chance(oneIn: 3) else { return [owned] }
        let cut = Int.random(in: 1..<bytes.count, using: &random)
        return [owned[0..<cut], owned[cut..<bytes.count]]
    }

    private mutating func askAgain(_ log: Log, _ host: SimulatedHost) throws(Violation) {
        let known = host.model[log.topicPartition]
        guard log.failure == nil, log.logEnd.rawValue == known.end, !known.isCompacted,
            let batch = known.batches.randomElement(using: &random),
            let sequence = batch.sequence
        else { return }
        try LogVerification(log: log, model: known, maker: maker).check(sequence, batch.bytes)
    }

    // MARK: - Changing logs

    private mutating func bumpEpoch(of log: Log, _ host: SimulatedHost) {
        let next = max(host.model[log.topicPartition].latestEpoch, 0) + 1
        host.trace?("  epoch \(next) of \(log.topicPartition)")
        // A failed log or a full disk: it stays as it was.
        try? log.updateLeaderEpoch(LeaderEpoch(next))
        if let latest = log.latestEpoch?.rawValue {
            host.model[log.topicPartition].latestEpoch = latest
        }
    }

    private mutating func truncate(_ log: Log, _ host: SimulatedHost) throws(Violation) {
        let end = log.logEnd.rawValue
        guard log.failure == nil, end > log.logStartOffset.rawValue else { return }
        let depth = random.chance(oneIn: 3) ? end - log.logStartOffset.rawValue : 5
        let target = max(
            log.logStartOffset.rawValue, end - Int64.random(in: 1...depth, using: &random))
        let known = host.model[log.topicPartition]
        // A cut in front of the start moves the start, too: another promise, not looked at here.
        guard target >= known.compactedEnd,
            known.cut(at: target) >= log.logStartOffset.rawValue
        else { return }
        host.trace?("  truncate \(log.topicPartition) to \(target)")
        try host.truncate(log, to: target)
    }

    private mutating func changeDurability(of log: Log, _ host: SimulatedHost) {
        log.settings.durability = Durability.allCases.randomElement(using: &random) ?? .sync
        host.model[log.topicPartition].settings.durability = log.settings.durability
    }

    /// Lets a log begin later, as DeleteRecords does: promised once the checkpoint is durable.
    private mutating func deleteRecords(of log: Log, _ host: SimulatedHost) throws(Violation) {
        let limit = log.settings.durability == .sync ? log.durableEnd : log.writtenEnd
        guard log.failure == nil, limit > log.logStartOffset else { return }
        let target = Offset(
            Int64.random(in: log.logStartOffset.rawValue...limit.rawValue, using: &random))
        host.trace?("  delete records of \(log.topicPartition) below \(target)")
        try expecting("\(log.topicPartition) start \(target)") { () throws(StoreError) in
            try log.advanceStart(to: target)
        }
        host.noteStarts()
        host.writeCheckpoints()
    }

    // MARK: - Topics

    private mutating func create(_ host: SimulatedHost) throws(Violation) {
        let name = TopicPartition(
            topic: "t\(Int.random(in: 0..<4, using: &random))", partition: PartitionIndex(0))
        guard host.model.index(of: name) == nil, host.disk.inner.capacity == RunSettings.capacity
        else { return }
        host.disk.inner.withdrawFaults()
        topicsMade += 1
        host.trace?("  create \(name)")
        try host.createTopic(
            name, id: TopicID(high: topicsMade, low: random.next() | 1),
            settings: RunSettings.topic(using: &random))
    }

    private mutating func delete(_ log: Log, _ host: SimulatedHost) throws(Violation) {
        guard log.failure == nil, host.disk.inner.capacity == RunSettings.capacity else { return }
        host.disk.inner.withdrawFaults()
        host.trace?("  delete \(log.topicPartition)")
        let uuid = String(random.next() | 1 << 63, radix: 16)
        try host.deleteTopic(log, uuid: uuid + uuid)
    }

    // MARK: - Faults

    private mutating func injectFault(in log: Log, _ host: SimulatedHost) {
        guard settings.hasFaults else { return }
        let (operation, code): (String, Int32) =
            [
                ("sync", DiskError.inputOutput), ("sync", DiskError.inputOutput),
                ("write", DiskError.inputOutput), ("write", DiskError.noSpace),
                ("open", 24), ("truncate", DiskError.inputOutput),
                ("syncFolder", DiskError.inputOutput), ("sync", DiskError.noSpace),
                ("syncFolder", DiskError.noSpace),
            ].randomElement(using: &random) ?? ("sync", DiskError.inputOutput)
        let part = "\(SimulatedHost.folder)/\(log.topicPartition)/"
        host.trace?("  fault to come: \(operation) \(code) in \(part)")
        host.disk.inner.inject(
            DiskFault(
                operation, pathPart: operation == "syncFolder" ? String(part.dropLast()) : part,
                code: code, skipping: Int.random(in: 0...3, using: &random)))
    }

    /// Lets the disk be nearly full, or gives it its space back.
    private mutating func fill(_ host: SimulatedHost) {
        guard settings.hasFaults else { return }
        let disk = host.disk.inner
        if disk.capacity == RunSettings.capacity {
            let free = (try? disk.freeSpace(at: "/")) ?? 0
            disk.capacity = RunSettings.capacity - free + Int.random(in: 0...30_000, using: &random)
        } else {
            disk.capacity = RunSettings.capacity
        }
        host.trace?("  space for \(disk.capacity ?? 0) bytes")
    }
}
