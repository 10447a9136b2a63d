import Glibc
import IORing
import Testing

@Suite struct CompletionEventTests {
    @Test func `the descriptor becomes readable with a completion, unreadable when acknowledged`()
        throws
    {
        let ring = try IORing()
        let file = ScratchFile()
        let memory = Memory([1])
        #expect(!isReadable(ring.eventDescriptor))

        ring.enqueue(.write(file.descriptor, at: 0, [memory.piece]), userData: 1, keeping: memory)
        #expect(!isReadable(ring.eventDescriptor))
        ring.submit()

        #expect(becomesReadable(ring.eventDescriptor))
        ring.acknowledgeEvent()
        #expect(!isReadable(ring.eventDescriptor))
        #expect(ring.drain { _ in } == 1)
    }

    @Test func `a loop that reads the event before it drains misses nothing`() throws {
        let ring = try IORing(capacity: 4)
        let file = ScratchFile()
        let memory = Memory([1])
        var drained = 0
        for number in 0..<500 {
            ring.enqueue(
                .write(file.descriptor, at: UInt64(number), [memory.piece]),
                userData: UInt64(number), keeping: memory)
        }
        ring.submit()

        while drained < 500 {
            guard becomesReadable(ring.eventDescriptor) else {
                Issue.record("no event for \(500 - drained) operations in flight")
                return
            }
            ring.acknowledgeEvent()
            drained += ring.drain { _ in }
        }

        #expect(ring.inFlight == 0)
        #expect(file.contents.count == 500)
    }

    @Test func `a signal from elsewhere makes it readable too`() throws {
        let ring = try IORing()

        ring.signal()

        #expect(isReadable(ring.eventDescriptor))
        #expect(ring.drain { _ in Issue.record("nothing was submitted") } == 0)
    }

    @Test func `draining from within a completion traps`() async {
        await #expect(processExitsWith: .trap) {
            let ring = try IORing()
            ring.enqueue(.nothing, userData: 1, keeping: nil)
            ring.wait()
            ring.drain { _ in ring.drain { _ in } }
        }
    }

    @Test func `waiting from within a completion traps`() async {
        await #expect(processExitsWith: .trap) {
            let ring = try IORing()
            ring.enqueue(.nothing, userData: 1, keeping: nil)
            ring.wait()
            ring.drain { _ in ring.wait() }
        }
    }
}
