import KafkaProtocol
import Logging
import Metadata
import NIOCore
import SegmentStore
import Vocabulary

/// Changes which topics there are: one change at a time, each durable before it is visible.
///
/// An actor on the loop of the metadata shard. What it has done is read from `PublishedTopics` by
/// everyone.
actor TopicRegistry {
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private nonisolated let executor: any SerialExecutor
    let metadata: MetadataGate
    let shards: [ShardHandle]
    let published: PublishedTopics
    private let sessions: FetchSessionCache
    let checkpointer: Checkpointer?
    /// The broker's settings in effect, for everyone.
    nonisolated let effective: PublishedConfiguration
    private let nodeID: BrokerID
    let logger: Logger
    private var producerIDs = ProducerIDs()
    private var nextShard = 0
    private var isBusy = false
    private var turns: [CheckedContinuation<Void, Never>] = []

    /// - Parameters:
    ///   - executor: that of the loop which keeps the metadata.
    ///   - checkpointer: forgets deleted logs; `nil` where nothing is deleted.
    init(
        executor: any SerialExecutor, metadata: MetadataGate, shards: [ShardHandle],
        published: PublishedTopics,
        sessions: FetchSessionCache, checkpointer: Checkpointer?,
        configuration: BrokerConfiguration, nodeID: BrokerID,
        logger: Logger
    ) {
        self.executor = executor
        self.metadata = metadata
        self.shards = shards
        self.published = published
        self.sessions = sessions
        self.checkpointer = checkpointer
        effective = PublishedConfiguration(configuration)
        self.nodeID = nodeID
        self.logger = logger
    }

    var configuration: BrokerConfiguration { effective.current }

    // MARK: Creating

    func create(_ specification: TopicSpecification, validateOnly: Bool) async -> Result<
        TopicOutline, TopicFault
    > {
        await takeTurn()
        defer { endTurn() }
        do throws(TopicFault) {
            let overrides = try specification.overrides()
            let topicConfiguration = try Self.check(overrides, configuration)
            let id = TopicID.random()
            // The name is judged first, as in Kafka: with a valid count in the place of ours.
            _ = try decideCreation(specification.name, id, 1, [:])
            let count = try specification.resolvedPartitionCount(
                node: nodeID, configuration: configuration)
            let records = try decideCreation(specification.name, id, count, overrides)
            let outline = TopicOutline(
                name: specification.name, id: id, partitionCount: count,
                configuration: topicConfiguration)
            guard !validateOnly else { return .success(outline) }
            // The log start of a deleted topic would hide records of the new one.
            guard await checkpointer?.forget(topic: outline.name) ?? true else {
                throw TopicFault(
                    .kafkaStorageError,
                    "the checkpoints, which may name a deleted topic, cannot be written")
            }
            try await write(records)
            let places = await place(outline, partitions: 0..<count)
            try await settle(places, of: outline)
            logger.info(
                "topic created",
                metadata: [
                    "topic": "\(outline.name)", "id": "\(id)", "partitions": "\(count)",
                ])
            return .success(outline)
        } catch {
            return .failure(error)
        }
    }

    static func check(
        _ overrides: [String: String], _ configuration: BrokerConfiguration
    ) throws(TopicFault) -> TopicConfiguration {
        do throws(TopicSettingError) {
            return try TopicConfiguration(overrides: overrides, broker: configuration)
        } catch {
            throw TopicFault(.invalidConfig, error.description)
        }
    }

    private func decideCreation(
        _ name: String, _ id: TopicID, _ count: Int32, _ overrides: [String: String]
    ) throws(TopicFault) -> [MetadataRecord] {
        do throws(MetadataError) {
            return try metadata.stateOnLoop.decideTopicCreation(
                name: name, id: id, partitionCount: count, configs: overrides)
        } catch {
            throw TopicFault(error)
        }
    }

    /// Publishes a topic whose logs exist; takes back one whose logs could not be made.
    private func settle(
        _ places: [Result<PartitionPlace, StoreError>], of outline: TopicOutline
    ) async throws(TopicFault) {
        var failure: StoreError?
        var made: [PartitionPlace?] = []
        for place in places {
            switch place {
            case .success(let place): made.append(place)
            case .failure(let error):
                failure = error
                made.append(nil)
            }
        }
        let topic = Topic(outline, places: made)
        guard let failure else {
            publish { $0.put(topic) }
            return
        }
        logger.error(
            "topic could not be created",
            metadata: ["topic": "\(topic.name)", "reason": "\(failure)"])
        try await write([.topicDeletionStarted(topicID: topic.id)])
        if await removeLogs(of: topic) {
            try await write([.topicDeletionFinished(topicID: topic.id)])
        }
        throw TopicFault(ErrorCode(failure), String(describing: failure))
    }

    /// Makes the logs of partitions, round-robin over the shards.
    ///
    /// One at a time on each shard: making a log waits for the device, and between two of them the
    /// loop serves its connections.
    private func place(
        _ outline: TopicOutline, partitions: Range<Int32>
    ) async -> [Result<PartitionPlace, StoreError>] {
        var places: [Result<PartitionPlace, StoreError>] = []
        var rest = partitions
        while !rest.isEmpty {
            let round = rest.prefix(shards.count)
            rest = round.endIndex..<rest.endIndex
            let visits = round.map { partition in
                let shard = shards[nextShard]
                nextShard = (nextShard + 1) % shards.count
                return shard.submit { shard in
                    shard.createPartition(PartitionIndex(partition), of: outline)
                }
            }
            for visit in visits {
                do {
                    places.append(try await visit.get())
                } catch {
                    // A visit itself fails only when its loop is gone.
                    places.append(.failure(.closed(path: outline.name)))
                }
            }
            // Nobody wants the rest of a topic that lacks a partition.
            if places.contains(where: { $0.isFailure }) { return places }
        }
        return places
    }

    // MARK: Deleting

    func delete(_ reference: TopicReference) async -> Result<TopicOutline, TopicFault> {
        await takeTurn()
        defer { endTurn() }
        guard let topic = published.current.topic(reference) else {
            switch reference {
            case .name: return .failure(TopicFault(.unknownTopicOrPartition))
            case .id: return .failure(TopicFault(.unknownTopicID))
            }
        }
        do throws(TopicFault) {
            let records: [MetadataRecord]
            do throws(MetadataError) {
                records = try metadata.stateOnLoop.decideDeletion(of: topic.id)
            } catch {
                throw TopicFault(error)
            }
            try await write(records)
            publish { $0.remove(topic) }
            sessions.forgetSent(topic: topic.name, id: topic.id)
            let isGone = await removeLogs(of: topic)
            // What cannot be written is written before a topic of that name is made anew.
            _ = await checkpointer?.forget(topic: topic.name)
            await checkpointer?.writeAll()
            if isGone { try await write(metadata.stateOnLoop.decideDeletionFinished(of: topic.id)) }
            logger.info("topic deleted", metadata: ["topic": "\(topic.name)", "id": "\(topic.id)"])
            return .success(topic.outline)
        } catch {
            return .failure(error)
        }
    }

    /// Removes the folders of all partitions; says whether none is left. What is left goes at the
    /// next start.
    private func removeLogs(of topic: Topic) async -> Bool {
        var isGone = true
        for (index, place) in topic.places.enumerated() {
            let name = TopicPartition(
                topic: topic.name, partition: PartitionIndex(Int32(index)))
            do {
                if let place {
                    try await shards[place.shard].submit { shard in
                        try shard.deletePartition(slot: place.slot, topicID: topic.id)
                    }.get()
                } else {
                    // Not open; its folder may be there all the same.
                    try await shards[0].submit { shard in
                        try shard.deleteFolder(of: name, topicID: topic.id)
                    }.get()
                }
            } catch {
                isGone = false
                logger.error(
                    "a deleted partition's folder is left behind",
                    metadata: ["partition": "\(name)", "reason": "\(error)"])
            }
        }
        return isGone
    }

    // MARK: Growing

    func addPartitions(
        _ addition: PartitionAddition, validateOnly: Bool
    ) async -> Result<Void, TopicFault> {
        await takeTurn()
        defer { endTurn() }
        do throws(TopicFault) {
            guard let topic = published.current.byName[addition.topic] else {
                throw TopicFault(.unknownTopicOrPartition)
            }
            let records = try decide(addition, topic)
            guard !validateOnly else { return .success(()) }
            try await write(records)
            let old = Int32(topic.places.count)
            let added = await place(topic.outline, partitions: old..<addition.count)
            var places: [PartitionPlace?] = []
            var failure: StoreError?
            for place in added {
                switch place {
                case .success(let place): places.append(place)
                case .failure(let error):
                    places.append(nil)
                    failure = error
                    logger.error(
                        "partition could not be created",
                        metadata: ["topic": "\(topic.name)", "reason": "\(error)"])
                }
            }
            // Those that were not tried are offline until the next start makes them.
            while topic.places.count + places.count < addition.count { places.append(nil) }
            let grown = Topic(
                name: topic.name, id: topic.id, configuration: topic.configuration,
                places: topic.places + places)
            publish { $0.put(grown) }
            if let failure {
                throw TopicFault(
                    ErrorCode(failure),
                    "the topic has \(addition.count) partitions now, of which some are offline "
                        + "until the broker starts again: \(failure)")
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func decide(
        _ addition: PartitionAddition, _ topic: Topic
    ) throws(TopicFault) -> [MetadataRecord] {
        let current = topic.places.count
        guard addition.count != current else {
            throw TopicFault(.invalidPartitions, "the topic has \(current) partitions already")
        }
        guard addition.count > current else {
            throw TopicFault(
                .invalidPartitions,
                "the topic has \(current) partitions; their number only grows, not to "
                    + "\(addition.count)")
        }
        if let assignments = addition.assignments {
            let additional = Int(addition.count) - current
            guard assignments.count == additional else {
                throw TopicFault(
                    .invalidReplicaAssignment,
                    "\(additional) partitions are to be added, \(assignments.count) are assigned")
            }
            for brokers in assignments { try TopicSpecification.check(brokers, node: nodeID) }
        }
        do throws(MetadataError) {
            return try metadata.stateOnLoop.decidePartitions(
                topic: topic.name, partitionCount: addition.count)
        } catch {
            throw TopicFault(error)
        }
    }

    // MARK: Producer ids

    func nextProducerID() async -> Result<ProducerID, TopicFault> {
        if let id = producerIDs.take() { return .success(id) }
        await takeTurn()
        defer { endTurn() }
        // Somebody else may have fetched a block while this one waited for its turn.
        if let id = producerIDs.take() { return .success(id) }
        let (block, records) = metadata.stateOnLoop.decideProducerIDBlock()
        do throws(TopicFault) {
            try await write(records)
        } catch {
            return .failure(error)
        }
        producerIDs.refill(block)
        guard let id = producerIDs.take() else {
            preconditionFailure("a fresh block holds an id")
        }
        return .success(id)
    }

    // MARK: One at a time

    func takeTurn() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { turns.append($0) }
    }

    func endTurn() {
        if turns.isEmpty {
            isBusy = false
        } else {
            turns.removeFirst().resume()
        }
    }

    func write(_ records: [MetadataRecord]) async throws(TopicFault) {
        do throws(MetadataError) {
            try await metadata.write(records)
        } catch {
            throw TopicFault(error)
        }
    }

    func publish(
        _ epoch: LeaderEpoch, of topicID: TopicID, _ partition: PartitionIndex
    ) async {
        await takeTurn()
        defer { endTurn() }
        let index = Int(partition.rawValue)
        guard let topic = published.current.byID[topicID], index < topic.places.count,
            let place = topic.places[index], place.leaderEpoch < epoch
        else { return }
        var places = topic.places
        places[index] = PartitionPlace(
            shard: place.shard, slot: place.slot, leaderEpoch: epoch)
        publish { $0.put(Topic(topic.outline, places: places)) }
    }

    func publish(_ change: (inout TopicSnapshot) -> Void) {
        var snapshot = published.current
        change(&snapshot)
        published.publish(snapshot)
    }
}

extension Result {
    fileprivate var isFailure: Bool {
        if case .failure = self { true } else { false }
    }
}
