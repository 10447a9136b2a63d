import Logging
import Metadata
import NIOCore
import SegmentStore
import Vocabulary

/// Taking in the logs: those of which enough is known are opened when somebody needs them, the
/// others are looked into first, several at a time.
extension Startup {
    /// One partition to take in.
    private struct Opening: Sendable {
        let topic: TopicOutline
        let partition: PartitionIndex
        let recoveryPoint: Offset
        /// Up to where it was compacted, if it ever was.
        let cleanedEnd: Offset?
        /// A folder that is missing is made: its creation was cut short.
        let exists: Bool

        var name: TopicPartition {
            TopicPartition(topic: topic.name, partition: partition)
        }

        var journaled: JournaledPartition {
            JournaledPartition(topicID: topic.id, partition: partition)
        }
    }

    func openTopics(
        of state: ClusterState, known: KnownLogs, on shards: [ShardHandle]
    ) async throws(NodeStartError) -> OpenedTopics {
        let topics = state.topics.map(outline)
        let replay = try readJournals()
        var openings: [Opening] = []
        var missing: [Opening] = []
        for topic in topics {
            for index in 0..<topic.partitionCount {
                let name = TopicPartition(topic: topic.name, partition: PartitionIndex(index))
                let opening = Opening(
                    topic: topic, partition: name.partition,
                    recoveryPoint: known.files.recoveryPoints[name] ?? .zero,
                    cleanedEnd: known.files.cleanedEnds[name],
                    exists: known.exists(name))
                if isPresent(opening, replay) {
                    openings.append(opening)
                } else {
                    missing.append(opening)
                }
            }
        }
        let outlines = try await outlines(
            of: openings.filter(\.exists), known: known, replay: replay)
        let refused = openings.filter { outlines.logs[$0.name] == nil && $0.exists }
        try finish(replay, refused + missing)
        let places = try await place(openings, outlines.logs, on: shards)
        var snapshot = TopicSnapshot()
        for topic in topics {
            snapshot.put(
                Topic(
                    topic,
                    places: (0..<topic.partitionCount).map {
                        places[TopicPartition(topic: topic.name, partition: PartitionIndex($0))]
                    }))
        }
        let kept = known.files.filtered { partition in
            places[partition] == nil
                && (known.exists(partition) || snapshot.byName[partition.topic] != nil)
        }
        let keptNames = kept.names
        return OpenedTopics(
            topics: snapshot, kept: kept, outlines: Array(outlines.logs.values),
            hasInspected: outlines.hasInspected,
            checkpointsNameOthers: known.files.names.contains {
                places[$0] == nil && !keptNames.contains($0)
            })
    }

    /// Whether a partition is there or may be made. One that held records and has no folder is
    /// lost: an empty log in its place would hide that.
    private func isPresent(_ opening: Opening, _ replay: JournalReplay) -> Bool {
        if opening.exists { return true }
        let name = opening.name
        // A log that is younger than its first recovery point is known from the journals alone.
        let journals = replay.files(holding: opening.journaled)
        guard opening.recoveryPoint == .zero, journals.isEmpty else {
            var metadata: Logger.Metadata = [
                "partition": "\(name)", "folder": "\(path)/\(name)",
                "recordsUpTo": "\(opening.recoveryPoint)",
            ]
            if !journals.isEmpty {
                metadata["journals"] = "\(journals.joined(separator: ","))"
            }
            logger.error(
                """
                partition offline: its folder is gone, with its records; stop the broker and \
                restore the folder, or delete the topic; the journals that hold more of its \
                records are kept until then
                """, metadata: metadata)
            return false
        }
        logger.notice(
            "a partition has no folder yet: an empty log is made",
            metadata: ["partition": "\(name)"])
        return true
    }

    private func readJournals() throws(NodeStartError) -> JournalReplay {
        do throws(SideFileError) {
            let replay = try JournalReplay.read(folder: path, on: disk)
            for notice in replay.notices {
                logger.notice("journal", metadata: ["found": "\(notice)"])
            }
            return replay
        } catch {
            throw NodeStartError(error)
        }
    }

