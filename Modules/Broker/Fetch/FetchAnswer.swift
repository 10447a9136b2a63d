import KafkaProtocol
import NIOCore
import Vocabulary

/// Puts together the answer to a fetch: what its session wants to hear, topic by topic.
struct FetchAnswer {
    let call: Call
    let exchange: FetchExchange
    let reads: [PartitionRead]

    func send() {
        let inclusion: FetchInclusion
        do throws(FetchSessionError) {
            inclusion = try call.services.sessions.finish(
                exchange.context, read: reads, now: .now())
        } catch {
            call.answer(FetchResponse(errorCode: ErrorCode(error)))
            return
        }
        var response = FetchResponse(sessionID: inclusion.sessionID)
        var pieces: [[Answer.Part]] = []
        let partitions = exchange.context.partitions
        var current: TopicReference?
        for (index, wanted) in partitions.enumerated() {
            if let included = inclusion.included, !included[index] { continue }
            // As in Kafka, neighbours of one topic share an entry; a topic may come twice.
            if wanted.topic != current {
                current = wanted.topic
                response.responses.append(Self.topic(wanted.topic))
            }
            response.responses[response.responses.count - 1].partitions.append(
                partition(wanted, reads[index], &pieces))
        }
        let inlined = reads.reduce(0) { $0 + ($1.isInlined ? $1.byteCount : 0) }
        call.answer(response, pieces: pieces, capacity: 128 + 96 * partitions.count + inlined)
    }

    private static func topic(_ reference: TopicReference) -> FetchResponse.Topic {
        switch reference {
        case .name(let name): FetchResponse.Topic(topic: name)
        case .id(let id): FetchResponse.Topic(topicID: id)
        }
    }

    private func partition(
        _ wanted: FetchPartition, _ read: PartitionRead, _ pieces: inout [[Answer.Part]]
    ) -> FetchResponse.Partition {
        var answer = FetchResponse.Partition()
        answer.partitionIndex = wanted.partition.rawValue
        answer.errorCode = read.code
        answer.highWatermark = read.highWatermark
        // Without transactions the last stable offset is the high watermark.
        answer.lastStableOffset = read.highWatermark
        answer.logStartOffset = read.logStartOffset
        if exchange.terms.isReadCommitted, !read.isError { answer.abortedTransactions = [] }
        if read.isInlined {
            answer.records = .bytes(
                read.pieces.compactMap { if case .bytes(let buffer) = $0 { buffer } else { nil } })
        } else if read.byteCount > 0 {
            answer.records = .regions(tag: pieces.count, byteCount: read.byteCount)
            pieces.append(read.pieces)
        }
        return answer
    }
}

extension PartitionRead {
    /// Below this size copying records behind the answer's header costs less than a piece of
    /// their own in the write.
    private static let inlineLimit = 8 << 10

    /// Whether the records are few enough to be copied into the answer.
    fileprivate var isInlined: Bool {
        guard byteCount > 0, byteCount <= Self.inlineLimit else { return false }
        return pieces.allSatisfy { if case .bytes = $0 { true } else { false } }
    }
}
