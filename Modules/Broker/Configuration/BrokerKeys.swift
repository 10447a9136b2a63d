/// The keys of a broker: Kafka's names where Kafka has one.
///
/// A key that is not here is refused by name. Defaults are Kafka 4.3's unless the text says
/// otherwise.
public enum BrokerKeys {
    /// Each key once, in the order in which DescribeConfigs lists them.
    public static let all: [SettingKey] = [
        node, topics, limits, sockets, logs, retention, cleaning, records, own,
    ].flatMap { $0 }

    static let byName: [String: SettingKey] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0) })

    private static let count: SettingKey.Allowed = .range(1...Int64(Int32.max))
    private static let size: SettingKey.Allowed = .range(0...Int64(Int32.max))
    private static let sizeOrSystem: SettingKey.Allowed = .rangeOr(1...Int64(Int32.max), -1)
    private static let time: SettingKey.Allowed = .range(0...Int64.max)
    private static let positiveTime: SettingKey.Allowed = .range(1...Int64.max)
    private static let boundOrNone: SettingKey.Allowed = .range(-1...Int64.max)

    private static let node: [SettingKey] = [
        SettingKey(
            "node.id", .int, "1", size,
            doc:
                "The number of this broker. A data folder remembers it and refuses another. Kafka has no default."
        ),
        SettingKey(
            "listeners", .list, "PLAINTEXT://127.0.0.1:9092", .listener,
            doc:
                "Where the broker listens; an empty host is every address, port 0 any free port. Kafka's default listens on every address."
        ),
        SettingKey(
            "advertised.listeners", .list, nil, .listener,
            doc:
                "What clients are told to connect to, if it differs from where the broker listens: behind a container's port mapping, or on 0.0.0.0."
        ),
        SettingKey(
            "log.dirs", .list, nil,
            doc: "The data folder, of higher rank than `log.dir`. One folder only in this version."),
        SettingKey(
            "log.dir", .string, "data", doc: "The data folder. Kafka's default lies in /tmp."),
        SettingKey(
            "log.level", .string, "info",
            .oneOf(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
            doc: "The least level of the lines written to standard error. Ours."),
    ]

    private static let topics: [SettingKey] = [
        SettingKey(
            "auto.create.topics.enable", .boolean, "true",
            doc:
                "Whether asking for the metadata of an unknown topic, as every producer does, creates it."
        ),
        SettingKey(
            "delete.topic.enable", .boolean, "true", doc: "Whether topics may be deleted."),
        SettingKey(
            "num.partitions", .int, "1", count,
            doc: "Partitions of a topic that is created without a number."),
        SettingKey(
            "default.replication.factor", .int, "1", .range(1...Int64(Int16.max)),
            doc: "Replicas of a topic that is created without a number. One broker can hold one."),
    ]

    private static let limits: [SettingKey] = [
        SettingKey(
            "num.network.threads", .int, nil, .range(1...1_024),
            doc:
                "Event loops: each serves its share of the connections and partitions. By default one for every two processors, at least one. Kafka's default is 3."
        ),
        SettingKey(
            "socket.request.max.bytes", .int, "104857600", count,
            doc: "The largest request; a longer one closes its connection."),
        SettingKey(
            "queued.max.request.bytes", .long, "268435456", .rangeOr(1...Int64.max, -1),
            doc:
                "Memory for large requests that are being received or served, for each event loop; further ones wait. -1 is without bound, which is Kafka's default."
        ),
        SettingKey(
            "connections.max.idle.ms", .long, "600000",
            doc:
                "A connection without traffic is closed after this time; a negative number keeps it open."
        ),
        SettingKey(
            "max.connections", .int, "2147483647", size,
            doc: "Connections of the whole broker; further ones are closed at once."),
        SettingKey(
            "max.connections.per.ip", .int, "2147483647", size,
            doc: "Connections from one address; further ones are closed at once."),
        SettingKey(
            "fetch.max.bytes", .int, "57671680", .range(1024...Int64(Int32.max)),
            doc:
                "The most bytes one fetch answer carries, whatever the client asks for; a single larger batch is sent all the same."
        ),
        SettingKey(
            "max.incremental.fetch.session.cache.slots", .int, "1000", size,
            doc: "Incremental fetch sessions that are remembered."),
    ]

    private static let sockets: [SettingKey] = [
        SettingKey(
            "socket.send.buffer.bytes", .int, "102400", sizeOrSystem,
            doc:
                "SO_SNDBUF of client connections; -1 leaves it to the system. Small is fast: what is in flight stays in the processor's cache."
        ),
        SettingKey(
            "socket.receive.buffer.bytes", .int, "102400", sizeOrSystem,
            doc: "SO_RCVBUF of client connections; -1 leaves it to the system."),
        SettingKey(
            "socket.listen.backlog.size", .int, "50", count,
            doc: "Connections that may wait to be accepted."),
    ]

    private static let logs: [SettingKey] = [
        SettingKey(
            "log.durability", .string, "sync", .oneOf(DurabilityPolicy.allCases.map(\.rawValue)),
            doc:
                "When a record is acknowledged: `sync`, on stable storage; `interval`, when written, and synced every `log.flush.interval.ms`; `os`, when written, and synced when the system likes, as Kafka does by default. Ours."
        ),
        SettingKey(
            "log.flush.interval.messages", .long, "9223372036854775807", positiveTime,
            doc:
                "How many records of a log stay unsynced at the most under `log.durability=interval` and `os`; 1 means `log.durability=sync`."
        ),
        SettingKey(
            "log.flush.interval.ms", .long, nil, time,
            doc:
                "How long a record stays unsynced at the most under `log.durability=interval`, where 1,000 is the default, and `os`, where nothing is."
        ),
        SettingKey(
            "log.journal.bytes", .long, "67108864", .range(0...Int64(1) << 40),
            doc:
                "What the journals of all event loops together may take on disk; appends under `log.durability=sync` that are small are made durable there first. 0 means without: each log is synced for itself. Below 1 MiB an event loop it is raised to that. Ours."
        ),
        SettingKey(
            "log.segment.bytes", .int, "1073741824", .range(1_048_576...Int64(Int32.max)),
            doc: "The size at which a log begins a new segment file."),
        SettingKey(
            "log.roll.ms", .long, nil, positiveTime,
            doc:
                "The age at which a log begins a new segment, of higher rank than `log.roll.hours`."
        ),
        SettingKey(
            "log.roll.hours", .int, "168", count,
            doc: "The age at which a log begins a new segment."),
        SettingKey(
            "log.roll.jitter.ms", .long, nil, time, .kept,
            doc:
                "Spread of the age at which segments end, of higher rank than `log.roll.jitter.hours`."
        ),
        SettingKey(
            "log.roll.jitter.hours", .int, "0", size, .kept,
            doc: "Spread of the age at which segments end."),
        SettingKey(
            "log.index.interval.bytes", .int, "4096", size,
            doc: "An index entry is made when more bytes than this came since the last one."),
        SettingKey(
            "log.index.size.max.bytes", .int, "10485760", .range(4...Int64(Int32.max)),
            doc: "The largest offset index; a full one begins a new segment."),
        SettingKey(
            "log.preallocate", .boolean, "false", .any, .kept,
            doc: "Whether segment files get their full size at once."),
        SettingKey(
            "log.segment.delete.delay.ms", .long, "60000", time,
            doc: "How long a deleted segment's file stays."),
        SettingKey(
            "producer.id.expiration.ms", .int, "86400000", count,
            doc: "How long the sequence numbers of a silent idempotent producer are remembered."),
    ]

    private static let retention: [SettingKey] = [
        SettingKey(
            "log.cleanup.policy", .list, "delete", .listOf(["delete", "compact"]),
            doc:
                "What happens to old records: they are deleted, or compacted to the last of each key, or both."
        ),
        SettingKey(
            "log.retention.ms", .long, nil, .rangeOr(1...Int64.max, -1),
            doc: "How long records are kept, of higher rank than minutes and hours; -1 for ever."),
        SettingKey(
            "log.retention.minutes", .int, nil, .rangeOr(1...Int64(Int32.max), -1),
            doc: "How long records are kept, of higher rank than hours."),
        SettingKey(
            "log.retention.hours", .int, "168", .rangeOr(1...Int64(Int32.max), -1),
            doc: "How long records are kept."),
        SettingKey(
            "log.retention.bytes", .long, "-1", boundOrNone,
            doc: "Bytes that a partition keeps; -1 is without bound."),
        SettingKey(
            "log.retention.check.interval.ms", .long, "300000", positiveTime,
            doc: "How often logs are searched for records to delete."),
    ]

    private static let cleaning: [SettingKey] = [
        SettingKey(
            "log.cleaner.enable", .boolean, "true",
            doc: "Whether logs with `cleanup.policy=compact` are compacted."),
        SettingKey(
            "log.cleaner.threads", .int, "1", .range(0...Int64(Int32.max)), .kept,
            doc: "Threads that compact: one, in this version, whatever is set."),
        SettingKey(
            "log.cleaner.backoff.ms", .long, "15000", time,
            doc: "How long the cleaner rests when no log is due."),
        SettingKey(
            "log.cleaner.io.max.bytes.per.second", .double, "1.7976931348623157E308",
            .fraction(0...Double.greatestFiniteMagnitude),
            doc:
                "Bytes that the cleaner reads and writes in a second, both together; without bound if not set."
        ),
        SettingKey(
            "log.cleaner.dedupe.buffer.size", .long, "134217728", .range(1_024...Int64.max),
            doc:
                "Memory for the keys of the log that is being compacted, 24 bytes for each, taken as they come. Where it does not suffice a log is compacted in several rounds."
        ),
        SettingKey(
            "log.cleaner.io.buffer.size", .int, "524288", size,
            doc: "How much the cleaner reads or writes at a time."),
        SettingKey(
            "log.cleaner.io.buffer.load.factor", .double, "0.9", .fraction(0...1),
            doc: "How full the memory for keys may get."),
        SettingKey(
            "log.cleaner.delete.retention.ms", .long, "86400000", time,
            doc: "How long tombstones stay in a compacted log after it was first compacted."),
        SettingKey(
            "log.cleaner.min.cleanable.ratio", .double, "0.5", .fraction(0...1),
            doc: "The share of a log that must be uncompacted before it is compacted."),
        SettingKey(
            "log.cleaner.min.compaction.lag.ms", .long, "0", time,
            doc: "How long a record stays uncompacted at least."),
        SettingKey(
            "log.cleaner.max.compaction.lag.ms", .long, "9223372036854775807", positiveTime,
            doc:
                "The age at which a record makes its log be compacted, whatever share of it was not."
        ),
    ]

    private static let records: [SettingKey] = [
        SettingKey(
            "message.max.bytes", .int, "1048588", size,
            doc: "The largest record batch, as it is sent."),
        SettingKey(
            "compression.type", .string, "producer",
            .oneOf(StoredCompression.allCases.map(\.rawValue)),
            doc: "How batches are stored: as the producer sent them, or by this codec."),
        SettingKey(
            "compression.gzip.level", .int, "-1", .rangeOr(1...9, -1),
            doc: "The level of gzip when `compression.type` asks for it; -1 is gzip's own default."),
        SettingKey(
            "compression.lz4.level", .int, "9", .range(1...17),
            doc: "The level of lz4 when `compression.type` asks for it."),
        SettingKey(
            "compression.zstd.level", .int, "3", .range(-131_072...22),
            doc: "The level of zstd when `compression.type` asks for it."),
        SettingKey(
            "log.message.timestamp.type", .string, "CreateTime",
            .oneOf(TimestampKind.allCases.map(\.rawValue)),
            doc: "Whose clock timestamps show: the producer's, or the broker's at the append."),
        SettingKey(
            "log.message.timestamp.before.max.ms", .long, "9223372036854775807", time,
            doc: "How far in the past the timestamp of a record may lie."),
        SettingKey(
            "log.message.timestamp.after.max.ms", .long, "3600000", time,
            doc: "How far in the future the timestamp of a record may lie."),
        SettingKey(
            "min.insync.replicas", .int, "1", count,
            doc: "Replicas that must be there for acks=all."),
        SettingKey(
            "unclean.leader.election.enable", .boolean, "false", .any, .kept,
            doc: "Whether a replica that is behind may become leader."),
    ]

    private static let own: [SettingKey] = [
        SettingKey(
            "message.max.decompressed.bytes", .int, "134217728", count,
            doc: "The largest payload a compressed batch may expand to. Ours."),
        SettingKey(
            "log.page.cache.bytes", .long, nil, .range(1_048_576...Int64.max),
            doc:
                "Page cache that the logs may keep filled, all together; a quarter of the machine's memory if not set. Ours."
        ),
        SettingKey(
            "fetch.cold.read.bytes.per.second", .long, "209715200",
            .rangeOr(1_048_576...Int64(1) << 40, -1),
            doc:
                "How fast records that are not in memory are read from the device for consumers, all together; -1 is without bound. Ours."
        ),
        SettingKey(
            "connections.max.pipelined.requests", .int, "64", count,
            doc:
                "Requests of one connection that may wait for their answers; reading stops there. Ours; Kafka serves one at a time."
        ),
        SettingKey(
            "connections.max.pipelined.bytes", .int, "16777216", count,
            doc:
                "Bytes of requests of one connection that may wait for their answers; one request is always admitted. Ours."
        ),
        SettingKey(
            "connections.max.unsent.bytes", .int, "1048576", .range(4_096...Int64(Int32.max)),
            doc:
                "Bytes of answers that a client has not taken; reading its requests stops there. Ours."
        ),
        SettingKey(
            "request.buffer.pool.bytes", .long, "33554432", .range(0...Int64.max),
            doc: "Memory for large requests that each event loop keeps for reuse. Ours."),
    ]
}
