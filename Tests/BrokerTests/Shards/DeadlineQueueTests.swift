import NIOCore
import Testing

@testable import Broker
import Vocabulary

@Suite("Deadline queue")
struct DeadlineQueueTests {
    @Test
    func `nothing comes out before its time`() {
        var queue = DeadlineQueue<Int>()
        queue.insert(1, at: .uptimeNanoseconds(10))

        #expect(queue.next(dueAt: .uptimeNanoseconds(9)) == nil)
        #expect(queue.next(dueAt: .uptimeNanoseconds(10)) == 1)
        #expect(queue.next(dueAt: .distantFuture) == nil)
    }

    @Test(arguments: [1, 7, 42])
    func `elements come out by deadline, whatever the order they went in`(seed: UInt64) {
        var generator = SeededRandom(seed: seed)
        var queue = DeadlineQueue<UInt64>()
        let deadlines = (0..<500).map { _ in generator.next() % 1_000 }
        for deadline in deadlines { queue.insert(deadline, at: .uptimeNanoseconds(deadline)) }

        var found: [UInt64] = []
        while let next = queue.next(dueAt: .distantFuture) { found.append(next) }

        #expect(found == deadlines.sorted())
    }

    @Test
    func `what is done is swept out and the rest keeps its order`() {
        var queue = DeadlineQueue<Int>()
        for value in (0..<100).reversed() {
            queue.insert(value, at: .uptimeNanoseconds(UInt64(value)))
        }

        queue.removeAll { $0 % 2 == 0 }

        #expect(queue.count == 50)
        #expect(queue.earliest == .uptimeNanoseconds(1))
        #expect(queue.next(dueAt: .distantFuture) == 1)
        #expect(queue.next(dueAt: .distantFuture) == 3)
    }
}
