import Vocabulary

/// Where a partition lives: which shard, and which of the shard's slots.
struct PartitionPlace: Sendable, Equatable {
    let shard: Int
    let slot: Int
    let leaderEpoch: LeaderEpoch
}

/// A topic without its partitions' whereabouts.
struct TopicOutline: Sendable {
    let name: String
    let id: TopicID
    let partitionCount: Int32
    let configuration: TopicConfiguration
}

/// One topic as every loop sees it; replaced as a whole when anything of it changes.
final class Topic: Sendable {
    let name: String
    let id: TopicID
    let configuration: TopicConfiguration
    /// Indexed by partition; `nil` where the partition's log could not be opened.
    let places: [PartitionPlace?]
    /// Whether the broker keeps its own state in the topic.
    let isInternal: Bool

    init(
        name: String, id: TopicID, configuration: TopicConfiguration, places: [PartitionPlace?]
    ) {
        self.name = name
        self.id = id
        self.configuration = configuration
        self.places = places
        isInternal = TopicName.internalNames.contains(name)
    }

    convenience init(_ outline: TopicOutline, places: [PartitionPlace?]) {
        self.init(
            name: outline.name, id: outline.id, configuration: outline.configuration,
            places: places)
    }

    var outline: TopicOutline {
        TopicOutline(
            name: name, id: id, partitionCount: Int32(places.count), configuration: configuration)
    }

    /// Where a partition lives; says whether it does not exist or is out of service.
    func place(of partition: Int32) throws(PlaceError) -> PartitionPlace {
        guard partition >= 0, partition < places.count else { throw .unknownPartition }
        guard let place = places[Int(partition)] else { throw .offline }
        return place
    }
}

enum PlaceError: Error {
    case unknownPartition
    /// Its log failed to open; the broker's log says why.
    case offline
}
