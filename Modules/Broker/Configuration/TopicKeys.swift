/// The keys of a topic: those of Kafka 4.3, and `durability`.
public enum TopicKeys {
    /// Each key once, in the order in which DescribeConfigs lists them.
    public static let all: [SettingKey] = acting + kept

    static let byName: [String: SettingKey] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0) })

    private static let size: SettingKey.Allowed = .range(0...Int64(Int32.max))
    private static let time: SettingKey.Allowed = .range(0...Int64.max)
    private static let positive: SettingKey.Allowed = .range(1...Int64.max)
    private static let hour: Int64 = 3_600_000

    private static let acting: [SettingKey] = [
        SettingKey(
            "durability", .string, "sync", .oneOf(DurabilityPolicy.allCases.map(\.rawValue)),
            twins: [("log.durability", 1)],
            doc:
                "When a record is acknowledged: `sync`, `interval` or `os`; see `log.durability`. Ours."
        ),
        SettingKey(
            "flush.messages", .long, "9223372036854775807", positive,
            twins: [("log.flush.interval.messages", 1)],
            doc:
                "How many records stay unsynced at the most under `durability=interval` and `os`; 1 means `durability=sync`."
        ),
        SettingKey(
            "flush.ms", .long, "9223372036854775807", time, twins: [("log.flush.interval.ms", 1)],
            doc:
                "How long a record stays unsynced at the most under `durability=interval`, where 1,000 is the default, and `os`, where nothing is."
        ),
        SettingKey(
            "segment.bytes", .int, "1073741824", .range(1_048_576...Int64(Int32.max)),
            twins: [("log.segment.bytes", 1)],
            doc: "The size at which a log begins a new segment file."),
        SettingKey(
            "segment.ms", .long, "604800000", positive,
            twins: [("log.roll.ms", 1), ("log.roll.hours", hour)],
            doc: "The age at which a log begins a new segment."),
        SettingKey(
            "segment.index.bytes", .int, "10485760", .range(4...Int64(Int32.max)),
            twins: [("log.index.size.max.bytes", 1)],
            doc: "The largest offset index; a full one begins a new segment."),
        SettingKey(
            "index.interval.bytes", .int, "4096", size, twins: [("log.index.interval.bytes", 1)],
            doc: "An index entry is made when more bytes than this came since the last one."),
        SettingKey(
            "max.message.bytes", .int, "1048588", size, twins: [("message.max.bytes", 1)],
            doc: "The largest record batch, as it is sent."),
        SettingKey(
            "compression.type", .string, "producer",
            .oneOf(StoredCompression.allCases.map(\.rawValue)), twins: [("compression.type", 1)],
            doc: "How batches are stored: as the producer sent them, or by this codec."),
        SettingKey(
            "compression.gzip.level", .int, "-1", .rangeOr(1...9, -1),
            twins: [("compression.gzip.level", 1)],
            doc: "The level of gzip when `compression.type` asks for it; -1 is gzip's own default."),
        SettingKey(
            "compression.lz4.level", .int, "9", .range(1...17),
            twins: [("compression.lz4.level", 1)],
            doc: "The level of lz4 when `compression.type` asks for it."),
        SettingKey(
            "compression.zstd.level", .int, "3", .range(-131_072...22),
            twins: [("compression.zstd.level", 1)],
            doc: "The level of zstd when `compression.type` asks for it."),
        SettingKey(
            "message.timestamp.type", .string, "CreateTime",
            .oneOf(TimestampKind.allCases.map(\.rawValue)),
            twins: [("log.message.timestamp.type", 1)],
            doc: "Whose clock timestamps show: the producer's, or the broker's at the append."),
        SettingKey(
            "message.timestamp.before.max.ms", .long, "9223372036854775807", time,
            twins: [("log.message.timestamp.before.max.ms", 1)],
            doc: "How far in the past the timestamp of a record may lie."),
        SettingKey(
            "message.timestamp.after.max.ms", .long, "3600000", time,
            twins: [("log.message.timestamp.after.max.ms", 1)],
            doc: "How far in the future the timestamp of a record may lie."),
        SettingKey(
            "min.insync.replicas", .int, "1", .range(1...Int64(Int32.max)),
            twins: [("min.insync.replicas", 1)],
            doc: "Replicas that must be there for acks=all."),
    ]

    private static let kept: [SettingKey] = [
        SettingKey(
            "cleanup.policy", .list, "delete", .listOf(["delete", "compact"]),
            twins: [("log.cleanup.policy", 1)],
            doc:
                "What happens to old records: with `compact` only the last of every key stays, and records without a key are refused; with `delete` they go as the `retention` keys say."
        ),
        SettingKey(
            "retention.ms", .long, "604800000", .range(-1...Int64.max),
            twins: [
                ("log.retention.ms", 1), ("log.retention.minutes", 60_000),
                ("log.retention.hours", hour),
            ],
            doc:
                "How long records are kept after the time they carry; -1 for ever. Whole segments go."
        ),
        SettingKey(
            "retention.bytes", .long, "-1", .range(-1...Int64.max),
            twins: [("log.retention.bytes", 1)],
            doc:
                "Bytes that a partition keeps at least, and less than one segment more; -1 is without bound."
        ),
        SettingKey(
            "segment.jitter.ms", .long, "0", time, .kept,
            twins: [("log.roll.jitter.ms", 1), ("log.roll.jitter.hours", hour)],
            doc: "Spread of the age at which segments end."),
        SettingKey(
            "delete.retention.ms", .long, "86400000", time,
            twins: [("log.cleaner.delete.retention.ms", 1)],
            doc: "How long tombstones stay in a compacted log after it was first compacted."),
        SettingKey(
            "min.cleanable.dirty.ratio", .double, "0.5", .fraction(0...1),
            twins: [("log.cleaner.min.cleanable.ratio", 1)],
            doc: "The share of a log that must be uncompacted before it is compacted."),
        SettingKey(
            "min.compaction.lag.ms", .long, "0", time,
            twins: [("log.cleaner.min.compaction.lag.ms", 1)],
            doc: "How long a record stays uncompacted at least."),
        SettingKey(
            "max.compaction.lag.ms", .long, "9223372036854775807", positive,
            twins: [("log.cleaner.max.compaction.lag.ms", 1)],
            doc:
                "The age at which a record makes its log be compacted, whatever share of it was not."
        ),
        SettingKey(
            "file.delete.delay.ms", .long, "60000", time,
            twins: [("log.segment.delete.delay.ms", 1)],
            doc: "How long a deleted segment's files stay, as `….deleted`."),
        SettingKey(
            "preallocate", .boolean, "false", .any, .kept, twins: [("log.preallocate", 1)],
            doc: "Whether segment files get their full size at once."),
        SettingKey(
            "unclean.leader.election.enable", .boolean, "false", .any, .kept,
            twins: [("unclean.leader.election.enable", 1)],
            doc: "Whether a replica that is behind may become leader."),
        SettingKey(
            "leader.replication.throttled.replicas", .list, "", .any, .kept,
            doc: "Replicas whose leaders send at a bounded rate; nothing is replicated yet."),
        SettingKey(
            "follower.replication.throttled.replicas", .list, "", .any, .kept,
            doc: "Replicas that follow at a bounded rate; nothing is replicated yet."),
        SettingKey(
            "remote.storage.enable", .boolean, "false", .oneOf(["false"]), .kept,
            doc: "Whether segments move to remote storage: never in this version."),
        SettingKey(
            "remote.log.copy.disable", .boolean, "false", .any, .kept,
            doc: "Whether segments stop moving to remote storage."),
        SettingKey(
            "remote.log.delete.on.disable", .boolean, "false", .any, .kept,
            doc: "Whether remote segments go when remote storage is switched off."),
        SettingKey(
            "local.retention.ms", .long, "-2", .range(-2...Int64.max), .kept,
            doc: "How long segments in remote storage stay here too; -2 is as `retention.ms` says."),
        SettingKey(
            "local.retention.bytes", .long, "-2", .range(-2...Int64.max), .kept,
            doc: "Bytes of remote segments that stay here too; -2 is as `retention.bytes` says."),
    ]
}
