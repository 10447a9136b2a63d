import Disk
import Dispatch
import IORing
import LinuxDisk
import SegmentStore
import Vocabulary

/// The folder of a store: its lock, its clean mark, its checkpoints. Laid out as Kafka's.
final class DataFolder {
    let path: String
    /// The last run ended in order.
    let wasClean: Bool
    private let lock: FolderLock
    private var recoveryPoints: OffsetCheckpointFile
    private var logStarts: OffsetCheckpointFile
    /// Up to where logs were compacted: losing it costs time only.
    private var cleanedEnds: OffsetCheckpointFile
    /// Writes checkpoints one after the other, off the store's thread, which must not wait.
    private let writer = DispatchQueue(label: "segment-store.checkpoints")
    /// Whether the files may not say what was last to be written.
    private let lastWrite = LastWrite()

    /// Locks the folder, making it if need be, and takes the clean mark away, durably.
    init(opening path: String, on disk: any Disk) throws(EventStoreError) {
        self.path = path
        let isBrokers: Bool
        do throws(DiskError) {
            try Self.make(path, on: disk)
            isBrokers = try disk.list(path).contains { $0.name == MetaProperties.name }
        } catch {
            throw EventStoreError(StoreError.disk(error))
        }
        // It may hold journals and partitions that are not looked at here: with a clean mark left
        // in it they would never be recovered.
        if isBrokers {
            throw .store(.unexpectedFolder(path: path, reason: "a broker keeps its data there"))
        }
        do throws(SideFileError) {
            lock = try FolderLock(folder: path)
            wasClean = try CleanShutdownMark.read(on: disk, folder: path) != nil
            try CleanShutdownMark.remove(on: disk, folder: path)
            recoveryPoints = try OffsetCheckpointFile.read(.recoveryPoint, on: disk, folder: path)
            logStarts = try OffsetCheckpointFile.read(.logStart, on: disk, folder: path)
            cleanedEnds =
                (try? OffsetCheckpointFile.read(.cleaner, on: disk, folder: path))
                ?? OffsetCheckpointFile()
        } catch {
            throw .folder(error)
        }
    }

    private static func make(_ path: String, on disk: any Disk) throws(DiskError) {
        do throws(DiskError) {
            _ = try disk.perform(.createFolder(path: path))
        } catch {
            guard error.code == DiskError.exists else { throw error }
            return
        }
        let parent = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        _ = try disk.perform(.syncFolder(path: parent.isEmpty ? "/" : String(parent)))
    }

    // MARK: Logs

    func path(ofLog name: String) -> String { "\(path)/\(Self.partition(name))" }

    func hint(for name: String, on disk: any Disk) -> OpenHint {
        let partition = Self.partition(name)
        // A log without a readable epoch file begins at 0, and so does the count after a crash.
        let epochs = try? LeaderEpochCheckpoint.read(on: disk, folder: path(ofLog: name))
        return OpenHint(
            cleanShutdown: wasClean, recoveryPoint: recoveryPoints[partition] ?? .zero,
            logStartOffset: logStarts[partition],
            newLeaderEpochAfterUnclean: (epochs?.latestEpoch ?? .zero).next)
    }

    func hasLog(_ name: String, on disk: any Disk) throws(StoreError) -> Bool {
        do throws(DiskError) {
            // A folder without files is what a creation that was cut short leaves.
            return try disk.list(path(ofLog: name)).contains { $0.name.hasSuffix(".log") }
        } catch {
            if error.isMissing { return false }
            throw .disk(error)
        }
    }

    /// The names of all logs in the folder, sorted.
    func logNames(on disk: any Disk) throws(EventStoreError) -> [String] {
        let suffix = "-0"
        do throws(DiskError) {
            return try disk.list(path)
                .filter { $0.isFolder && $0.name.hasSuffix(suffix) }
                .map { String($0.name.dropLast(suffix.count)) }
                .filter { TopicName(Array($0.utf8)) != nil }
                .sorted()
        } catch {
            throw EventStoreError(StoreError.disk(error))
        }
    }

