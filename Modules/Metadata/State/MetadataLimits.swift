/// The bounds that keep one request from making the cluster's state too large.
public struct MetadataLimits: Sendable, Hashable {
    /// Kafka's controller accepts as many partitions in one request.
    public var partitionsPerTopic: Int32 = 10_000
    /// Bytes of one configuration value. A record can hold 65,535.
    public var configBytes = 32 << 10

    public init() {}
}
