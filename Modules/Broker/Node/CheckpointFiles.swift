import Disk
import SegmentStore
import Vocabulary

/// The checkpoint files of a data folder, as they are read when it is opened and written later.
struct CheckpointFiles: Sendable {
    private(set) var recoveryPoints = OffsetCheckpointFile()
    private(set) var logStarts = OffsetCheckpointFile()
    private(set) var highWatermarks = OffsetCheckpointFile()
    private(set) var cleanedEnds = OffsetCheckpointFile()

    init() {}

    /// - Throws: `.malformed`, `.tooLarge`, `.disk`; not for the high watermarks, which nothing
    ///   depends on with one replica, nor for what was compacted, which then is once more.
    init(reading folder: String, on disk: any Disk) throws(SideFileError) {
        recoveryPoints = try OffsetCheckpointFile.read(.recoveryPoint, on: disk, folder: folder)
        logStarts = try OffsetCheckpointFile.read(.logStart, on: disk, folder: folder)
        highWatermarks =
            (try? OffsetCheckpointFile.read(.highWatermark, on: disk, folder: folder))
            ?? OffsetCheckpointFile()
        cleanedEnds =
            (try? OffsetCheckpointFile.read(.cleaner, on: disk, folder: folder))
            ?? OffsetCheckpointFile()
    }

    /// The partitions that a file names.
    var names: Set<TopicPartition> {
        Set(
            [recoveryPoints, logStarts, highWatermarks, cleanedEnds].flatMap {
                $0.entries.map(\.partition)
            })
    }

    mutating func note(_ point: CheckpointPoint) {
        recoveryPoints[point.partition] = point.recoveryPoint
        logStarts[point.partition] = point.logStartOffset > .zero ? point.logStartOffset : nil
        highWatermarks[point.partition] = point.highWatermark
        cleanedEnds[point.partition] = point.cleanedEnd.flatMap { $0 > .zero ? $0 : nil }
    }

    /// The same without the partitions that are not wanted.
    func filtered(_ isWanted: (TopicPartition) -> Bool) -> CheckpointFiles {
        var files = CheckpointFiles()
        files.recoveryPoints = recoveryPoints.filtered(isWanted)
        files.logStarts = logStarts.filtered(isWanted)
        files.highWatermarks = highWatermarks.filtered(isWanted)
        files.cleanedEnds = cleanedEnds.filtered(isWanted)
        return files
    }

    /// Writes the files anew that are not as in `written`, each durably.
    func write(
        to folder: String, on disk: any Disk, unlessIn written: CheckpointFiles?
    ) throws(SideFileError) {
        if recoveryPoints != written?.recoveryPoints {
            try recoveryPoints.write(.recoveryPoint, on: disk, folder: folder)
        }
        if logStarts != written?.logStarts {
            try logStarts.write(.logStart, on: disk, folder: folder)
        }
        if highWatermarks != written?.highWatermarks {
            try highWatermarks.write(.highWatermark, on: disk, folder: folder)
        }
        if cleanedEnds != written?.cleanedEnds {
            try cleanedEnds.write(.cleaner, on: disk, folder: folder)
        }
    }
}

extension OffsetCheckpointFile {
    fileprivate func filtered(_ isWanted: (TopicPartition) -> Bool) -> OffsetCheckpointFile {
        var file = OffsetCheckpointFile()
        for (partition, offset) in entries where isWanted(partition) { file[partition] = offset }
        return file
    }
}
