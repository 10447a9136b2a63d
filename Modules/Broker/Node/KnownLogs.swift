import Disk
import Logging
import SegmentStore
import Vocabulary

/// What the files of a data folder say of its logs without looking into their folders: the
/// manifest, as far as it can be believed, and the checkpoints.
struct KnownLogs {
    let wasClean: Bool
    let files: CheckpointFiles
    /// Tells the manifest that was found from others; `nil` where there is none, or none that says
    /// what the logs are like now.
    let generation: TopicID?
    private let outlines: [TopicPartition: LogOutline]
    /// The logs that may not be as the manifest says; `nil` if any may.
    private let changed: Set<TopicPartition>?
    /// The folders that are there.
    private let present: Set<String>

    /// - Throws: `.newerVersion` for a manifest of a later version; what the checkpoints' reading
    ///   throws. A manifest that is damaged is done without.
    init(
        of folder: String, wasClean: Bool, on disk: any Disk, logger: Logger
    ) throws(NodeStartError) {
        self.wasClean = wasClean
        do {
            files = try CheckpointFiles(reading: folder, on: disk)
            present = Set(try disk.list(folder).filter(\.isFolder).map(\.name))
        } catch {
            throw NodeStartError(error)
        }
        var manifest: Manifest?
        var changed: Set<TopicPartition>? = []
        do throws(SideFileError) {
            manifest = try Manifest.read(on: disk, folder: folder)
            if let generation = manifest?.generation, !wasClean {
                changed = try ChangedLogs.read(since: generation, on: disk, folder: folder)
            }
        } catch {
            switch error {
            case .malformed, .tooLarge:
                logger.warning("each log is looked into", metadata: ["reason": "\(error)"])
                manifest = nil
            case .newerVersion, .disk, .locked:
                throw NodeStartError(error)
            }
        }
        generation = changed == nil ? nil : manifest?.generation
        outlines = Dictionary(
            (manifest?.logs ?? []).map { ($0.topicPartition, $0) }, uniquingKeysWith: { $1 })
        self.changed = changed
    }

    func exists(_ partition: TopicPartition) -> Bool { present.contains(partition.description) }

    /// The topic id that the manifest names for a partition.
    func topicID(of partition: TopicPartition) -> TopicID? { outlines[partition]?.topicID }

    /// The latest leader epoch that was told of a partition.
    func leaderEpoch(of partition: TopicPartition, topicID: TopicID) -> LeaderEpoch? {
        guard let outline = outlines[partition], outline.topicID == topicID else { return nil }
        return outline.leaderEpoch
    }

    /// What can be said of a log without looking; `nil` where somebody has to look.
    ///
    /// The recovery point is written by everyone who uses the folder, Kafka too: where it moved,
    /// the manifest is not about this log any more.
    func outline(of partition: TopicPartition, topicID: TopicID) -> LogOutline? {
        guard var outline = outlines[partition], outline.topicID == topicID,
            let changed, !changed.contains(partition),
            files.recoveryPoints[partition] ?? .zero == outline.logEnd
        else { return nil }
        outline.logStartOffset = max(
            outline.logStartOffset, files.logStarts[partition] ?? .zero)
        guard outline.logStartOffset <= outline.logEnd else { return nil }
        if !wasClean { outline.leaderEpoch = outline.leaderEpoch.next }
        return outline
    }

    /// For opening a log of which nothing else is known.
    func hint(for partition: TopicPartition) -> OpenHint {
        OpenHint(
            cleanShutdown: wasClean, recoveryPoint: files.recoveryPoints[partition] ?? .zero,
            logStartOffset: files.logStarts[partition])
    }
}
