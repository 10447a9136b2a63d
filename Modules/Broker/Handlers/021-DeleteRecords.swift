import KafkaProtocol
import SegmentStore
import Vocabulary

/// DeleteRecords (21): lets partitions begin at a later offset (KIP-107).
///
/// The new starts are in the checkpoint, durably, before the answer.
enum DeleteRecordsApi: Api {
    /// What stands for the high watermark in the place of an offset.
    private static let highWatermark: Int64 = -1

    static func handle(_ request: DeleteRecordsRequest, _ call: Call) {
        let topics = call.services.topics.current
        let offsets = request.topics.flatMap(\.partitions).map(\.offset)
        var query = PartitionQuery<Offset>()
        for asked in request.topics {
            let topic = topics.byName[asked.name]
            for partition in asked.partitions {
                if let topic, let code = objection(to: topic) {
                    query.refuse(code)
                } else {
                    query.ask(topic, partition: partition.partitionIndex)
                }
            }
        }
        query.run(call) { partition, index, _ in
            let asked = offsets[index]
            do throws(StoreError) {
                // Opened first: only then its high watermark is known for sure.
                let log = try partition.log
                let offset =
                    asked == highWatermark ? partition.highWatermark : Offset(asked)
                guard offset >= .zero, offset <= partition.highWatermark else {
                    return .failure(.init(code: .offsetOutOfRange))
                }
                if let failure = log.failure { throw failure }
                try log.advanceStart(to: offset)
                return .success(log.logStartOffset)
            } catch {
                return .failure(.init(code: ErrorCode(error)))
            }
        } then: { answers in
            let hasMoved = answers.contains { if case .success = $0 { true } else { false } }
            guard hasMoved else { return answer(request, answers[...], isDurable: true, call) }
            call.services.registry.keepStarts(for: call.shard) { isDurable in
                answer(request, answers[...], isDurable: isDurable, call)
            }
        }
    }

    private static func objection(to topic: Topic) -> ErrorCode? {
        if topic.isInternal { return .invalidTopicException }
        // What compaction keeps is not to be deleted by offset. An empty policy keeps everything,
        // until somebody asks for it to go.
        let policy = topic.configuration.cleanupPolicy
        return policy.contains(.compact) && !policy.contains(.delete) ? .policyViolation : nil
    }

    private static func answer(
        _ request: DeleteRecordsRequest,
        _ answers: ArraySlice<Result<Offset, PartitionQuery<Offset>.CodeError>>,
        isDurable: Bool, _ call: Call
    ) {
        var answers = answers
        call.answer(
            DeleteRecordsResponse(
                topics: request.topics.map { topic in
                    DeleteRecordsResponse.Topic(
                        name: topic.name,
                        partitions: topic.partitions.map { partition in
                            let index = partition.partitionIndex
                            switch answers.removeFirst() {
                            case .success(let start) where isDurable:
                                return .init(
                                    partitionIndex: index, lowWatermark: start.rawValue)
                            case .success:
                                return .init(
                                    partitionIndex: index, lowWatermark: -1,
                                    errorCode: .kafkaStorageError)
                            case .failure(let error):
                                return .init(
                                    partitionIndex: index, lowWatermark: -1,
                                    errorCode: error.code)
                            }
                        })
                }))
    }
}
