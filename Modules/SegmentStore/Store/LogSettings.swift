/// When a record is acknowledged.
public enum Durability: String, Sendable, Hashable, CaseIterable {
    /// On stable storage: it survives the loss of power. Syncs are shared by all appends of a
    /// tick.
    case sync
    /// Written, and synced every `flushIntervalMilliseconds`, or every second.
    case interval
    /// Written; the system syncs when it likes, the store at every roll, every `recoveryPointBytes`,
    /// and as `flushIntervalMilliseconds` and `flushMessages` say, where they are set.
    case os
}

/// How one log is kept; may change while it is open. Kafka's key is named with each setting.
public struct LogSettings: Sendable, Hashable {
    /// `segment.bytes`: a segment grows no larger, unless its only batch is.
    public var segmentBytes = 1 << 30
    /// `segment.index.bytes`: the size at which an index is full and its segment rolled.
    public var segmentIndexBytes = 10 << 20
    /// `index.interval.bytes`: how far apart the batches are that have an index entry.
    public var indexIntervalBytes = 4_096
    /// `segment.ms`: a segment whose first batch is older than a new batch by more is rolled.
    public var segmentMilliseconds: Int64 = 7 * 24 * 3_600 * 1_000
    /// `durability`, Millrace's own.
    public var durability = Durability.sync
    /// `flush.ms`: how long a record stays unsynced at the most under `Durability.interval` and
    /// `os`; `nil` is a second under `interval` and without bound under `os`.
    public var flushIntervalMilliseconds: Int64?
    /// `flush.messages`: how many records stay unsynced at the most, likewise; `nil` is without
    /// bound.
    public var flushMessages: Int64?
    /// `producer.id.expiration.ms`: how long an idempotent producer is remembered.
    public var producerIDExpirationMilliseconds: Int64 = 86_400_000
    /// `retention.ms`: segments whose records are all older are deleted; `nil` keeps them.
    public var retentionMilliseconds: Int64?
    /// `retention.bytes`: the oldest segments are deleted while the others hold so many; `nil`
    /// is without bound.
    public var retentionBytes: Int64?
    /// Whether `cleanup.policy` has `delete`: without it only what lies below the log's start
    /// goes.
    public var deletesOldSegments = true
    /// `file.delete.delay.ms`: how long a deleted segment's files stay, as `….deleted`.
    public var fileDeleteDelayMilliseconds: Int64 = 60_000

    /// Whether appends may use the space that `StoreSettings.reservedBytes` keeps from others: for
    /// the broker's own small logs, so that topics can be deleted when the disk is full.
    public var usesReservedSpace = false

    /// How the log is compacted (`cleanup.policy=compact`); `nil` where it is not.
    public var compaction: CompactionSettings?

    public init() {}
}
