import Vocabulary

/// What may be asked of the cluster. Nothing here changes the state: the answer is the records
/// that would, in one group that is kept whole or not at all.
extension ClusterState {
    /// Claims the state for a cluster and broker; no records when it is theirs already.
    ///
    /// - Throws: `.otherIdentity`
    public func decideRegistration(
        clusterID: String, nodeID: BrokerID
    ) throws(MetadataError) -> [MetadataRecord] {
        guard let ours = self.clusterID, let node = self.nodeID else {
            return [.clusterRegistered(clusterID: clusterID, nodeID: nodeID)]
        }
        guard ours == clusterID, node == nodeID else {
            throw .otherIdentity(
                expected: "cluster \(ours), node \(node)",
                found: "cluster \(clusterID), node \(nodeID)")
        }
        return []
    }

    /// Creates a topic; `id` must be new, as random ids are.
    ///
    /// - Throws: `.illegalName`, `.reservedName`, `.topicExists`, `.nameCollides`,
    ///   `.invalidPartitionCount`, `.tooManyPartitions`, `.configTooLong`
    public func decideTopicCreation(
        name: String, id: TopicID, partitionCount: Int32, configs: [String: String] = [:],
        limits: MetadataLimits = MetadataLimits()
    ) throws(MetadataError) -> [MetadataRecord] {
        let legal: TopicName
        do { legal = try TopicName(name) } catch { throw .illegalName(error) }
        if legal.isReserved { throw .reservedName(name) }
        if topic(named: name) != nil { throw .topicExists(name) }
        if let other = topicName(collidingWith: legal) { throw .nameCollides(name, with: other) }
        if partitionCount < 1 { throw .invalidPartitionCount(partitionCount) }
        try check(partitionCount, limits)

        let creation = MetadataRecord.topicCreated(
            name: name, id: id, partitionCount: partitionCount)
        return [creation]
            + (try configRecords(id, configs.mapValues { Optional($0) }, limits))
    }

    /// Raises a topic's number of partitions to `partitionCount`.
    ///
    /// - Throws: `.unknownTopic`, `.partitionsNotMore`, `.tooManyPartitions`
    public func decidePartitions(
        topic name: String, partitionCount: Int32, limits: MetadataLimits = MetadataLimits()
    ) throws(MetadataError) -> [MetadataRecord] {
        guard let topic = topic(named: name) else { throw .unknownTopic(name) }
        guard partitionCount > topic.partitionCount else {
            throw .partitionsNotMore(current: topic.partitionCount, requested: partitionCount)
        }
        try check(partitionCount, limits)
        return [.partitionsAdded(topicID: topic.id, partitionCount: partitionCount)]
    }

    /// Takes a topic from the clients; its name is free at once, its files are removed next.
    ///
    /// - Throws: `.unknownTopicID`
    public func decideDeletion(of id: TopicID) throws(MetadataError) -> [MetadataRecord] {
        guard topic(id) != nil else { throw .unknownTopicID(id) }
        return [.topicDeletionStarted(topicID: id)]
    }

    /// Notes that the files of a deleted topic are gone; no records when that was noted before.
    public func decideDeletionFinished(of id: TopicID) -> [MetadataRecord] {
        isBeingDeleted(id) ? [.topicDeletionFinished(topicID: id)] : []
    }

    /// Sets topic configurations, or removes those whose new value is `nil`; what stays the same
    /// makes no record. Whether a key exists and its value makes sense is the caller's to check.
    ///
    /// - Throws: `.unknownTopicID`, `.configTooLong`
    public func decideConfigs(
        of id: TopicID, changes: [String: String?], limits: MetadataLimits = MetadataLimits()
    ) throws(MetadataError) -> [MetadataRecord] {
        guard let topic = topic(id) else { throw .unknownTopicID(id) }
        let real = changes.filter { key, value in topic.configs[key] != value }
        return try configRecords(id, real, limits)
    }

    /// Sets configurations of one broker, or with `nil` of all, or removes those whose new value is
    /// `nil`; what stays the same needs no record.
    ///
    /// - Throws: `.configTooLong`
    public func decideBrokerConfigs(
        of broker: BrokerID?, changes: [String: String?],
        limits: MetadataLimits = MetadataLimits()
    ) throws(MetadataError) -> [MetadataRecord] {
        let current = brokerConfigs(of: broker)
        let real = changes.filter { key, value in current[key] != value }
        return try configRecords(real, limits) { key, value in
            value.map { .brokerConfigSet(broker: broker, key: key, value: $0) }
                ?? .brokerConfigRemoved(broker: broker, key: key)
        }
    }

    /// Gives out the next block of producer ids.
    ///
    /// The block may be used once its record is durable. What a broker has not used of its block
    /// when it stops is lost: an id is never given out twice, also across crashes.
    public func decideProducerIDBlock() -> (block: ProducerIDBlock, records: [MetadataRecord]) {
        let block = ProducerIDBlock(first: nextProducerID, count: ProducerIDBlock.size)
        return (block, [.producerIDsAllocated(next: block.end)])
    }

    /// Makes sure that no id up to `used` is ever given out, as when files name ids that another
    /// cluster gave out.
    public func decideProducerIDs(above used: ProducerID) -> [MetadataRecord] {
        let size = ProducerIDBlock.size
        let blocks = used.rawValue / size + 1
        // Ids of more than 2^61 or so are not from any allocator, nor does this one get there.
        guard used >= nextProducerID, blocks < 1 << 52 else { return [] }
        return [.producerIDsAllocated(next: ProducerID(blocks * size))]
    }

    private func check(_ count: Int32, _ limits: MetadataLimits) throws(MetadataError) {
        if count > limits.partitionsPerTopic {
            throw .tooManyPartitions(requested: count, limit: limits.partitionsPerTopic)
        }
    }

    private func configRecords(
        _ id: TopicID, _ changes: [String: String?], _ limits: MetadataLimits
    ) throws(MetadataError) -> [MetadataRecord] {
        try configRecords(changes, limits) { key, value in
            value.map { .topicConfigSet(topicID: id, key: key, value: $0) }
                ?? .topicConfigRemoved(topicID: id, key: key)
        }
    }

    /// One record for each change, in the order of the keys.
    private func configRecords(
        _ changes: [String: String?], _ limits: MetadataLimits,
        _ record: (String, String?) -> MetadataRecord
    ) throws(MetadataError) -> [MetadataRecord] {
        let limit = min(limits.configBytes, MetadataRecord.textLimit)
        var records: [MetadataRecord] = []
        for (key, value) in changes.sorted(by: { $0.key < $1.key }) {
            if max(key.utf8.count, value?.utf8.count ?? 0) > limit {
                throw .configTooLong(key: key, limit: limit)
            }
            records.append(record(key, value))
        }
        return records
    }
}
