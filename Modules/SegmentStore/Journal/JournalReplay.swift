import Disk
import Records
import Vocabulary

/// What the journals of a data folder hold after a crash, by whatever number of shards they were
/// written.
///
/// ```
/// let replay = try JournalReplay.read(folder: path, on: disk)
/// let log = try store.openLog(…, replaying: replay.batches(of: topicID, partition))
/// try replay.finish(on: disk, keeping: offline)
/// store.startJournal(…)
/// ```
public struct JournalReplay: Sendable {
    /// What the operator should know.
    public private(set) var notices: [String] = []
    private let folder: String
    private var batches: [JournaledPartition: JournaledBatches] = [:]
    /// The files that were read, and whose batches each holds.
    private var files: [(name: String, partitions: Set<JournaledPartition>)] = []

    /// Reads every journal file in `folder`; their batches are held in memory, as many bytes as
    /// the journals have.
    ///
    /// After a shutdown in order there are none. The memory is given back with the last copy.
    /// - Throws: `.malformed` where something durable is damaged, naming file and byte;
    ///   `.newerVersion`; `.disk`.
    public static func read(
        folder: String, on disk: any Disk
    ) throws(SideFileError) -> JournalReplay {
        var replay = JournalReplay(folder: folder)
        let names: [String]
        do throws(DiskError) {
            names = try disk.list(folder).filter { !$0.isFolder }.map(\.name).sorted()
        } catch {
            throw .disk(error)
        }
        var readings: [JournalReading] = []
        for name in names where JournalFormat.isName(name) {
            readings.append(try JournalReading(of: "\(folder)/\(name)", name: name, on: disk))
        }
        try JournalReading.check(readings)
        // Of one run in the order they were written; of different runs the leader epoch tells.
        readings.sort {
            ($0.header.journalID, $0.header.generation)
                < ($1.header.journalID, $1.header.generation)
        }
        for reading in readings { replay.add(reading) }
        for name in names where name.hasSuffix(".tmp") && JournalFormat.isName(name.stem) {
            replay.files.append((name, []))
        }
        return replay
    }

    private init(folder: String) { self.folder = folder }

    private mutating func add(_ reading: JournalReading) {
        var partitions: Set<JournaledPartition> = []
        for write in reading.writes {
            for entry in write.entries {
                partitions.insert(entry.partition)
                batches[entry.partition, default: .none].add(entry.batch)
            }
        }
        files.append((reading.name, partitions))
        if let notice = reading.notice { notices.append(notice) }
    }

    /// The partitions that the journals hold batches of; those that still exist must be opened
    /// with them before `finish`.
    public var partitions: Set<JournaledPartition> { Set(batches.keys) }

    /// The names of the files that hold batches of a partition.
    public func files(holding partition: JournaledPartition) -> [String] {
        files.filter { $0.partitions.contains(partition) }.map(\.name)
    }

    /// Whether there was nothing to read.
    public var isEmpty: Bool { files.isEmpty }

    /// What `Store.openLog` is to replay; none for a log without a topic id.
    public func batches(
        of topicID: TopicID?, _ partition: PartitionIndex
    ) -> JournaledBatches {
        guard let topicID else { return .none }
        return batches[JournaledPartition(topicID: topicID, partition: partition)] ?? .none
    }

    /// Removes the files, durably: every log was opened with what they hold.
    ///
    /// - Parameter offline: partitions that exist and could not be opened, or whose folders are
    ///   missing: what they have in the journals is kept for the next start, in the files as they
    ///   are.
    public func finish(
        on disk: any Disk, keeping offline: Set<JournaledPartition> = []
    ) throws(SideFileError) {
        var isChanged = false
        do throws(DiskError) {
            for file in files where file.partitions.isDisjoint(with: offline) {
                _ = try disk.perform(.removeFile(path: "\(folder)/\(file.name)"))
                isChanged = true
            }
            if isChanged { _ = try disk.perform(.syncFolder(path: folder)) }
        } catch {
            throw .disk(error)
        }
    }

    /// Whether a name in a data folder is a journal's, being made or complete.
    public static func isJournal(_ name: String) -> Bool {
        JournalFormat.isName(name.hasSuffix(".tmp") ? name.stem : name)
    }
}

extension String {
    /// Without `.tmp`.
    fileprivate var stem: String { String(dropLast(4)) }
}
