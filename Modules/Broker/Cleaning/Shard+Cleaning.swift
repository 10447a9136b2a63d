import SegmentStore
import Vocabulary

/// A partition whose log could be compacted.
struct DirtyPartition: Sendable {
    let partition: TopicPartition
    let topicID: TopicID
    let candidate: CompactionCandidate
}

/// What the looks at a shard's logs brought.
struct DirtySearch: Sendable {
    /// The log that is due with the largest dirty ratio, if any is.
    var dirtiest: DirtyPartition?
    /// The logs that could not be looked at, with the reason.
    var failures: [(partition: PartitionIdentity, reason: StoreError)] = []
}

/// One life of a partition: another topic of the same name has another.
struct PartitionIdentity: Sendable, Hashable {
    let partition: TopicPartition
    let topicID: TopicID
}

/// What the cleaner does on a shard's loop.
extension Shard {
    /// Looks for the dirtiest log, leaving some out.
    func searchDirty(without passedOver: Set<PartitionIdentity>, now: Timestamp) -> DirtySearch {
        var search = DirtySearch()
        for partition in allPartitions {
            // A log that rests has had no change since it was closed: `visitRestingLog` opens it.
            guard let log = partition.openLog, log.settings.compaction != nil else { continue }
            let identity = partition.identity
            guard !passedOver.contains(identity) else { continue }
            do throws(StoreError) {
                guard
                    let candidate = try log.compactionCandidate(
                        upTo: partition.highWatermark, now: now),
                    candidate.isDue,
                    candidate.dirtyRatio > search.dirtiest?.candidate.dirtyRatio ?? -1
                else { continue }
                search.dirtiest = DirtyPartition(
                    partition: identity.partition, topicID: identity.topicID,
                    candidate: candidate)
            } catch {
                search.failures.append((identity, error))
            }
        }
        return search
    }

    /// Makes the plan of a compaction; `nil` if the partition is gone or there is nothing to do.
    func beginCompaction(of identity: PartitionIdentity, now: Timestamp) throws -> CompactionPlan? {
        guard let partition = partition(identity), let log = partition.openLog,
            let candidate = try log.compactionCandidate(upTo: partition.highWatermark, now: now)
        else { return nil }
        return log.beginCompaction(candidate, now: now)
    }

    /// Puts a compacted group in place; `false` if the plan has come to nothing.
    func replace(_ group: CompactedGroup, of identity: PartitionIdentity) throws -> Bool {
        guard let log = partition(identity)?.openLog else { return false }
        defer { settle() }
        return try log.replace(group)
    }

    func finishCompaction(
        _ result: CompactionResult, of plan: CompactionPlan, _ identity: PartitionIdentity
    ) {
        partition(identity)?.openLog?.finishCompaction(result, of: plan)
    }

    /// Gives a plan up; says whether it was still good, so that what its run complained of counts.
    func cancelCompaction(_ plan: CompactionPlan, _ identity: PartitionIdentity) -> Bool {
        guard let log = partition(identity)?.openLog, log.isCurrent(plan) else { return false }
        log.cancelCompaction(plan)
        return true
    }

    private func partition(_ identity: PartitionIdentity) -> Partition? {
        allPartitions.first { $0.identity == identity }
    }
}

extension Partition {
    var identity: PartitionIdentity {
        PartitionIdentity(partition: topicPartition, topicID: topicID)
    }
}
