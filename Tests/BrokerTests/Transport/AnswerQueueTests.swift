import NIOCore
import Simulation
import Testing

@testable import Broker
import Vocabulary

@Suite("Answers in request order")
struct AnswerQueueTests {
    @Test func `any order of answers leaves in the order of requests`() {
        var random = SeededRandom(seed: 2_026)
        for _ in 0..<50 {
            var queue = AnswerQueue()
            let tickets = (0..<20).map { _ in queue.admit(requestBytes: 10) }
            var left: [Int32] = []

            for index in tickets.indices.shuffled(using: &random) {
                queue.fill(tickets[index], with: .bytes(Wire.answer(Int32(index))))
                while case .bytes(let bytes)? = queue.next() {
                    left.append(bytes.getInteger(at: 4) ?? -1)
                }
            }

            #expect(left == Array(0..<20))
            #expect(queue.isEmpty && queue.requestBytes == 0 && queue.unansweredCount == 0)
        }
    }
}
