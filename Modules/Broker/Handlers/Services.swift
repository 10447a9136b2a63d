import Logging
import Vocabulary

/// What all handlers share, on every loop.
struct Services: Sendable {
    let configuration: BrokerConfiguration
    let clusterID: String
    let nodeID: BrokerID
    let topics: PublishedTopics
    let registry: TopicRegistry
    let sessions: FetchSessionCache
    let shards: [ShardHandle]
    let logger: Logger
}
