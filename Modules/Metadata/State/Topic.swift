import Vocabulary

/// A topic as the cluster knows it.
public struct Topic: Sendable, Hashable {
    /// In a `ClusterState` legal, and unique among the topics that are not being deleted.
    public let name: String
    /// Tells it from earlier topics of the name (KIP-516).
    public let id: TopicID
    /// Its partitions are numbered from 0 up to, not including, this.
    public internal(set) var partitionCount: Int32
    /// What the topic sets differently from the broker, by Kafka's topic keys.
    public internal(set) var configs: [String: String] = [:]

    public init(
        name: String, id: TopicID, partitionCount: Int32, configs: [String: String] = [:]
    ) {
        self.name = name
        self.id = id
        self.partitionCount = partitionCount
        self.configs = configs
    }

    /// In their order; makes an array with the topic's name in each element.
    public var partitions: [TopicPartition] {
        (0..<partitionCount).map { TopicPartition(topic: name, partition: PartitionIndex($0)) }
    }
}
