import LinuxDisk
import Logging
import Metadata
import NIOCore
import SegmentStore
import Vocabulary

/// Opening the logs: all shards at once, each its own one after the other.
extension Startup {
    /// One partition to open, on the shard that gets it.
    private struct Opening: Sendable {
        let topic: TopicOutline
        let partition: PartitionIndex
        let hint: OpenHint
        /// A folder that is missing is made: its creation was cut short.
        let exists: Bool
    }

    func openTopics(
        of state: ClusterState, on shards: [ShardHandle]
    ) async throws(NodeStartError) -> OpenedTopics {
        let hints = try Hints(folder: path, wasClean: folder.wasClean, disk: disk)
        let outlines = state.topics.map(outline)
        var plans: [[Opening]] = Array(repeating: [], count: shards.count)
        var next = 0
        for outline in outlines {
            for index in 0..<outline.partitionCount {
                let name = TopicPartition(topic: outline.name, partition: PartitionIndex(index))
                let opening = Opening(
                    topic: outline, partition: name.partition, hint: hints.hint(for: name),
                    exists: hints.exists(name))
                guard isPresent(opening, name) else { continue }
                plans[next].append(opening)
                next = (next + 1) % shards.count
            }
        }
        let places = try await open(plans, on: shards)
        var snapshot = TopicSnapshot()
        for outline in outlines {
            snapshot.put(
                Topic(
                    outline,
                    places: (0..<outline.partitionCount).map {
                        places[TopicPartition(topic: outline.name, partition: PartitionIndex($0))]
                    }))
        }
        let kept = hints.files.filtered { partition in
            places[partition] == nil
                && (hints.exists(partition) || snapshot.byName[partition.topic] != nil)
        }
        let keptNames = kept.names
        return OpenedTopics(
            topics: snapshot, kept: kept,
            checkpointsNameOthers: hints.files.names.contains {
                places[$0] == nil && !keptNames.contains($0)
            })
    }

    /// Whether a partition is there or may be made. One that held records and has no folder is
    /// lost: an empty log in its place would hide that.
    private func isPresent(_ opening: Opening, _ name: TopicPartition) -> Bool {
        if opening.exists { return true }
        guard opening.hint.recoveryPoint == .zero else {
            logger.error(
                """
                partition offline: its folder is gone, with its records; stop the broker and \
                restore the folder, or take the partition's line out of \
                recovery-point-offset-checkpoint to begin with an empty log
                """,
                metadata: [
                    "partition": "\(name)", "folder": "\(path)/\(name)",
                    "recordsUpTo": "\(opening.hint.recoveryPoint)",
                ])
            return false
        }
        logger.notice(
            "a partition has no folder yet: an empty log is made",
            metadata: ["partition": "\(name)"])
        return true
    }

    private func open(
        _ plans: [[Opening]], on shards: [ShardHandle]
    ) async throws(NodeStartError) -> [TopicPartition: PartitionPlace] {
        let visits = zip(shards, plans).map { handle, plan in
            handle.submit { shard in
                plan.map { opening in
                    let name = TopicPartition(
                        topic: opening.topic.name, partition: opening.partition)
                    let place =
                        opening.exists
                        ? shard.openPartition(
                            opening.partition, of: opening.topic, hint: opening.hint)
                        : shard.createPartition(opening.partition, of: opening.topic)
                    return (name, place)
                }
            }
        }
        var places: [TopicPartition: PartitionPlace] = [:]
        for visit in visits {
            do {
                for (name, place) in try await visit.get() {
                    switch place {
                    case .success(let place): places[name] = place
                    case .failure(let error):
                        logger.error(
                            "partition offline: its log cannot be opened",
                            metadata: ["partition": "\(name)", "reason": "\(error)"])
                    }
                }
            } catch {
                throw NodeStartError(error)
            }
        }
        return places
    }

    private func outline(_ topic: Metadata.Topic) -> TopicOutline {
        TopicOutline(
            name: topic.name, id: topic.id, partitionCount: topic.partitionCount,
            configuration: configuration(of: topic))
    }

    /// The topic's settings; values that are not understood (a later version wrote them) are left
    /// out and named, so that one key does not keep the data from being served.
    private func configuration(of topic: Metadata.Topic) -> TopicConfiguration {
        var overrides = topic.configs
        while true {
            do throws(TopicSettingError) {
                return try TopicConfiguration(overrides: overrides, broker: configuration)
            } catch {
                logger.error(
                    "a topic's setting is ignored",
                    metadata: ["topic": "\(topic.name)", "reason": "\(error)"])
                overrides[error.key] = nil
            }
        }
    }
}

/// What opening the logs brought.
struct OpenedTopics {
    let topics: TopicSnapshot
    /// The checkpoints of the partitions that are not open: damaged ones, and those left out.
    let kept: CheckpointFiles
    /// The files name logs that are no more: a crash kept them from being forgotten.
    let checkpointsNameOthers: Bool
}

/// What the checkpoints say of each log.
private struct Hints {
    private let folder: String
    private let wasClean: Bool
    private let disk: LinuxDisk
    let files: CheckpointFiles
    private let present: Set<String>

    init(folder: String, wasClean: Bool, disk: LinuxDisk) throws(NodeStartError) {
        self.folder = folder
        self.wasClean = wasClean
        self.disk = disk
        do {
            files = try CheckpointFiles(reading: folder, on: disk)
            present = Set(try disk.list(folder).filter(\.isFolder).map(\.name))
        } catch {
            throw NodeStartError(error)
        }
    }

    func exists(_ partition: TopicPartition) -> Bool { present.contains(partition.description) }

    func hint(for partition: TopicPartition) -> OpenHint {
        // A log without a readable epoch file begins at 0, and so does the count after a crash.
        let epochs = try? LeaderEpochCheckpoint.read(
            on: disk, folder: "\(folder)/\(partition)")
        return OpenHint(
            cleanShutdown: wasClean, recoveryPoint: files.recoveryPoints[partition] ?? .zero,
            logStartOffset: files.logStarts[partition],
            newLeaderEpochAfterUnclean: (epochs?.latestEpoch ?? .zero).next)
    }
}
