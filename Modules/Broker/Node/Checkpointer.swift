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
}

/// Writes the checkpoint files of the data folder: every minute, soon after a log's recovery point
/// moved far, when a topic is deleted, and at the end.
///
/// An actor on the global pool, with a disk of its own: writing them waits for the device, which
/// no loop may do. A checkpoint that is late costs time at the next start, never data. One that
/// names a deleted log is worse: a log created anew in its place would be taken for damaged where
/// a crash tore its tail. Therefore a deletion is not answered before the files forget the log.
actor Checkpointer {
    private let folder: String
    private let shards: [ShardHandle]
    private let logger: Logger
    private var task: Task<Void, Never>?
    private var isSoonPlanned = false
    private var isStopped = false
    /// Rounds of gathering points, counted; what an older round found is never written last.
    private var begunRounds = 0
    private var writtenRound = 0

    /// Kafka's `log.flush.offset.checkpoint.interval.ms`.
    private static let period = Duration.seconds(60)
    /// How long moved recovery points are gathered.
    private static let soon = Duration.seconds(1)

    init(folder: String, shards: [ShardHandle], logger: Logger) {
        self.folder = folder
        self.shards = shards
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
    private func writeSoon() async {
        guard !isSoonPlanned else { return }
        isSoonPlanned = true
        // Nobody cancels this task.
        try? await Task.sleep(for: Self.soon)
        isSoonPlanned = false
        await writeAll()
    }

    /// Writes where every log is now; returns when that is durable.
    func writeAll() async {
        guard !isStopped else { return }
        begunRounds += 1
        let round = begunRounds
        var points: [CheckpointPoint] = []
        for shard in shards { points += await shard.visit { $0.checkpointPoints } ?? [] }
        guard !isStopped, round > writtenRound else { return }
        writtenRound = round
        write(points)
    }

    func write(_ points: [CheckpointPoint]) {
        var recoveryPoints = OffsetCheckpointFile()
        var logStarts = OffsetCheckpointFile()
        var highWatermarks = OffsetCheckpointFile()
        for point in points.sorted(by: { $0.partition.description < $1.partition.description }) {
            recoveryPoints[point.partition] = point.recoveryPoint
            if point.logStartOffset > .zero { logStarts[point.partition] = point.logStartOffset }
            highWatermarks[point.partition] = point.highWatermark
        }
        do {
            let disk = try LinuxDisk(.inline)
            defer { disk.close() }
            try recoveryPoints.write(.recoveryPoint, on: disk, folder: folder)
            try logStarts.write(.logStart, on: disk, folder: folder)
            try highWatermarks.write(.highWatermark, on: disk, folder: folder)
        } catch {
            logger.error(
                "the checkpoints could not be written: the next start takes longer",
                metadata: ["reason": "\(error)"])
        }
    }
}
