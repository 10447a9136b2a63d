import Vocabulary

/// One change to the state of the cluster, as it is kept in the metadata log.
public enum MetadataRecord: Sendable, Hashable {
    /// The first record: which cluster and broker the state belongs to.
    case clusterRegistered(clusterID: String, nodeID: BrokerID)
    /// A topic with the partitions 0 up to `partitionCount`, not included, and without settings.
    case topicCreated(name: String, id: TopicID, partitionCount: Int32)
    /// `partitionCount` is the new total.
    case partitionsAdded(topicID: TopicID, partitionCount: Int32)
    /// The topic is gone for clients; its files are still to be removed.
    case topicDeletionStarted(topicID: TopicID)
    /// The topic's files are gone.
    case topicDeletionFinished(topicID: TopicID)
    /// A setting of the topic's own, under Kafka's key; replaces the one before.
    case topicConfigSet(topicID: TopicID, key: String, value: String)
    /// The topic follows the broker's configuration of this key again.
    case topicConfigRemoved(topicID: TopicID, key: String)
    /// A setting that brokers take up while they run: of one broker, or of all that have none of
    /// their own where `broker` is `nil`.
    case brokerConfigSet(broker: BrokerID?, key: String, value: String)
    /// The setting is gone: of one broker, or with `nil` of all.
    case brokerConfigRemoved(broker: BrokerID?, key: String)
    /// Every producer id below `next` has been handed to a broker.
    case producerIDsAllocated(next: ProducerID)
}