    /// Removes the journals, but for what they hold of logs that could not be opened, or whose
    /// folders are missing: that may be all there is of their last records.
    private func finish(
        _ replay: JournalReplay, _ offline: [Opening]
    ) throws(NodeStartError) {
        do throws(SideFileError) {
            try replay.finish(
                on: disk, keeping: Set(offline.map(\.journaled)))
        } catch {
            throw NodeStartError(error)
        }
    }

    /// What can be said of each log: from the manifest, else from looking into it.
    private func outlines(
        of openings: [Opening], known: KnownLogs, replay: JournalReplay
    ) async throws(NodeStartError) -> (logs: [TopicPartition: LogOutline], hasInspected: Bool) {
        var outlines: [TopicPartition: LogOutline] = [:]
        var requests: [LogInspections.Request] = []
        for opening in openings {
            let name = opening.name
            let journaled = replay.batches(of: opening.topic.id, opening.partition)
            if journaled.isEmpty,
                let outline = known.outline(of: name, topicID: opening.topic.id)
            {
                outlines[name] = outline
            } else {
                var hint = known.hint(for: name)
                // A log that was closed in order has nothing in a journal.
                if !journaled.isEmpty { hint.cleanShutdown = false }
                requests.append(
                    LogInspections.Request(
                        partition: name, topicID: opening.topic.id, folder: "\(path)/\(name)",
                        settings: opening.topic.configuration.logSettings(broker: configuration),
                        hint: hint,
                        knownEpoch: known.leaderEpoch(of: name, topicID: opening.topic.id),
                        journaled: journaled))
            }
        }
        let outcomes: [LogInspections.Outcome]
        do {
            outcomes = try await LogInspections.run(
                requests, decompressedBatchLimit: configuration.maxDecompressedBytes)
        } catch {
            throw NodeStartError(error)
        }
        for (request, outcome) in zip(requests, outcomes) {
            switch outcome {
            case .success(let found):
                outlines[request.partition] = found.outline
                for notice in found.notices {
                    logger.notice(
                        "opening a log",
                        metadata: ["partition": "\(request.partition)", "found": "\(notice)"])
                }
            case .failure(let error):
                logger.error(
                    "partition offline: its log cannot be opened",
                    metadata: ["partition": "\(request.partition)", "reason": "\(error)"])
            }
        }
        return (outlines, !requests.isEmpty)
    }

    /// Gives each partition its shard, in turn.
    private func place(
        _ openings: [Opening], _ outlines: [TopicPartition: LogOutline], on shards: [ShardHandle]
    ) async throws(NodeStartError) -> [TopicPartition: PartitionPlace] {
        var plans: [[(Opening, LogOutline?)]] = Array(repeating: [], count: shards.count)
        var next = 0
        for opening in openings {
            let outline = outlines[opening.name]
            guard outline != nil || !opening.exists else { continue }
            plans[next].append((opening, outline))
            next = (next + 1) % shards.count
        }
        let wasClean = folder.wasClean
        let visits = zip(shards, plans).map { handle, plan in
            handle.submit { shard in
                plan.map { opening, outline in
                    let place: Result<PartitionPlace, StoreError> =
                        if let outline {
                            .success(
                                shard.takeIn(
                                    outline, of: opening.topic, cleanedEnd: opening.cleanedEnd,
                                    startWasClean: wasClean))
                        } else {
                            shard.createPartition(opening.partition, of: opening.topic)
                        }
                    return (opening.name, place)
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

/// What taking in the logs brought.
struct OpenedTopics {
    let topics: TopicSnapshot
    /// The checkpoints of the partitions that are not served: damaged ones, and those left out.
    let kept: CheckpointFiles
    /// What a new manifest says.
    let outlines: [LogOutline]
    /// Not everything was known: a manifest that was found is not the whole truth.
    let hasInspected: Bool
    /// The files name logs that are no more: a crash kept them from being forgotten.
    let checkpointsNameOthers: Bool
}
