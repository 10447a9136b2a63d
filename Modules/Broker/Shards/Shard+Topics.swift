import SegmentStore
import Vocabulary

extension Shard {
    /// Makes the folder and log of a new partition, durably, and takes it in.
    ///
    /// Waits for the device a few times: creating topics is rare, and nobody is told of a topic
    /// whose folder a power cut could take away.
    func createPartition(
        _ index: PartitionIndex, of topic: TopicOutline
    ) -> Result<PartitionPlace, StoreError> {
        let name = TopicPartition(topic: topic.name, partition: index)
        return Result { () throws(StoreError) in
            let log = try store.createLog(
                folder: folder(of: name), topicID: topic.id,
                settings: topic.configuration.logSettings(broker: configuration),
                leaderEpoch: .zero, now: .now())
            return takeIn(log, of: topic)
        }
    }

    /// Opens the log of a partition that was there before, and takes it in.
    func openPartition(
        _ index: PartitionIndex, of topic: TopicOutline, hint: OpenHint
    ) -> Result<PartitionPlace, StoreError> {
        let name = TopicPartition(topic: topic.name, partition: index)
        return Result { () throws(StoreError) in
            let log = try store.openLog(
                folder: folder(of: name),
                settings: topic.configuration.logSettings(broker: configuration), hint: hint,
                now: .now())
            for notice in log.openingNotices {
                logger.notice(
                    "opening a log", metadata: ["partition": "\(name)", "found": "\(notice)"])
            }
            return takeIn(log, of: topic)
        }
    }

    /// Ends a partition: who waits for it is told, its folder is renamed and removed.
    func deletePartition(slot: Int, topicID: TopicID) throws(StoreError) {
        guard let partition = remove(slot: slot, topicID: topicID) else { return }
        try store.deleteLog(partition.log)
    }

    /// Deletes the folder of a partition that is not open, if it is there and the topic's.
    func deleteFolder(of partition: TopicPartition, topicID: TopicID) throws {
        let folder = folder(of: partition)
        guard try PartitionFolder.belongs(folder, to: topicID, on: store.disk) else { return }
        try store.deleteFolder(folder, of: partition)
    }

    func folder(of partition: TopicPartition) -> String {
        "\(configuration.dataFolder)/\(partition)"
    }

    private func takeIn(_ log: Log, of topic: TopicOutline) -> PartitionPlace {
        let leaderEpoch = log.latestEpoch ?? .zero
        let partition = Partition(
            topicID: topic.id, log: log, leaderEpoch: leaderEpoch,
            durability: log.settings.durability, trouble: trouble)
        return PartitionPlace(shard: index, slot: add(partition), leaderEpoch: leaderEpoch)
    }
}

extension TopicConfiguration {
    func logSettings(broker: BrokerConfiguration) -> LogSettings {
        var settings = LogSettings()
        settings.segmentBytes = segmentBytes
        settings.segmentIndexBytes = segmentIndexBytes
        settings.indexIntervalBytes = indexIntervalBytes
        settings.segmentMilliseconds = segmentMilliseconds
        settings.durability =
            switch durability {
            case .sync: .sync
            case .interval: .interval
            case .os: .os
            }
        settings.flushIntervalMilliseconds = flushMilliseconds
        settings.producerIDExpirationMilliseconds = broker.producerIDExpirationMilliseconds
        return settings
    }
}
