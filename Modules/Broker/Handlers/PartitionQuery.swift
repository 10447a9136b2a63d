import KafkaProtocol
import NIOCore
import SegmentStore
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
        /// What must be in memory before the question can be answered: it is read in and the
        /// question asked again.
        var missing: MissingBytes?
    }

    /// After so many times a question is asked in a way that waits for the device.
    private static var mostLookups: Int { 256 }

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
    ///
    /// `body` is told whether it may wait for the device, which it may not while it can say what is
    /// `missing`.
    func run(
        _ call: Call,
        _ body: @escaping @Sendable (Partition, Int, Bool) -> Result<Answer, CodeError>,
        then: @escaping ([Result<Answer, CodeError>]) -> Void
    ) {
        let visits = questions.map { shard, questions in
            let handle = call.services.shards[shard]
            let promise = handle.eventLoop.makePromise(of: [(Int, Result<Answer, CodeError>)].self)
            handle.execute { shard in
                Self.visit(shard, questions, [], lookups: 0, body, promise)
            }
            return promise.futureResult
        }
        EventLoopFuture.whenAllSucceed(visits, on: call.shard.eventLoop).assumeIsolated()
            .whenSuccess { [answers] visited in
                var answers = answers
                for (index, answer) in visited.joined() { answers[index] = answer }
                then(
                    answers.map { $0 ?? .failure(CodeError(code: .unknownServerError)) })
            }
    }

    /// Asks on the shard's loop, and again what lacked bytes when these have been read in.
    private static func visit(
        _ shard: Shard, _ questions: [Question],
        _ answered: [(Int, Result<Answer, CodeError>)], lookups: Int,
        _ body: @escaping @Sendable (Partition, Int, Bool) -> Result<Answer, CodeError>,
        _ promise: EventLoopPromise<[(Int, Result<Answer, CodeError>)]>
    ) {
        var answered = answered
        var open: [Question] = []
        var missing: [MissingBytes] = []
        for question in questions {
            let answer =
                shard.partition(slot: question.place.slot, topicID: question.topicID)
                .map { body($0, question.index, lookups >= mostLookups) }
                ?? .failure(CodeError(code: .unknownTopicOrPartition))
            if case .failure(let error) = answer, let bytes = error.missing {
                open.append(question)
                missing.append(bytes)
            } else {
                answered.append((question.index, answer))
            }
        }
        guard !open.isEmpty else { return promise.succeed(answered) }
        var outstanding = missing.count
        for bytes in missing {
            shard.store.readIn(bytes) { [answered, open] in
                outstanding -= 1
                guard outstanding == 0 else { return }
                visit(shard, open, answered, lookups: lookups + 1, body, promise)
            }
        }
    }
}
