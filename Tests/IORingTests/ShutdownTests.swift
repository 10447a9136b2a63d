import Glibc
import IORing
import Testing

@Suite struct ShutdownTests {
    @Test func `closing cancels what would never end and frees its memory`() throws {
        let ring = try IORing(capacity: 4)
        let pipe = SilentPipe()
        weak var watched: Memory?
        do {
            let memory = Memory([0])
            watched = memory
            for number in 0..<100 {
                ring.enqueue(
                    .read(pipe.reading, at: 0, into: memory.bytes), userData: UInt64(number),
                    keeping: memory)
            }
        }
        ring.submit()
        #expect(ring.inFlight == 100)

        ring.close()

        #expect(ring.inFlight == 0)
        #expect(watched == nil)
    }

    @Test func `closing waits for writes that have started`() throws {
        let file = ScratchFile()
        let count = 200
        do {
            let ring = try IORing(capacity: 256)
            let memory = Memory([UInt8](repeating: 7, count: 4_096))
            for number in 0..<count {
                ring.enqueue(
                    .write(file.descriptor, at: UInt64(number) * 4_096, [memory.piece]),
                    userData: UInt64(number), keeping: memory)
            }
            ring.submit()
            ring.wait()
        }

        // Some may have been cancelled; none is half done, nothing writes freed memory.
        let contents = file.contents
        #expect(contents.count.isMultiple(of: 4_096))
        #expect(contents.allSatisfy { $0 == 7 || $0 == 0 })
    }

    @Test func `a ring that goes away with operations enqueued frees everything`() throws {
        weak var watched: Memory?
        do {
            let ring = try IORing()
            let memory = Memory([1])
            watched = memory
            ring.enqueue(.write(-1, at: 0, [memory.piece]), userData: 1, keeping: memory)
        }

        #expect(watched == nil)
    }

    @Test func `closing twice is closing once`() throws {
        let ring = try IORing()

        ring.close()
        ring.close()

        #expect(ring.inFlight == 0)
    }

    @Test func `a closed ring takes nothing`() async {
        await #expect(processExitsWith: .trap) {
            let ring = try IORing()
            ring.close()
            ring.enqueue(.nothing, userData: 1, keeping: nil)
        }
    }

    @Test func `closing from within a completion traps`() async {
        await #expect(processExitsWith: .trap) {
            let ring = try IORing()
            ring.enqueue(.nothing, userData: 1, keeping: nil)
            ring.wait()
            ring.drain { _ in ring.close() }
        }
    }
}
