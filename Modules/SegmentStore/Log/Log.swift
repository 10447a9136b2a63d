import Disk
import Records
import Vocabulary

/// One partition's record batches on disk: an append-only sequence of segments.
///
/// A log belongs to its store's thread. It has two ends and nothing cleverer: `writtenEnd`, below
/// which records can be read, and `durableEnd`, below which they survive the loss of power. What
/// consumers may see is decided by whoever asks.
public final class Log {
    /// The partition's folder, `…/orders-3`.
    public let folder: String
    /// What the folder's name says.
    public let topicPartition: TopicPartition
    /// `nil` for folders of Kafka before 2.8, which have no `partition.metadata`.
    public let topicID: TopicID?
    /// May be changed at any time; a roll takes new sizes into account, the next check new bounds
    /// of retention. With a stricter durability what was written before is synced at the tick's
    /// end.
    public var settings: LogSettings {
        didSet {
            store.wake(self)
            if settings.durability != oldValue.durability { store.touch(self) }
        }
    }
    /// What opening found and the operator should know: foreign files, cut tails, rebuilt files.
    public internal(set) var openingNotices: [String] = []
    /// Whether opening had to treat the log as one that was not closed in order.
    public internal(set) var wasUnclean = false

    /// The first offset that can be read.
    public internal(set) var logStartOffset: Offset
    /// The offset that the next record gets.
    public internal(set) var logEnd: Offset
    /// Records below are in their file and can be read.
    public internal(set) var writtenEnd: Offset
    /// Records below survive the loss of power, in their segment or in the journal.
    public internal(set) var durableEnd: Offset
    /// Retention takes no segment that ends behind this offset: the high watermark, where
    /// replicas decide it. Without one it is the end that `settings.durability` acknowledges.
    public var deletionLimit: Offset?
    /// Records below are durable in their segment.
    var syncedEnd: Offset
    /// The leader epoch of the newest records, or the one that was entered since.
    public var latestEpoch: LeaderEpoch? { epochs.latestEpoch }

    /// Set for good when bytes could not be written or made durable: the log accepts nothing
    /// more and `durableEnd` stays. Kafka's KAFKA_STORAGE_ERROR.
    public internal(set) var failure: StoreError?

    /// Called when `writtenEnd` or `durableEnd` moved or `failure` was set, from the store's
    /// `commit`, `drain`, `tick` and `close`; it may append and read.
    public var onProgress: ((Log) -> Void)?
    /// Called like `onProgress` when appends that went through the disk's queue found no space
    /// and were cut back: the records from this offset on, which were never written or durable,
    /// are gone, and their producers are to be told KAFKA_STORAGE_ERROR.
    public var onCutBack: ((Log, Offset) -> Void)?

    unowned let store: Store
    var segments: [Segment] {
        didSet { segments.last?.log = self }
    }
    /// Those below the start included, back to that of the record just below where it was when the
    /// log was opened: a cut to the start leaves that one as the latest, so that no lower one
    /// follows.
    var epochs: LeaderEpochCache
    /// What is told of the epochs: as Kafka trims them, they begin with the log.
    var keptEpochs: LeaderEpochCache {
        var kept = epochs
        kept.truncateFromStart(logStartOffset)
        return kept
    }
    /// The epochs differ from their file, which matters with the next record.
    var hasUnsavedEpochs = false
    var producers: ProducerStates
    var writes = WritesInFlight()
    var syncs = SyncProgress()
    var journaling = JournalingProgress()
    /// How often the log was cut back, and what that says of checkpoints.
    var cuts = LogCuts()
    var incarnation: LogIncarnation { cuts.incarnation }
    /// What the tick has to do for this log is noted once.
    var isTouched = false
    /// Whether it was changed since it was opened: then there is something to do when it closes.
    var hasChanged = false
    /// Whether its name is durable among those that changed, or no manifest knows it: then it is
    /// looked into at the next start anyway.
    var isChangeNoted = true
    /// Where the store has it in its list.
    var place: Int?
    /// The store's next tick asks it what it waits for.
    var isAwake = false
    /// When the store has it in its queue to be asked next.
    var queuedTick: Timestamp?
    var hasProgress = false
    var cutBackTo: Offset?
    /// When forgotten producers are looked for next.
    var expirationDue: Timestamp?
    var isClosed = false
    /// While the log is cut or rolled no sync of it starts: what it would cover is changing.
    var holdsSyncs = false
    /// The producers as they were at an offset, to be written when that is durable.
    var awaitedSnapshot: (end: Offset, snapshot: ProducerSnapshot)?
    /// The last snapshot that was written between rolls.
    var savedSnapshot: Offset?
    var recovery = RecoveryPointProgress()
    /// The deletion of the first segment, while it is under way.
    var removal: SegmentRemoval?
    /// Set while segments are being read that must not be deleted meanwhile, as by compaction.
    var holdsSegments = false
    /// Producer snapshots at offsets where no segment begins: they go with the segment that holds
    /// their offset.
    var straySnapshots: [Offset] = []
    var compaction = LogCompaction()

