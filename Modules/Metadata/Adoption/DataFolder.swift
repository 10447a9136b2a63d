import Disk
import SegmentStore
import Vocabulary

/// What lies in a data folder, Kafka's or ours: found by listing, nothing is changed.
public struct DataFolder: Sendable {
    /// One partition's folder.
    struct FoundPartition: Sendable, Hashable {
        let name: TopicPartition
        /// `nil` where `partition.metadata` is missing.
        let topicID: TopicID?
    }

    /// The folder, as it was given.
    public let path: String
    var partitions: [FoundPartition] = []
    /// Folders whose topic was deleted; they can be removed.
    public internal(set) var leftovers: [String] = []
    /// The largest producer id that the producer snapshots name.
    var largestProducerID: ProducerID?
    /// What the operator should know, one sentence each.
    public internal(set) var notices: [String] = []

    /// Lists `path` and reads the small files that name topics and producers.
    ///
    /// What cannot be read becomes a notice and is left out, so that one bad folder does not keep
    /// the others from being served. Costs three to five system calls per partition that is not
    /// known.
    /// - Parameter known: gives the topic id of a partition that need not be looked into.
    /// - Throws: `.disk` if `path` itself cannot be listed.
    public init(
        scanning path: String, on disk: any Disk,
        known: (TopicPartition) -> TopicID? = { _ in nil }
    ) throws(SideFileError) {
        self.path = path
        let entries: [FolderEntry]
        do { entries = try disk.list(path) } catch { throw .disk(error) }
        for entry in entries.sorted(by: { $0.name < $1.name }) {
            if entry.isFolder {
                note(folder: entry.name, on: disk, known)
            } else if !Self.isKnownFile(entry.name) {
                notices.append("\(path)/\(entry.name) is not a file of a broker; it is left alone")
            }
        }
    }

    private mutating func note(
        folder name: String, on disk: any Disk, _ known: (TopicPartition) -> TopicID?
    ) {
        let folder = "\(path)/\(name)"
        switch PartitionFolderName(name) {
        case .partition(let partition) where partition.topic == MetadataTopic.name:
            break
        case .partition(let partition) where partition.topic == "__cluster_metadata":
            notices.append(
                """
                \(folder) is the log of Kafka's own controller; it is left alone, and topic \
                configurations in it are not taken over: set them again
                """)
        case .partition(let partition):
            if let id = known(partition) {
                partitions.append(FoundPartition(name: partition, topicID: id))
                return
            }
            do throws(SideFileError) {
                let id = try PartitionMetadataFile.read(on: disk, folder: folder)
                partitions.append(FoundPartition(name: partition, topicID: id))
                noteProducers(in: folder, on: disk)
            } catch {
                notices.append("\(folder) is left out: \(error)")
            }
        case .deleted:
            leftovers.append(folder)
        case .future, .stray:
            notices.append(
                """
                \(folder) is a copy that Kafka had not put to use; it is left alone: remove it if \
                the partition's own folder is complete
                """)
        case .foreign:
            if !Self.knownFolders.contains(name) {
                notices.append("\(folder) is not a partition's folder; it is left alone")
            }
        }
    }

    /// Notes the largest producer id in the newest readable snapshot of a partition.
    private mutating func noteProducers(in folder: String, on disk: any Disk) {
        // A folder that cannot be listed fails again, and is told of, when its log is opened.
        guard let entries = try? disk.list(folder) else { return }
        let offsets = entries.compactMap { ProducerSnapshot.offset(ofName: $0.name) }.sorted(by: >)
        for offset in offsets {
            // A damaged snapshot is no loss here: an older one names ids nearly as large, and the
            // opened log knows the rest.
            guard let snapshot = try? ProducerSnapshot.read(at: offset, on: disk, folder: folder)
            else { continue }
            let largest = snapshot.entries.map(\.producerID).max()
            largestProducerID = [largestProducerID, largest].compactMap { $0 }.max()
            return
        }
    }

    private static let knownFolders: Set<String> = ["lost+found", "remote-log-index-cache"]

    private static func isKnownFile(_ name: String) -> Bool {
        knownFiles.contains(name) || name.hasSuffix(".tmp") || JournalReplay.isJournal(name)
            || ChangedLogs.isName(name)
    }

    private static let knownFiles: Set<String> = Set(
        OffsetCheckpointFile.Kind.allCases.map(\.rawValue) + [
            MetaProperties.name, CleanShutdownMark.name, Manifest.name, FolderLock.name,
            MetadataSnapshot.name,
            "bootstrap.checkpoint",
        ])
}
