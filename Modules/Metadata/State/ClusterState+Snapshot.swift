import Vocabulary

extension ClusterState {
    /// Records that lead from the empty state to this one, in an order of their own.
    public var records: [MetadataRecord] {
        var records: [MetadataRecord] = []
        if let clusterID, let nodeID {
            records.append(.clusterRegistered(clusterID: clusterID, nodeID: nodeID))
        }
        if nextProducerID > ProducerID(0) {
            records.append(.producerIDsAllocated(next: nextProducerID))
        }
        for broker in brokersWithConfigs {
            records += brokerConfigs(of: broker).sorted { $0.key < $1.key }.map {
                .brokerConfigSet(broker: broker, key: $0.key, value: $0.value)
            }
        }
        // The deleted come first: their names may be in use again.
        for topic in topicsBeingDeleted {
            records += creation(of: topic)
            records.append(.topicDeletionStarted(topicID: topic.id))
        }
        for topic in topics { records += creation(of: topic) }
        return records
    }

    private func creation(of topic: Topic) -> [MetadataRecord] {
        let creation = MetadataRecord.topicCreated(
            name: topic.name, id: topic.id, partitionCount: topic.partitionCount)
        let configs = topic.configs.sorted { $0.key < $1.key }
            .map { MetadataRecord.topicConfigSet(topicID: topic.id, key: $0.key, value: $0.value) }
        return [creation] + configs
    }
}
