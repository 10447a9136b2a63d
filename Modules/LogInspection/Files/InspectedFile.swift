import Metadata
import SegmentStore
import Vocabulary

/// What a file is, by its name: every file that the store or Kafka writes.
public enum InspectedFile: Hashable, Sendable {
    /// A segment's batches, from offset `base` on: `.log`.
    case log(base: Offset)
    /// A segment's positions by offset: `.index`.
    case offsetIndex(base: Offset)
    /// A segment's offsets by timestamp: `.timeindex`.
    case timeIndex(base: Offset)
    /// A segment's aborted transactions: `.txnindex`.
    case abortedTransactions(base: Offset)
    /// What a partition knew of its producers below `offset`: `.snapshot`.
    case producerSnapshot(offset: Offset)
    /// `leader-epoch-checkpoint`.
    case leaderEpochs
    /// `partition.metadata`.
    case partitionMetadata
    /// One of the data folder's files with an offset for each partition.
    case offsetCheckpoint(OffsetCheckpointFile.Kind)
    /// `meta.properties`.
    case metaProperties
    /// `.kafka_cleanshutdown`.
    case cleanMark
    /// `.lock`.
    case lock
    /// The state that the metadata log was folded into.
    case metadataSnapshot
    /// A file of the journal.
    case journal
    /// What each log was like when the folder was last looked at as a whole.
    case manifest
    /// The logs that one event loop may have changed since.
    case changedLogs
    /// How often a log was cut back.
    case incarnation
    /// A segment's file that is being deleted or is the output of a compaction, or a small file
    /// that was being replaced: the next start finishes or removes it.
    case passing
    /// No name that the store or Kafka gives.
    case foreign

    /// Judges by the name alone, given without its folder; looks at no file.
    public init(name: String) {
        if let parts = SegmentName.parse(name) {
            self = parts.stage == nil ? Self.segment(parts.base, parts.kind) : .passing
            return
        }
        if let kind = OffsetCheckpointFile.Kind(rawValue: name) {
            self = .offsetCheckpoint(kind)
            return
        }
        switch name {
        case LeaderEpochCheckpoint.name: self = .leaderEpochs
        case PartitionMetadataFile.name: self = .partitionMetadata
        case MetaProperties.name: self = .metaProperties
        case CleanShutdownMark.name: self = .cleanMark
        case FolderLock.name: self = .lock
        case MetadataSnapshot.name: self = .metadataSnapshot
        case LogCuts.name: self = .incarnation
        case Manifest.name: self = .manifest
        case _ where ChangedLogs.isName(name): self = .changedLogs
        case _ where JournalFormat.isName(name): self = .journal
        default:
            let isPassing = name.hasSuffix(".tmp") || name.hasSuffix(".cleaned")
            self = isPassing ? .passing : .foreign
        }
    }

    /// What a segment's file is; its name without a stage that may follow.
    static func segment(_ base: Offset, _ kind: SegmentName.Kind) -> InspectedFile {
        switch kind {
        case .log: .log(base: base)
        case .index: .offsetIndex(base: base)
        case .timeindex: .timeIndex(base: base)
        case .txnindex: .abortedTransactions(base: base)
        case .snapshot: .producerSnapshot(offset: base)
        }
    }
}