    init(
        store: Store, folder: String, topicID: TopicID?, settings: LogSettings,
        segments: [Segment], logStartOffset: Offset, logEnd: Offset, epochs: LeaderEpochCache,
        producers: ProducerStates
    ) {
        precondition(!segments.isEmpty, "a log has an active segment")
        self.store = store
        self.folder = folder
        self.topicPartition = Self.topicPartition(ofFolder: folder)
        self.topicID = topicID
        self.settings = settings
        self.segments = segments
        self.logStartOffset = logStartOffset
        self.logEnd = logEnd
        self.writtenEnd = logEnd
        self.durableEnd = logEnd
        self.syncedEnd = logEnd
        self.epochs = epochs
        self.producers = producers
        segments.last?.log = self
    }

    /// What the log has part in `Store.dirtyBytes` while nothing is in flight.
    var dirtyByteCount: Int {
        syncs.closed.reduce(active.dirtyByteCount) { $0 + $1.dirtyByteCount }
    }

    var active: Segment { segments[segments.count - 1] }

    /// At least 1: the active segment counts.
    public var segmentCount: Int { segments.count }

    /// How many idempotent producers are remembered.
    public var producerCount: Int { producers.count }

    /// Where the largest leader epoch not above `epoch` ends; `nil` if none is known.
    public func epochEnd(for epoch: LeaderEpoch) -> (epoch: LeaderEpoch, endOffset: Offset)? {
        keptEpochs.endOffset(for: epoch, logEnd: logEnd)
    }

    /// The leader epoch that the record at `offset` was taken in; `nil` before the log's start.
    public func leaderEpoch(at offset: Offset) -> LeaderEpoch? {
        offset >= logStartOffset ? epochs.epoch(at: offset) : nil
    }

    /// Tells whether a producer's batch may be appended; for batches without a producer it may.
    ///
    /// Changes nothing. A duplicate's offsets may not be durable yet: its answer waits like
    /// the first one's.
    public func check(
        _ header: BatchHeader, now: Timestamp
    ) throws(ProducerError) -> SequenceCheck {
        guard let batch = ProducerBatch(header) else { return .inOrder }
        return try producers.check(batch)
    }

    /// The partition that a folder's name says: what follows the last `-` is its number.
    static func topicPartition(ofFolder folder: String) -> TopicPartition {
        let name = folder[folder.index(after: folder.lastIndex(of: "/") ?? folder.startIndex)...]
        guard let dash = name.lastIndex(of: "-"),
            let index = Int32(name[name.index(after: dash)...])
        else { return TopicPartition(topic: String(name), partition: PartitionIndex(0)) }
        return TopicPartition(topic: String(name[..<dash]), partition: PartitionIndex(index))
    }
}
