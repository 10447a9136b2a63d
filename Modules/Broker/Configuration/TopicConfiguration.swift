import SegmentStore

/// The settings of one topic in effect: its own values over the broker's defaults.
public struct TopicConfiguration: Sendable, Hashable {
    /// The values set on the topic itself, as written.
    public let overrides: [String: String]

    /// `cleanup.policy`: one of the two, both or neither.
    public let cleanupPolicy: CleanupPolicy
    /// `compression.type`: other batches are recompressed when they are appended.
    public let compressionType: StoredCompression
    /// `compression.gzip.level`: 1 to 9, or −1 for gzip's own default.
    public let gzipLevel: Int
    /// `compression.lz4.level`: 1 to 17.
    public let lz4Level: Int
    /// `compression.zstd.level`: −131,072 to 22.
    public let zstdLevel: Int
    /// `max.message.bytes`: the largest batch, as it is sent.
    public let maxMessageBytes: Int
    /// `message.timestamp.type`.
    public let timestampType: TimestampKind
    /// How far in the past a timestamp may lie; `nil` is without bound.
    public let timestampBeforeMaxMilliseconds: Int64?
    /// How far in the future a timestamp may lie; `nil` is without bound.
    public let timestampAfterMaxMilliseconds: Int64?
    /// `min.insync.replicas`: above 1 acks=all is refused, as long as there is one replica.
    public let minInSyncReplicas: Int
    /// `segment.bytes`: the size at which a log begins a new segment.
    public let segmentBytes: Int
    /// `segment.ms`: the age at which a log begins a new segment.
    public let segmentMilliseconds: Int64
    /// `segment.index.bytes`: the largest offset index; a full one begins a new segment.
    public let segmentIndexBytes: Int
    /// `index.interval.bytes`: an index entry is made when more bytes than this came since the
    /// last.
    public let indexIntervalBytes: Int
    /// `nil` keeps without bound.
    public let retentionBytes: Int64?
    /// `nil` keeps without bound.
    public let retentionMilliseconds: Int64?
    /// How long the files of a deleted segment stay.
    public let fileDeleteDelayMilliseconds: Int64
    /// How it is compacted, if `cleanupPolicy` says that it is.
    public let compaction: CompactionSettings
    /// `flush.messages=1` makes this `.sync`.
    public let durability: DurabilityPolicy
    /// How long a record stays unsynced under `.interval` and `.os`; `nil` where it is not set.
    public let flushMilliseconds: Int64?
    /// How many records stay unsynced, likewise.
    public let flushMessages: Int64?

    /// The settings of a topic that sets `overrides` itself.
    ///
    /// - Throws: The first key, in alphabetical order, that does not exist or may not have its
    ///   value; then a key of `overrides` that contradicts another.
    public init(
        overrides: [String: String], broker: BrokerConfiguration
    ) throws(TopicSettingError) {
        for (name, value) in overrides.sorted(by: { $0.key < $1.key }) {
            try Self.check(name, value)
        }
        self.init(checked: overrides, broker: broker.settings)
        try checkCompactionLags()
    }

    /// Throws if the topic makes the smallest lag of compaction larger than the largest. What the
    /// broker's defaults say by themselves is not the topic's mistake.
    private func checkCompactionLags() throws(TopicSettingError) {
        let min = "min.compaction.lag.ms"
        let max = "max.compaction.lag.ms"
        guard let largest = compaction.maxLagMilliseconds,
            compaction.minLagMilliseconds > largest
        else { return }
        if let value = overrides[min] {
            throw TopicSettingError(
                key: min, value: value, allowed: "at most \(max), which is \(largest)",
                nearest: nil)
        }
        if let value = overrides[max] {
            throw TopicSettingError(
                key: max, value: value,
                allowed: "at least \(min), which is \(compaction.minLagMilliseconds)",
                nearest: nil)
        }
    }

    /// Throws if a topic has no such key, or the key may not have this value.
    public static func check(_ name: String, _ value: String?) throws(TopicSettingError) {
        guard let key = TopicKeys.byName[name] else {
            throw TopicSettingError(
                key: name, value: value, allowed: nil,
                nearest: Nearest.name(to: name, in: TopicKeys.all))
        }
        let problem = value.map { key.problem(with: SettingKey.trimmed($0)) } ?? "a value"
        if let problem {
            throw TopicSettingError(key: name, value: value, allowed: problem, nearest: nil)
        }
    }

