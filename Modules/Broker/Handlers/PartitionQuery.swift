import KafkaProtocol
import NIOCore
import Vocabulary

/// Asks partitions, wherever they live, one question each: for the rare requests.
///
/// Each shard answers all of its partitions in one visit. Hot paths have ways of their own.
struct PartitionQuery<Answer: Sendable> {
    private struct Question: Sendable {
        let index: Int
        let place: PartitionPlace
        let topicID: TopicID
    }

    private var questions: [Int: [Question]] = [:]
    private var answers: [Result<Answer, CodeError>?] = []

    /// The kind of failure a partition has: a code of the protocol.
    struct CodeError: Error {
        let code: ErrorCode
    }

    /// Adds a question and gives its number: 0, 1, 2, …
    @discardableResult
    mutating func ask(_ topic: Topic?, partition: Int32) -> Int {
        let index = answers.count
        do throws(PlaceError) {
            guard let topic else { throw .unknownPartition }
            let place = try topic.place(of: partition)
            questions[place.shard, default: []].append(
                Question(index: index, place: place, topicID: topic.id))
            answers.append(nil)
        } catch {
            answers.append(.failure(CodeError(code: ErrorCode(error))))
        }
        return index
    }

    /// Notes a question whose answer is an error already.
    mutating func refuse(_ code: ErrorCode) {
        answers.append(.failure(CodeError(code: code)))
    }

    /// Runs `body` for each partition that exists, on its loop, with the number of its question;
    /// `then` gets all answers in order of the questions, on the loop of `call`.
    func run(
        _ call: Call,
        _ body: @escaping @Sendable (Partition, Int) -> Result<Answer, CodeError>,
        then: @escaping ([Result<Answer, CodeError>]) -> Void
    ) {
        let visits = questions.map { shard, questions in
            call.services.shards[shard].submit { shard in
                questions.map { question in
                    (
                        question.index,
                        shard.partition(slot: question.place.slot, topicID: question.topicID)
                            .map { body($0, question.index) }
                            ?? .failure(CodeError(code: .unknownTopicOrPartition))
                    )
                }
            }
        }
        EventLoopFuture.whenAllSucceed(visits, on: call.shard.eventLoop).assumeIsolated()
            .whenSuccess { [answers] visited in
                var answers = answers
                for (index, answer) in visited.joined() { answers[index] = answer }
                then(
                    answers.map { $0 ?? .failure(CodeError(code: .unknownServerError)) })
            }
    }
}
