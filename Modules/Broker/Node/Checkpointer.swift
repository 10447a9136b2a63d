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

/// Writes the checkpoint files of the data folder: every minute, and at the end.
///
/// An actor on the global pool, with a disk of its own: writing them waits for the device, which
/// no loop may do. A checkpoint that is late costs time at the next start, never data.
actor Checkpointer {
    private let folder: String
    private let shards: [ShardHandle]
    private let logger: Logger
    private var task: Task<Void, Never>?
    private var isStopped = false

    /// Kafka's `log.flush.offset.checkpoint.interval.ms`.
    private static let period = Duration.seconds(60)

    init(folder: String, shards: [ShardHandle], logger: Logger) {
        self.folder = folder
        self.shards = shards
        self.logger = logger
    }

    func start() {
        task = Task {
            while !Task.isCancelled {
                // Cancelled: then the loop ends.
                try? await Task.sleep(for: Self.period)
                if !Task.isCancelled { await writeAll() }
            }
        }
    }

    func stop() async {
        isStopped = true
        task?.cancel()
        await task?.value
    }

    private func writeAll() async {
        var points: [CheckpointPoint] = []
        for shard in shards { points += await shard.visit { $0.checkpointPoints } ?? [] }
        if !isStopped { write(points) }
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
