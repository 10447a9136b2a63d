import KafkaProtocol
import NIOCore
import Vocabulary

/// One produce request from its frame to its answer.
///
/// Belongs to the loop of its connection; each partition it writes to hands in one outcome, and
/// the last one sends the answer. With acks=0 there is no answer: a refusal closes the connection.
final class ProduceExchange {
    enum Outcome: Sendable {
        case stored(base: Offset, logAppendTime: Timestamp?, logStartOffset: Offset)
        case refused(ProduceRefusal)
    }

    private let call: Call
    private let request: ProduceRequest
    /// One per partition of the request, in its order.
    private var outcomes: [Outcome?]
    private var missing: Int

    init(call: Call, request: ProduceRequest) {
        self.call = call
        self.request = request
        let shares = request.topicData.reduce(0) { $0 + $1.partitionData.count }
        outcomes = Array(repeating: nil, count: shares)
        missing = shares
    }

    var wantsAnswer: Bool { request.acks != 0 }

    func complete(_ share: Int, _ outcome: Outcome) {
        guard outcomes[share] == nil else { return }
        outcomes[share] = outcome
        missing -= 1
        if missing == 0 { finish() }
    }

    /// Refuses every partition for a fault of the request as a whole.
    func refuseAll(_ refusal: ProduceRefusal) {
        for share in outcomes.indices { complete(share, .refused(refusal)) }
    }

    /// Sends the answer of a request that names no partition at all.
    func finishIfEmpty() {
        if outcomes.isEmpty { finish() }
    }

    private func finish() {
        guard wantsAnswer else {
            finishUnanswered()
            return
        }
        var response = ProduceResponse()
        response.responses.reserveCapacity(request.topicData.count)
        var share = 0
        for topic in request.topicData {
            var answer = ProduceResponse.Topic()
            answer.name = topic.name
            answer.topicID = topic.topicID
            answer.partitionResponses.reserveCapacity(topic.partitionData.count)
            for partition in topic.partitionData {
                answer.partitionResponses.append(
                    Self.answer(partition.index, outcomes[share]))
                share += 1
            }
            response.responses.append(answer)
        }
        call.answer(response)
    }

    private static func answer(_ index: Int32, _ outcome: Outcome?) -> ProduceResponse.Partition {
        var answer = ProduceResponse.Partition()
        answer.index = index
        switch outcome {
        case .stored(let base, let logAppendTime, let logStartOffset):
            answer.baseOffset = base.rawValue
            answer.logAppendTimeMs = logAppendTime?.rawValue ?? -1
            answer.logStartOffset = logStartOffset.rawValue
        case .refused(let refusal):
            answer.errorCode = refusal.code
            answer.baseOffset = -1
            answer.logStartOffset = refusal.logStartOffset
            answer.errorMessage = refusal.message
            if let record = refusal.record {
                var error = ProduceResponse.RecordError()
                error.batchIndex = Int32(record)
                error.batchIndexErrorMessage = refusal.message
                answer.recordErrors = [error]
            }
        case nil:
            preconditionFailure("every share of a finished request has an outcome")
        }
        return answer
    }

    private func finishUnanswered() {
        for case .refused(let refusal) in outcomes {
            call.close("acks=0 and the records were refused: \(refusal.code)")
            return
        }
        call.finishWithoutAnswer()
    }
}

extension ProduceExchange {
    /// The exchange as other loops know it.
    struct Handle: Sendable {
        private let bound: NIOLoopBound<ProduceExchange>
        private let shard: Int
        private let eventLoop: any EventLoop

        /// Must be called on the exchange's loop, which is that of `shard`.
        init(_ exchange: ProduceExchange, on shard: Shard) {
            bound = NIOLoopBound(exchange, eventLoop: shard.eventLoop)
            self.shard = shard.index
            eventLoop = shard.eventLoop
        }

        /// Hands in an outcome: at once on the exchange's own loop, else with the tick's messages.
        func complete(_ share: Int, _ outcome: Outcome, outbox: Outbox) {
            if eventLoop.inEventLoop {
                bound.value.complete(share, outcome)
            } else {
                outbox.post(to: shard) { [bound] _ in bound.value.complete(share, outcome) }
            }
        }
    }
}
