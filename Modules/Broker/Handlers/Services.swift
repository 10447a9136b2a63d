import Logging
import Vocabulary

/// What all handlers share, on every loop. A class, so that handing it on costs one retain.
final class Services: Sendable {
    let configuration: BrokerConfiguration
    let clusterID: String
    let nodeID: BrokerID
    let topics: PublishedTopics
    let registry: TopicRegistry
    let sessions: FetchSessionCache
    let shards: [ShardHandle]
    let logger: Logger

    init(
        configuration: BrokerConfiguration, clusterID: String, nodeID: BrokerID,
        topics: PublishedTopics, registry: TopicRegistry, sessions: FetchSessionCache,
        shards: [ShardHandle], logger: Logger
    ) {
        self.configuration = configuration
        self.clusterID = clusterID
        self.nodeID = nodeID
        self.topics = topics
        self.registry = registry
        self.sessions = sessions
        self.shards = shards
        self.logger = logger
    }
}
