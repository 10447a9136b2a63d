import Vocabulary

/// What a consumer wants of one partition.
struct FetchPartition: Sendable, Equatable {
    struct Key: Hashable, Sendable {
        let topic: TopicReference
        let partition: PartitionIndex
    }

    var topic: TopicReference
    var partition: PartitionIndex
    var offset: Offset
    var maxBytes: Int
    /// The leader epoch the consumer believes in; `nil` where it has none (KIP-320).
    var currentLeaderEpoch: LeaderEpoch?

    var key: Key { Key(topic: topic, partition: partition) }
}
