/// How one log is compacted: Kafka's keys of a topic.
public struct CompactionSettings: Sendable, Hashable {
    /// `min.cleanable.dirty.ratio`: a log is due when more than this share of what can be compacted
    /// was not compacted before.
    public var minDirtyRatio = 0.5
    /// `min.compaction.lag.ms`: a segment with a record younger than this is left alone.
    public var minLagMilliseconds: Int64 = 0
    /// `max.compaction.lag.ms`: a log with a segment older than this that was not compacted is due
    /// whatever its ratio; `nil` is without bound.
    public var maxLagMilliseconds: Int64?
    /// `delete.retention.ms`: how long a tombstone stays after it was first compacted.
    public var deleteRetentionMilliseconds: Int64 = 86_400_000

    public init() {}
}

/// What one compaction may use at a time. Sizes are in bytes.
public struct CompactionLimits: Sendable, Hashable {
    /// `log.cleaner.dedupe.buffer.size`: memory for the offsets of keys, 24 bytes for each. It is
    /// taken as keys come; where it does not suffice, the rest of the log waits for the next run.
    public var keyMapBytes = 128 << 20
    /// `log.cleaner.io.buffer.load.factor`: how full the map of keys may get.
    public var keyMapLoad = 0.9
    /// `log.cleaner.io.buffer.size`: how much is read or written with one operation; larger
    /// batches get as much as they need.
    public var bufferBytes = 512 << 10

    public init() {}
}
