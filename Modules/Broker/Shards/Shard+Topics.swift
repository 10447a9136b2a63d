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

    /// Takes in a partition that was there before; its log is opened when it is first needed.
    func takeIn(
        _ outline: LogOutline, of topic: TopicOutline, cleanedEnd: Offset?, startWasClean: Bool
    ) -> PartitionPlace {
        let settings = topic.configuration.logSettings(broker: configuration)
        // After a crash the epoch that was told is a new one already.
        let epochIfUnclean = startWasClean ? outline.leaderEpoch.next : outline.leaderEpoch
        let partition = Partition(
            outline, settings: settings, cleanedEnd: cleanedEnd, trouble: trouble
        ) { [unowned self] partition throws(StoreError) in
            try open(outline, as: partition, epochIfUnclean: epochIfUnclean)
        }
        return PartitionPlace(
            shard: index, slot: add(partition), leaderEpoch: outline.leaderEpoch)
    }

    private func open(
        _ outline: LogOutline, as partition: Partition, epochIfUnclean: LeaderEpoch
    ) throws(StoreError) -> Log {
        let name = outline.topicPartition
        let log = try store.openLog(
            outline, folder: folder(of: name), settings: partition.settings,
            epochIfUnclean: epochIfUnclean, now: .now())
        for notice in log.openingNotices {
            logger.notice(
                "opening a log", metadata: ["partition": "\(name)", "found": "\(notice)"])
        }
        watch(log, of: partition)
        // Who waits is told at the next tick, if there is more than was said of the log.
        noteMoved(partition)
        if let latest = log.latestEpoch, latest > partition.leaderEpoch {
            onLaterEpoch?(partition.topicID, name.partition, latest)
        }
        return log
    }

    /// Ends a partition: who waits for it is told, its folder is renamed and removed.
    func deletePartition(slot: Int, topicID: TopicID) throws(StoreError) {
        guard let partition = remove(slot: slot, topicID: topicID) else { return }
        if let log = partition.openLog {
            try store.deleteLog(log)
        } else {
            let name = partition.topicPartition
            try store.deleteFolder(folder(of: name), of: name)
        }
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
            topicID: topic.id, log: log, leaderEpoch: leaderEpoch, trouble: trouble)
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
        settings.retentionMilliseconds = retentionMilliseconds
        settings.retentionBytes = retentionBytes
        settings.deletesOldSegments = cleanupPolicy.contains(.delete)
        settings.fileDeleteDelayMilliseconds = fileDeleteDelayMilliseconds
        settings.compaction = cleanupPolicy.contains(.compact) ? compaction : nil
        settings.flushMessages = flushMessages
        settings.producerIDExpirationMilliseconds = broker.producerIDExpirationMilliseconds
        return settings
    }
}
