import KafkaProtocol
import SegmentStore
import Vocabulary

/// OffsetForLeaderEpoch (23): where the records of a leader epoch end (KIP-101, KIP-320).
enum OffsetForLeaderEpochApi: Api {
    private struct End: Sendable {
        var epoch: LeaderEpoch
        var offset: Offset
    }

    static func handle(_ request: OffsetForLeaderEpochRequest, _ call: Call) {
        let topics = call.services.topics.current
        let asked = request.topics.flatMap(\.partitions)
        var query = PartitionQuery<End?>()
        for topic in request.topics {
            for partition in topic.partitions {
                query.ask(topics.byName[topic.topic], partition: partition.partition)
            }
        }
        query.run(call) { partition, index, _ in
            let asked = asked[index]
            if let code = partition.objection(to: LeaderEpoch(known: asked.currentLeaderEpoch)) {
                return .failure(.init(code: code))
            }
            guard let epoch = LeaderEpoch(known: asked.leaderEpoch) else { return .success(nil) }
            // The log learns of its newest epoch with the first record of it.
            if epoch == partition.leaderEpoch {
                return .success(End(epoch: epoch, offset: partition.highWatermark))
            }
            do throws(StoreError) {
                guard let end = try partition.log.epochEnd(for: epoch) else {
                    return .success(nil)
                }
                // What a power cut could still remove is not told.
                return .success(
                    End(epoch: end.epoch, offset: min(end.endOffset, partition.highWatermark)))
            } catch {
                return .failure(.init(code: ErrorCode(error)))
            }
        } then: { answers in
            var answers = answers[...]
            call.answer(
                OffsetForLeaderEpochResponse(
                    topics: request.topics.map { topic in
                        OffsetForLeaderEpochResponse.Topic(
                            topic: topic.topic,
                            partitions: topic.partitions.map {
                                Self.answer($0.partition, answers.removeFirst())
                            })
                    }))
        }
    }

    private static func answer(
        _ partition: Int32, _ answer: Result<End?, PartitionQuery<End?>.CodeError>
    ) -> OffsetForLeaderEpochResponse.Partition {
        switch answer {
        case .success(let end):
            OffsetForLeaderEpochResponse.Partition(
                partition: partition, leaderEpoch: end?.epoch.rawValue ?? -1,
                endOffset: end?.offset.rawValue ?? -1)
        case .failure(let error):
            OffsetForLeaderEpochResponse.Partition(errorCode: error.code, partition: partition)
        }
    }
}

extension LeaderEpoch {
    /// The wire's epoch, where negative stands for "unknown".
    init?(known rawValue: Int32) {
        guard rawValue >= 0 else { return nil }
        self.init(rawValue)
    }
}
