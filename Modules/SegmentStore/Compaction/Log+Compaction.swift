import Records
import Vocabulary

/// What a log remembers of its compactions.
struct LogCompaction {
    /// Everything below was compacted; what the cleaner's checkpoint should say.
    var cleanedEnd = Offset.zero
    /// The plan whose run may change the log; others came to nothing.
    var currentPlan: UInt64?
    var planCount: UInt64 = 0
}

/// Deciding what to compact. Changes nothing on disk.
extension Log {
    /// Below this everything was compacted: Kafka keeps it in `cleaner-offset-checkpoint`, and so
    /// may the caller, who sets it after opening. 0 where nothing is known, which costs time only.
    public var cleanedEnd: Offset {
        get { compaction.cleanedEnd }
        set { compaction.cleanedEnd = newValue }
    }

    /// What could be compacted now: whole closed segments that are durable and hold nothing of an
    /// open transaction, with the part of them that was not compacted before.
    ///
    /// - Parameter limit: records from here on are left alone: the high watermark.
    /// - Returns: `nil` if there is nothing to do: also for a log whose settings do not ask for
    ///   compaction, for one that failed or was closed.
    /// - Complexity: one or two system calls for each closed segment when it is first looked at,
    ///   and some more where a lag is set.
    public func compactionCandidate(
        upTo limit: Offset, now: Timestamp
    ) throws(StoreError) -> CompactionCandidate? {
        guard let rules = settings.compaction else { return nil }
        return try compactionCandidate(upTo: limit, rules, now: now)
    }

    func compactionCandidate(
        upTo limit: Offset, _ rules: CompactionSettings, now: Timestamp
    ) throws(StoreError) -> CompactionCandidate? {
        // While a segment is being deleted the list of them is about to change.
        guard failure == nil, !isClosed, removal == nil else { return nil }
        let start = cleanedEnd < logStartOffset || cleanedEnd > logEnd ? logStartOffset : cleanedEnd
        let bound = min(limit, syncedEnd, producers.firstOngoingOffset ?? logEnd)
        var clean = 0
        var dirty = 0
        var end = segments[0].baseOffset
        var earliest: Timestamp?
        for segment in segments {
            guard let segmentEnd = segment.end, segmentEnd <= bound, !segment.isUnsynced else {
                break
            }
            guard segmentEnd > start else {
                clean += try segment.sized()
                continue
            }
            if rules.minLagMilliseconds > 0,
                let youngest = try segment.largest(interval: settings.indexIntervalBytes)?
                    .timestamp,
                now - youngest < rules.minLagMilliseconds
            {
                break
            }
            dirty += try segment.sized()
            end = segmentEnd
            if rules.maxLagMilliseconds != nil, let first = try firstTimestamp(of: segment),
                first > Timestamp(0)
            {
                earliest = min(earliest ?? first, first)
            }
        }
        guard dirty > 0 else { return nil }
        let isOverdue =
            if let maxLag = rules.maxLagMilliseconds, let earliest {
                now - earliest > maxLag
            } else {
                false
            }
        return CompactionCandidate(
            firstDirtyOffset: max(start, segments[0].baseOffset), end: end, cleanByteCount: clean,
            dirtyByteCount: dirty, isOverdue: isOverdue, minDirtyRatio: rules.minDirtyRatio)
    }

    private func firstTimestamp(of segment: Segment) throws(StoreError) -> Timestamp? {
        if segment.firstTimestamp == nil {
            _ = try segment.opened()
            try segment.loadFirstTimestamp()
        }
        return segment.firstTimestamp
    }

    /// Makes the plan of a run. The log has one at a time: an earlier one is no longer `isCurrent`.
    /// Until it ends, by `finishCompaction` or `cancelCompaction`, retention deletes no segment.
    ///
    /// - Parameter candidate: what `compactionCandidate` gave, with nothing done in between.
    /// - Complexity: a walk over the producers that are remembered.
    public func beginCompaction(
        _ candidate: CompactionCandidate, now: Timestamp
    ) -> CompactionPlan {
        beginCompaction(candidate, settings.compaction ?? CompactionSettings(), now: now)
    }

    func beginCompaction(
        _ candidate: CompactionCandidate, _ rules: CompactionSettings, now: Timestamp
    ) -> CompactionPlan {
        compaction.planCount += 1
        compaction.currentPlan = compaction.planCount
        holdsSegments = true
        var sources: [CompactionPlan.Source] = []
        for segment in segments {
            guard let end = segment.end, end <= candidate.end else { break }
            precondition(segment.isSized, "the candidate was found by the sizes of its segments")
            sources.append(
                CompactionPlan.Source(
                    number: segment.number, base: segment.baseOffset, end: end,
                    byteCount: segment.byteCount))
        }
        return CompactionPlan(
            topicPartition: topicPartition, candidate: candidate, number: compaction.planCount,
            folder: folder, sources: sources, producers: producers.lastOfProducers,
            limits: CompactionPlan.GroupLimits(
                segmentBytes: settings.segmentBytes, indexBytes: settings.segmentIndexBytes,
                indexInterval: settings.indexIntervalBytes),
            newHorizon: now + rules.deleteRetentionMilliseconds, now: now,
            decompressedBatchLimit: store.settings.decompressedBatchLimit,
            reservedBytes: store.settings.reservedBytes)
    }

    /// Whether a plan's run still speaks of this log as it is: not once the log was truncated or
    /// closed, or another run begun. What a run that is not current complains of is no damage.
    public func isCurrent(_ plan: CompactionPlan) -> Bool {
        !isClosed && compaction.currentPlan == plan.number
    }

    /// Takes up what a run has done; nothing happens if its plan is no longer current.
    public func finishCompaction(_ result: CompactionResult, of plan: CompactionPlan) {
        guard isCurrent(plan) else { return }
        endCompaction()
        cleanedEnd = max(cleanedEnd, result.cleanedEnd)
    }

    /// Gives a plan up: what its run has not put in place yet never will be. For a run that
    /// threw or was cancelled.
    public func cancelCompaction(_ plan: CompactionPlan) {
        if isCurrent(plan) { endCompaction() }
    }

    /// Makes the plan that is under way, if any, come to nothing: records go from `end` on.
    func abandonCompaction(from end: Offset) {
        endCompaction()
        cleanedEnd = min(cleanedEnd, end)
    }

    private func endCompaction() {
        compaction.currentPlan = nil
        holdsSegments = false
    }
}
