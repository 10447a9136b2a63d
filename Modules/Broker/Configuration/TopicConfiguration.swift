/// The settings of one topic in effect: its own values over the broker's defaults.
public struct TopicConfiguration: Sendable, Hashable {
    /// The values set on the topic itself, as written.
    public let overrides: [String: String]

    public let cleanupPolicy: CleanupPolicy
    public let compressionType: StoredCompression
    public let gzipLevel: Int
    public let lz4Level: Int
    public let zstdLevel: Int
    public let maxMessageBytes: Int
    public let timestampType: TimestampKind
    /// How far in the past a timestamp may lie; `nil` is without bound.
    public let timestampBeforeMaxMilliseconds: Int64?
    /// How far in the future a timestamp may lie; `nil` is without bound.
    public let timestampAfterMaxMilliseconds: Int64?
    public let minInSyncReplicas: Int
    public let segmentBytes: Int
    public let segmentMilliseconds: Int64
    public let segmentIndexBytes: Int
    public let indexIntervalBytes: Int
    /// `nil` keeps without bound.
    public let retentionBytes: Int64?
    /// `nil` keeps without bound.
    public let retentionMilliseconds: Int64?
    /// `flush.messages=1` makes this `.sync`, as it does in the documentation of the key.
    public let durability: DurabilityPolicy
    public let flushMilliseconds: Int64
}
