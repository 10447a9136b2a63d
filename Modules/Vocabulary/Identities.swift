/// Names one producer across all partitions and restarts (KIP-98).
@frozen
public struct ProducerID: Quantity {
    public let rawValue: Int64

    @inlinable
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
}

/// Names one broker of a cluster: Kafka's `node.id`.
@frozen
public struct BrokerID: Quantity {
    public let rawValue: Int32

    @inlinable
    public init(_ rawValue: Int32) { self.rawValue = rawValue }
}

/// Numbers the partitions of one topic from 0.
@frozen
public struct PartitionIndex: Quantity {
    public let rawValue: Int32

    @inlinable
    public init(_ rawValue: Int32) { self.rawValue = rawValue }
}

/// Names one partition of one topic, by the topic's name.
public struct TopicPartition: Hashable, Sendable, CustomStringConvertible {
    /// As clients name the topic. Not checked here: see `TopicName`.
    public let topic: String
    /// From 0 up to the number of the topic's partitions, not included.
    public let partition: PartitionIndex

    public init(topic: String, partition: PartitionIndex) {
        self.topic = topic
        self.partition = partition
    }

    /// The name Kafka gives the partition's folder, `orders-3`.
    public var description: String { "\(topic)-\(partition)" }
}
