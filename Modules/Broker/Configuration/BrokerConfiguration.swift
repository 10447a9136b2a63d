/// The broker's settings in effect, checked; made once at start.
public struct BrokerConfiguration: Sendable {
    /// Values that were set, by key, with where each was set. Everything else is at its default.
    let settings: SettingTable

    public let nodeID: Int32
    public let listener: Endpoint
    /// `nil`: clients are told the address the listener is bound to.
    public let advertisedListener: Endpoint?
    public let dataFolder: String

    public let defaultPartitionCount: Int32
    public let defaultReplicationFactor: Int16
    public let createsTopicsAutomatically: Bool
    public let deletesTopics: Bool
    public let producerIDExpirationMilliseconds: Int64
    public let maxDecompressedBytes: Int
    public let maxFetchBytes: Int
    public let maxFetchSessions: Int
    /// Bytes of page cache that the logs of all loops together may leave behind.
    public let pageCacheBudgetBytes: Int64
    public let eventLoopCount: Int

    public let transport: TransportLimits
    /// The effective settings of a topic that sets nothing itself.
    public let topicDefaults: TopicConfiguration
}