    init(checked overrides: [String: String], broker: SettingTable) {
        let reader = TopicSettings(overrides: overrides, broker: broker)
        self.overrides = overrides
        cleanupPolicy = SettingKey.words(of: reader.text("cleanup.policy"))
            .reduce(into: CleanupPolicy()) { policy, word in
                policy.insert(word == "compact" ? .compact : .delete)
            }
        compressionType = reader.word("compression.type")
        gzipLevel = Int(reader.number("compression.gzip.level"))
        lz4Level = Int(reader.number("compression.lz4.level"))
        zstdLevel = Int(reader.number("compression.zstd.level"))
        maxMessageBytes = Int(reader.number("max.message.bytes"))
        timestampType = reader.word("message.timestamp.type")
        timestampBeforeMaxMilliseconds = reader.bound("message.timestamp.before.max.ms")
        timestampAfterMaxMilliseconds = reader.bound("message.timestamp.after.max.ms")
        minInSyncReplicas = Int(reader.number("min.insync.replicas"))
        segmentBytes = Int(reader.number("segment.bytes"))
        segmentMilliseconds = reader.number("segment.ms")
        segmentIndexBytes = Int(reader.number("segment.index.bytes"))
        indexIntervalBytes = Int(reader.number("index.interval.bytes"))
        retentionBytes = reader.bound("retention.bytes")
        retentionMilliseconds = reader.bound("retention.ms")
        fileDeleteDelayMilliseconds = reader.number("file.delete.delay.ms")
        compaction = reader.compaction
        durability =
            reader.number("flush.messages") == 1 ? .sync : reader.word("durability")
        flushMilliseconds = reader.bound("flush.ms")
        flushMessages = reader.bound("flush.messages")
    }
}

/// Looks values up as a topic sees them: its own, else the broker's, else the default.
struct TopicSettings {
    let overrides: [String: String]
    let broker: SettingTable

    /// The broker's setting that a topic key's default comes from, if the broker sets any.
    func twin(of key: SettingKey) -> (name: String, value: String)? {
        // A source of higher rank wins by any of the names (Kafka's `overrideProps`).
        for source in SettingTable.sources {
            for twin in key.twins {
                guard let value = broker.value(twin.name, from: source) else { continue }
                return (twin.name, Self.scaled(value, by: twin.scale))
            }
        }
        return nil
    }

    /// A value of a broker key in the unit of the topic key; -1 stays "without bound".
    static func scaled(_ value: String, by scale: Int64) -> String {
        guard scale != 1, let number = Int64(value), number > 0 else { return value }
        let (product, overflow) = number.multipliedReportingOverflow(by: scale)
        return String(overflow ? .max : product)
    }

    func text(_ name: String) -> String {
        guard let key = TopicKeys.byName[name] else {
            preconditionFailure("\(name) is a key of topics")
        }
        if let value = overrides[name] { return SettingKey.trimmed(value) }
        return twin(of: key)?.value ?? key.defaultValue ?? ""
    }

    func number(_ name: String) -> Int64 {
        guard let number = Int64(text(name)) else {
            preconditionFailure("\(name) is a number: it was checked when it was set")
        }
        return number
    }

    /// A number whose extremes mean "without bound".
    func bound(_ name: String) -> Int64? {
        let number = number(name)
        return number < 0 || number == .max ? nil : number
    }

    /// What the keys of compaction say.
    var compaction: CompactionSettings {
        var settings = CompactionSettings()
        settings.minLagMilliseconds = number("min.compaction.lag.ms")
        settings.maxLagMilliseconds = bound("max.compaction.lag.ms")
        settings.deleteRetentionMilliseconds = number("delete.retention.ms")
        guard let ratio = Double(text("min.cleanable.dirty.ratio")) else {
            preconditionFailure("the ratio is a number: it was checked when it was set")
        }
        settings.minDirtyRatio = ratio
        return settings
    }

    func word<Word: RawRepresentable<String>>(_ name: String) -> Word {
        guard let word = Word(rawValue: text(name)) else {
            preconditionFailure("\(name) is one of its words: it was checked when it was set")
        }
        return word
    }
}
