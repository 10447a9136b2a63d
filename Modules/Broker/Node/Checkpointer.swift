import LinuxDisk
import Logging
import NIOCore
import SegmentStore
import Vocabulary

/// What the checkpoint files say of one partition.
struct CheckpointPoint: Sendable {
    let partition: TopicPartition
    let recoveryPoint: Offset
    let logStartOffset: Offset
    let highWatermark: Offset
    /// Up to where it was compacted; `nil` for a log that is not.
    let cleanedEnd: Offset?
}

/// Writes the checkpoint files of the data folder: every minute, soon after a log's recovery point
/// moved far, when a topic is deleted, and at the end.
///
/// An actor on the global pool, with a disk of its own: writing them waits for the device, which
/// no loop may do. A checkpoint that is late costs time at the next start, never data. One that
/// names a deleted log is worse: a log created anew in its place would be taken for damaged where
/// a crash tore its tail. Therefore a deletion is not answered before the files forget the log.
/// One that no longer names a log which could not be opened is worse still: its damage would be
/// taken for a torn tail at the next start and cut. What was read of such logs is therefore kept.
actor Checkpointer {
    private let folder: String
    private let shards: [ShardHandle]
    private let logger: Logger
    /// What was read of the partitions that are not open.
    private var kept: CheckpointFiles
    /// What the files say, if that is known.
    private var written: CheckpointFiles?
    private var task: Task<Void, Never>?
    private var isSoonPlanned = false
    private var isStopped = false
    /// Rounds of gathering points, counted; what an older round found is never written last.
    private var begunRounds = 0
    private var writtenRound = 0
    /// Whether the last round could be written.
    private var isWritten = true

    /// Kafka's `log.flush.offset.checkpoint.interval.ms`.
    private static let period = Duration.seconds(60)
    /// How long moved recovery points are gathered.
    private static let soon = Duration.seconds(1)

    /// - Parameter kept: what the files said at the start of the partitions that are not open.
    init(folder: String, shards: [ShardHandle], keeping kept: CheckpointFiles, logger: Logger) {
        self.folder = folder
        self.shards = shards
        self.kept = kept
        self.logger = logger
    }

    func start() async {
        task = Task {
            while !Task.isCancelled {
                // Cancelled: then the loop ends.
                try? await Task.sleep(for: Self.period)
                if !Task.isCancelled { await writeAll() }
            }
        }
        for shard in shards {
            _ = await shard.visit { shard in
                shard.store.onRecoveryPoint = { _ in Task { await self.writeSoon() } }
            }
        }
    }

    func stop() async {
        isStopped = true
        task?.cancel()
        await task?.value
    }

    /// Writes within a second or so, once for everybody who asks meanwhile.
    func writeSoon() async {
        guard !isSoonPlanned else { return }
        isSoonPlanned = true
        // Nobody cancels this task.
        try? await Task.sleep(for: Self.soon)
        isSoonPlanned = false
        await writeAll()
    }

    /// Writes where every log is now, or was a moment later; returns when that is durable, or could
    /// not be made so: `false`.
    @discardableResult
    func writeAll() async -> Bool {
        guard !isStopped else { return false }
        begunRounds += 1
        let round = begunRounds
        var points: [CheckpointPoint] = []
        for shard in shards {
            // Its loop is gone: then the files stay as they are.
            guard let found = await shard.visit({ $0.checkpointPoints }) else { return false }
            points += found
        }
        guard !isStopped else { return false }
        // A round that began later, and looked later, has been written already.
        guard round > writtenRound else { return isWritten }
        writtenRound = round
        isWritten = write(points)
        return isWritten
    }

    /// Whether partitions that the files name are not open.
    var keepsOthers: Bool { !kept.names.isEmpty }

    /// Lets go of a topic that is no more, or not yet: what the files say of logs that are not
    /// open is no longer kept. Returns when that is durable, or could not be made so: `false`.
    ///
    /// Where the last round could not be written, the files may name a topic deleted meanwhile.
    func forget(topic: String) async -> Bool {
        let isKept = kept.names.contains { $0.topic == topic }
        guard isKept || !isWritten else { return true }
        if isKept { kept = kept.filtered { $0.topic != topic } }
        return await writeAll()
    }

    @discardableResult
    func write(_ points: [CheckpointPoint]) -> Bool {
        var files = kept
        for point in points.sorted(by: { $0.partition.isBefore($1.partition) }) {
            files.note(point)
        }
        do {
            let disk = try LinuxDisk(.inline)
            defer { disk.close() }
            let last = written
            // Where writing fails nothing is known of the files.
            written = nil
            try files.write(to: folder, on: disk, unlessIn: last)
            written = files
            return true
        } catch {
            logger.error(
                "the checkpoints could not be written: the next start takes longer",
                metadata: ["reason": "\(error)"])
            return false
        }
    }
}

extension TopicPartition {
    fileprivate func isBefore(_ other: TopicPartition) -> Bool {
        topic == other.topic ? partition < other.partition : topic < other.topic
    }
}
