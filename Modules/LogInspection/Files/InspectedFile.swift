import Metadata
import SegmentStore
import Vocabulary

/// What a file is, by its name: every file that the store or Kafka writes.
public enum InspectedFile: Hashable, Sendable {
    case log(base: Offset)
    case offsetIndex(base: Offset)
    case timeIndex(base: Offset)
    case abortedTransactions(base: Offset)
    case producerSnapshot(offset: Offset)
    case leaderEpochs
    case partitionMetadata
    case offsetCheckpoint(OffsetCheckpointFile.Kind)
    case metaProperties
    case cleanMark
    case lock
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
        case JournalFileReader.incarnationName: self = .incarnation
        case Manifest.name: self = .manifest
        case _ where ChangedLogs.isName(name): self = .changedLogs
        case _ where JournalFileReader.isName(name): self = .journal
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
