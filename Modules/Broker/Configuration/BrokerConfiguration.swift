import Glibc

/// The broker's settings in effect, checked; made at start, and anew when one changes meanwhile.
public struct BrokerConfiguration: Sendable, Hashable {
    /// The values that were set; everything else is at its default.
    var settings: SettingTable

    /// `node.id`; unless it was set, a data folder that remembers another is served under that.
    public let nodeID: Int32
    /// `listeners`: an empty host is every address, port 0 any free port.
    public let listener: Endpoint
    /// `nil`: clients are told the address the listener is bound to.
    public let advertisedListener: Endpoint?
    /// `log.dirs`, or else `log.dir`: one folder.
    public let dataFolder: String
    /// The least level of the log's lines, by swift-log's name.
    public let logLevel: String

    /// `num.partitions`: of a topic that is created without a number.
    public let defaultPartitionCount: Int32
    /// `default.replication.factor`, likewise; one broker can hold one replica.
    public let defaultReplicationFactor: Int16
    /// `auto.create.topics.enable`: whether asking for a topic's metadata makes it.
    public let createsTopicsAutomatically: Bool
    /// `delete.topic.enable`: without it DeleteTopics is refused.
    public let deletesTopics: Bool
    /// `producer.id.expiration.ms`: how long the sequence numbers of a silent producer are
    /// remembered.
    public internal(set) var producerIDExpirationMilliseconds: Int64
    /// `log.retention.check.interval.ms`: how often logs are searched for records to delete.
    public let retentionCheckMilliseconds: Int64
    /// `message.max.decompressed.bytes`: the largest payload a compressed batch may expand to.
    public let maxDecompressedBytes: Int
    /// `fetch.max.bytes`: the most bytes one fetch answer carries, a single larger batch excepted.
    public let maxFetchBytes: Int
    /// `max.incremental.fetch.session.cache.slots`: fetch sessions that are remembered (KIP-227).
    public let maxFetchSessions: Int
    /// Bytes of page cache that the logs of all loops together may leave behind.
    public let pageCacheBudgetBytes: Int64
    /// What the journals of all loops together may take on disk; 0 is none.
    public let journalBytes: Int64
    /// `num.network.threads`; by default one for every two processors, at least one.
    public let eventLoopCount: Int
    /// How fast all loops together read records that are not in memory; `nil` is without bound.
    public let coldReadBytesPerSecond: Int?

    /// What the keys of sockets, connections and requests in memory say.
    public let transport: TransportLimits
    /// What the `log.cleaner` keys say.
    public let cleaner: CleanerSettings
    /// The effective settings of a topic that sets nothing itself.
    public internal(set) var topicDefaults: TopicConfiguration

    /// Settings by key name, everything else at its default: for tests and embedding.
    public init(_ settings: [String: String] = [:]) throws(ConfigurationError) {
        var table = SettingTable()
        for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
            table.offer(key, value, from: .set)
        }
        try self.init(table)
    }

    init(_ table: SettingTable) throws(ConfigurationError) {
        try table.check()
        settings = table
        nodeID = Int32(table.int("node.id"))
        logLevel = table.text("log.level") ?? "info"
        guard let listener = table.text("listeners").flatMap(Listener.parse) else {
            preconditionFailure("the listener was checked when it was set")
        }
        self.listener = listener
        advertisedListener = table.text("advertised.listeners").flatMap(Listener.parse)
        dataFolder = try Self.dataFolder(table)
        if let advertised = advertisedListener, advertised.host.isEmpty || advertised.port == 0 {
            throw .conflict("advertised.listeners needs a host and a port that clients can reach")
        }

        defaultPartitionCount = Int32(table.int("num.partitions"))
        defaultReplicationFactor = Int16(table.int("default.replication.factor"))
        createsTopicsAutomatically = table.flag("auto.create.topics.enable")
        deletesTopics = table.flag("delete.topic.enable")
        producerIDExpirationMilliseconds = Int64(table.int("producer.id.expiration.ms"))
        retentionCheckMilliseconds = Int64(table.int("log.retention.check.interval.ms"))
        maxDecompressedBytes = table.int("message.max.decompressed.bytes")
        maxFetchBytes = table.int("fetch.max.bytes")
        maxFetchSessions = table.int("max.incremental.fetch.session.cache.slots")
        pageCacheBudgetBytes = table.number("log.page.cache.bytes") ?? Self.memoryBytes / 4
        journalBytes = table.number("log.journal.bytes") ?? 0
        let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        eventLoopCount = table.number("num.network.threads").map(Int.init) ?? max(1, processors / 2)
        let coldRate = table.number("fetch.cold.read.bytes.per.second") ?? -1
        coldReadBytesPerSecond = coldRate < 0 ? nil : Int(coldRate)
        transport = TransportLimits(table, eventLoopCount: eventLoopCount)
        cleaner = CleanerSettings(table)
        topicDefaults = TopicConfiguration(checked: [:], broker: table)
    }

    /// How much of what cold reads brought into memory each loop leaves there.
    var coldFootprintBytes: Int {
        min(32 << 20, Int(pageCacheBudgetBytes) / max(1, eventLoopCount) / 8)
    }

    private static func dataFolder(_ table: SettingTable) throws(ConfigurationError) -> String {
        guard let folders = table.text("log.dirs").map(SettingKey.words), !folders.isEmpty else {
            return table.text("log.dir") ?? "data"
        }
        guard folders.count == 1 else {
            throw .conflict(
                "log.dirs names \(folders.count) folders; this version keeps its data in one")
        }
        return folders[0]
    }

    /// The machine's memory.
    private static var memoryBytes: Int64 {
        Int64(max(1, sysconf(Int32(_SC_PHYS_PAGES)))) * Int64(max(1, sysconf(Int32(_SC_PAGESIZE))))
    }
}

extension TransportLimits {
    init(_ table: SettingTable, eventLoopCount: Int) {
        self.init()
        func orSystem(_ name: String) -> Int? {
            let bytes = table.int(name)
            return bytes < 0 ? nil : bytes
        }
        maxRequestBytes = table.int("socket.request.max.bytes")
        maxPipelinedRequests = table.int("connections.max.pipelined.requests")
        maxPipelinedBytes = table.int("connections.max.pipelined.bytes")
        maxUnsentBytes = table.int("connections.max.unsent.bytes")
        maxConnections = table.int("max.connections")
        maxConnectionsPerAddress = table.int("max.connections.per.ip")
        let idle = Int64(table.int("connections.max.idle.ms"))
        idleMilliseconds = idle < 0 ? nil : idle
        sendBufferBytes = orSystem("socket.send.buffer.bytes")
        receiveBufferBytes = orSystem("socket.receive.buffer.bytes")
        listenBacklog = table.int("socket.listen.backlog.size")
        pooledFrameBytes = table.int("request.buffer.pool.bytes")
        let queued = table.int("queued.max.request.bytes")
        // Each loop watches over its share: no counter is shared between threads.
        queuedFrameBytes = queued < 0 ? Int.max / 2 : max(1, queued / eventLoopCount)
    }
}
