import KafkaProtocol
import SegmentStore
import Vocabulary

/// ListOffsets (2): offsets by timestamp, and the ends of partitions.
enum ListOffsetsApi: Api {
    /// What a negative timestamp asks for, with the first version that may ask it.
    private enum Name: Int64 {
        case latest = -1
        case earliest = -2
        case maxTimestamp = -3
        case earliestLocal = -4
        case latestTiered = -5
        case earliestPendingUpload = -6

        var firstVersion: Int16 {
            switch self {
            case .latest, .earliest: 1
            case .maxTimestamp: 7
            case .earliestLocal: 8
            case .latestTiered: 9
            case .earliestPendingUpload: 11
            }
        }
    }

    private enum Target: Sendable {
        case named(Name)
        case timestamp(Timestamp)

        /// Whether the answer must be looked for in the records.
        var isLookup: Bool {
            switch self {
            case .timestamp, .named(.maxTimestamp): true
            case .named: false
            }
        }

        init?(_ rawValue: Int64, version: Int16) {
            if rawValue >= 0 {
                self = .timestamp(Timestamp(rawValue))
            } else if let name = Name(rawValue: rawValue), version >= name.firstVersion {
                self = .named(name)
            } else {
                return nil
            }
        }
    }

    private struct Found: Sendable {
        var offset: Offset
        var timestamp: Timestamp?
        var epoch: LeaderEpoch?
    }

    private typealias Query = PartitionQuery<Found?>

    static func handle(_ request: ListOffsetsRequest, _ call: Call) {
        let topics = call.services.topics.current
        let asked = request.topics.flatMap(\.partitions)
        let targets = asked.map { Target($0.timestamp, version: call.version) }
        var seen: Set<TopicPartition> = []
        var query = Query()
        for topic in request.topics {
            for partition in topic.partitions {
                let name = TopicPartition(
                    topic: topic.name, partition: PartitionIndex(partition.partitionIndex))
                if !seen.insert(name).inserted {
                    query.refuse(.invalidRequest)
                } else if Target(partition.timestamp, version: call.version) == nil {
                    query.refuse(.unsupportedVersion)
                } else {
                    query.ask(topics.byName[topic.name], partition: partition.partitionIndex)
                }
            }
        }
        query.run(call) { partition, index, mayWait in
            if let code = partition.objection(
                to: LeaderEpoch(known: asked[index].currentLeaderEpoch))
            {
                return .failure(.init(code: code))
            }
            guard let target = targets[index] else { return .success(nil) }
            do throws(StoreError) {
                // The ends of a log are known without its files.
                guard !mayWait, target.isLookup else {
                    return .success(try find(target, in: partition))
                }
                return .success(
                    try partition.log.withoutWaiting { () throws(StoreError) in
                        try find(target, in: partition)
                    })
            } catch {
                if case .notInMemory(let missing) = error {
                    return .failure(.init(code: ErrorCode(error), missing: missing))
                }
                return .failure(.init(code: ErrorCode(error)))
            }
        } then: { answers in
            var answers = answers[...]
            call.answer(
                ListOffsetsResponse(
                    topics: request.topics.map { topic in
                        ListOffsetsResponse.Topic(
                            name: topic.name,
                            partitions: topic.partitions.map {
                                answer($0.partitionIndex, answers.removeFirst())
                            })
                    }))
        }
    }

    /// Nothing at or above the high watermark is ever reported.
    private static func find(
        _ target: Target, in partition: Partition
    ) throws(StoreError) -> Found? {
        switch target {
        case .named(.latest):
            return Found(offset: partition.highWatermark, epoch: partition.leaderEpoch)
        case .named(.earliest), .named(.earliestLocal):
            let log = try partition.log
            return Found(offset: log.logStartOffset, epoch: log.leaderEpoch(at: log.logStartOffset))
        case .named(.maxTimestamp):
            return try partition.log.offsetOfMaxTimestamp(upTo: partition.highWatermark).map {
                Found(offset: $0.offset, timestamp: $0.timestamp, epoch: $0.leaderEpoch)
            }
        case .named(.latestTiered), .named(.earliestPendingUpload):
            // Nothing is tiered.
            return nil
        case .timestamp(let timestamp):
            return try partition.log.lookup(timestamp: timestamp, upTo: partition.highWatermark).map
            {
                Found(offset: $0.offset, timestamp: $0.timestamp, epoch: $0.leaderEpoch)
            }
        }
    }

    private static func answer(
        _ partition: Int32, _ answer: Result<Found?, Query.CodeError>
    ) -> ListOffsetsResponse.Partition {
        switch answer {
        case .success(let found):
            ListOffsetsResponse.Partition(
                partitionIndex: partition, timestamp: found?.timestamp?.rawValue ?? -1,
                offset: found?.offset.rawValue ?? -1, leaderEpoch: found?.epoch?.rawValue ?? -1)
        case .failure(let error):
            ListOffsetsResponse.Partition(partitionIndex: partition, errorCode: error.code)
        }
    }
}