    private static func partition(_ name: String) -> TopicPartition {
        TopicPartition(topic: name, partition: PartitionIndex(0))
    }

    // MARK: Checkpoints

    /// Takes in where a log is.
    func note(_ log: Log) {
        recoveryPoints[log.topicPartition] = log.recoveryPoint
        logStarts[log.topicPartition] =
            log.logStartOffset > .zero ? log.logStartOffset : nil
        cleanedEnds[log.topicPartition] = log.cleanedEnd > .zero ? log.cleanedEnd : nil
    }

    /// Lets a log that was opened know up to where it was compacted.
    func tellCleanedEnd(to log: Log) { log.cleanedEnd = cleanedEnds[log.topicPartition] ?? .zero }

    func forget(_ name: String) {
        recoveryPoints[Self.partition(name)] = nil
        logStarts[Self.partition(name)] = nil
        cleanedEnds[Self.partition(name)] = nil
    }

    /// Makes sure, durably, that no file names a log, before one is made under its name: of a
    /// deleted one a crash may have left entries, and its log start would hide the new one's
    /// records.
    ///
    /// Waits for the checkpoints under way; writes them only where they may name the log.
    func ensureForgotten(_ name: String, on disk: any Disk) throws(EventStoreError) {
        // Nobody else writes the files from here on.
        writer.sync {}
        let partition = Self.partition(name)
        let isNamed = files.contains { $0.1[partition] != nil }
        guard isNamed || lastWrite.hasFailed.withLock({ $0 }) else { return }
        forget(name)
        try Self.write(files, to: path, on: disk, noting: lastWrite).get()
    }

    /// Writes the checkpoints as they are now, elsewhere, and tells when that is durable.
    func writeCheckpoints(then: @escaping @Sendable (Result<Void, EventStoreError>) -> Void) {
        let (files, path, lastWrite) = (files, path, lastWrite)
        writer.async {
            // Until it has not.
            lastWrite.hasFailed.withLock { $0 = true }
            let made = Result { () throws(IORingError) in try LinuxDisk(.inline) }
            then(
                made.mapError { .ring($0) }.flatMap { disk in
                    defer { disk.close() }
                    return Self.write(files, to: path, on: disk, noting: lastWrite)
                })
        }
    }

    private var files: [(OffsetCheckpointFile.Kind, OffsetCheckpointFile)] {
        [(.recoveryPoint, recoveryPoints), (.logStart, logStarts), (.cleaner, cleanedEnds)]
    }

    private static func write(
        _ files: [(OffsetCheckpointFile.Kind, OffsetCheckpointFile)], to path: String,
        on disk: any Disk, noting lastWrite: LastWrite
    ) -> Result<Void, EventStoreError> {
        do throws(SideFileError) {
            for (kind, file) in files { try file.write(kind, on: disk, folder: path) }
            lastWrite.hasFailed.withLock { $0 = false }
            return .success(())
        } catch {
            lastWrite.hasFailed.withLock { $0 = true }
            return .failure(.folder(error))
        }
    }

    /// Writes the checkpoints and, if all is in order, the clean mark; gives the folder free.
    func close(isClean: Bool, on disk: any Disk) -> Result<Void, EventStoreError> {
        defer { lock.release() }
        // Nobody else writes the files from here on.
        writer.sync {}
        return Self.write(files, to: path, on: disk, noting: lastWrite).flatMap {
            guard isClean else { return .success(()) }
            return Result { () throws(SideFileError) in
                try CleanShutdownMark(brokerEpoch: nil).write(on: disk, folder: path)
            }.mapError { .folder($0) }
        }
    }

    func release() { lock.release() }

    /// What became of the last write of the checkpoints, whichever thread it was done on.
    private final class LastWrite: Sendable {
        let hasFailed = Lock(false)
    }
}
