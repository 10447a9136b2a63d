import NIOCore
import Testing

@testable import Broker

@Suite("One connection without its socket")
struct ConnectionStateMachineTests {
    // MARK: Frames

    @Test(arguments: [8, 9, 100, 16 * 1024 - 1])
    func `frames are the same wherever the stream is cut`(byteCount: Int) {
        let stream = Wire.frame(1, byteCount: byteCount) + Wire.frame(2, byteCount: 8)

        let step = max(1, stream.count / 200)
        for cut in stride(from: 0, through: stream.count, by: step) {
            var driver = MachineDriver()
            driver.receive(Array(stream[..<cut]))
            driver.receive(Array(stream[cut...]))

            #expect(driver.served.map(\.correlationID) == [1, 2])
            #expect(driver.served.map(\.frame.count) == [byteCount, 8])
            #expect(driver.closed == nil)
        }
    }

    @Test func `frames that arrive byte by byte are whole`() {
        let stream = Wire.frame(7, byteCount: 40) + Wire.frame(8, byteCount: 9)
        var driver = MachineDriver()

        for byte in stream { driver.receive([byte]) }

        #expect(driver.served.map(\.correlationID) == [7, 8])
        #expect(driver.served.map(\.frame) == [Array(stream[4..<44]), Array(stream[48...])])
    }

    @Test(arguments: [16 * 1024, 64 * 1024 + 1, 1_000_000])
    func `large frames received in place equal those received through the buffer`(
        byteCount: Int
    ) {
        let stream =
            Wire.frame(1, byteCount: 20) + Wire.frame(2, byteCount: byteCount, filler: 0x5A)
            + Wire.frame(3, byteCount: byteCount, filler: 0xA5) + Wire.frame(4)
        var inPlace = MachineDriver()
        var buffered = MachineDriver()

        inPlace.receiveInPlace(stream)
        for start in stride(from: 0, to: stream.count, by: 10_000) {
            buffered.receive(Array(stream[start..<min(start + 10_000, stream.count)]))
        }

        #expect(inPlace.served.map(\.correlationID) == [1, 2, 3, 4])
        #expect(inPlace.served.map(\.frame) == buffered.served.map(\.frame))
        #expect(inPlace.served[1].frame == Array(stream[28..<28 + byteCount]))
    }

    @Test func `a small frame does not pin the buffer it came in`() {
        var input = ByteBuffer(bytes: Wire.frame(1, byteCount: 100))
        var driver = MachineDriver()

        driver.machine.received(input)
        driver.run()

        #expect(input.modifyIfUniquelyOwned { _ in true } == true)
        #expect(driver.served.count == 1)
    }

    @Test func `a large frame shares the buffer it came in`() {
        var input = ByteBuffer(bytes: Wire.frame(1, byteCount: 20_000))
        var driver = MachineDriver()

        driver.machine.received(input)
        driver.run()

        #expect(input.modifyIfUniquelyOwned { _ in true } == nil)
    }

    @Test func `when too many receive buffers are pinned a large frame is copied`() {
        var driver = MachineDriver()
        for _ in 0..<ReceivePool.maxBuffers {
            driver.memory.receive.giveBack(ByteBuffer(bytes: [1]))
        }
        var input = ByteBuffer(bytes: Wire.frame(1, byteCount: 20_000))

        driver.machine.received(input)
        driver.run()

        #expect(driver.served.map(\.frame.count) == [20_000])
        #expect(input.modifyIfUniquelyOwned { _ in true } == true)
    }

    // MARK: Garbage

    @Test(arguments: [
        (Int32.min, FrameRefusal.negativeLength(.min)), (-1, .negativeLength(-1)),
        (0, .tooShort(0)), (7, .tooShort(7)),
        (104_857_601, .tooLong(104_857_601, limit: 104_857_600)),
        (Int32.max, .tooLong(Int(Int32.max), limit: 104_857_600)),
        // "GET " of an HTTP client.
        (0x4745_5420, .tooLong(0x4745_5420, limit: 104_857_600)),
    ])
    func `an absurd length closes the connection and allocates nothing`(
        length: Int32, refusal: FrameRefusal
    ) {
        var driver = MachineDriver()

        driver.receive(Wire.prefix(length) + [1, 2, 3])

        #expect(driver.closed == .refused(refusal))
        #expect(driver.memory.frames.byteCount == 0)
        #expect(driver.served.isEmpty)
        #expect(!driver.machine.wantsRead)
    }

    @Test func `the largest frame allowed is served`() {
        var limits = TransportLimits()
        limits.maxRequestBytes = 50
        var driver = MachineDriver(limits: limits)

        driver.receive(Wire.frame(1, byteCount: 50) + Wire.frame(2, byteCount: 51))

        #expect(driver.served.map(\.correlationID) == [1])
        driver.answer(0)
        #expect(driver.closed == .refused(.tooLong(51, limit: 50)))
    }

    @Test func `answers that are due leave before garbage closes the connection`() {
        var driver = MachineDriver()

        driver.receive(Wire.frame(1) + Wire.frame(2) + Wire.prefix(-5))

        #expect(driver.closed == nil)
        driver.answer(1)
        driver.answer(0)
        #expect(driver.sent == [1, 2])
        #expect(driver.closed == .refused(.negativeLength(-5)))
    }

    @Test func `bytes behind garbage are ignored`() {
        var driver = MachineDriver()

        driver.receive(Wire.prefix(-1))
        driver.receive(Wire.frame(1))

        #expect(driver.served.isEmpty)
    }

    // MARK: Answers

    @Test(arguments: [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]])
    func `answers leave in the order of the requests`(order: [Int]) {
        var driver = MachineDriver()
        driver.receive((10..<14).flatMap { Wire.frame($0) })

        for index in order { driver.answer(index) }

        #expect(driver.sent == [10, 11, 12, 13])
        #expect(driver.machine.unansweredCount == 0)
    }

    @Test func `a request without an answer holds nothing up`() {
        var driver = MachineDriver()
        driver.receive(Wire.frame(1) + Wire.frame(2))

        driver.answer(1)
        driver.answer(0, with: .nothing)

        #expect(driver.sent == [-1, 2])
    }

    @Test func `a close asked for by a handler waits for earlier answers and drops later ones`() {
        var driver = MachineDriver()
        driver.receive((1...3).flatMap { Wire.frame($0) })

        driver.answer(1, with: .closing("bad magic"))
        driver.answer(2)
        #expect(driver.closed == nil)
        driver.answer(0)

        #expect(driver.sent == [1])
        #expect(driver.closed == .handler("bad magic"))
    }

    @Test func `answers to a closed connection are dropped`() {
        var driver = MachineDriver()
        driver.receive(Wire.frame(1))

        driver.machine.closed(memory: driver.memory)
        driver.answer(0)

        #expect(driver.sent.isEmpty)
    }

    // MARK: Bounds

    @Test func `requests beyond the pipeline's bound wait for answers`() {
        var limits = TransportLimits()
        limits.maxPipelinedRequests = 2
        var driver = MachineDriver(limits: limits)

        driver.receive((1...5).flatMap { Wire.frame($0) })

        #expect(driver.served.map(\.correlationID) == [1, 2])
        #expect(!driver.machine.wantsRead)
        driver.answer(1)
        #expect(driver.served.count == 2)
        driver.answer(0)
        #expect(driver.served.map(\.correlationID) == [1, 2, 3, 4])
        driver.answer(2)
        driver.answer(3)
        driver.answer(4)
        #expect(driver.sent == [1, 2, 3, 4, 5])
        #expect(driver.machine.wantsRead)
    }

    @Test func `bytes beyond the pipeline's bound wait, one request is always admitted`() {
        var limits = TransportLimits()
        limits.maxPipelinedBytes = 100
        var driver = MachineDriver(limits: limits)

        driver.receive(Wire.frame(1, byteCount: 500) + Wire.frame(2) + Wire.frame(3))

        #expect(driver.served.map(\.correlationID) == [1])
        driver.answer(0)
        #expect(driver.served.map(\.correlationID) == [1, 2, 3])
    }

    @Test func `a client that does not read its answers is not read either`() {
        var driver = MachineDriver()
        driver.receive(Wire.frame(1))

        driver.machine.writabilityChanged(to: false)
        #expect(!driver.machine.wantsRead)
        driver.receive(Wire.frame(2))
        #expect(driver.served.count == 1)
        driver.answer(0)
        #expect(driver.sent == [1])

        driver.machine.writabilityChanged(to: true)
        driver.run()
        #expect(driver.served.count == 2)
        #expect(driver.machine.wantsRead)
    }

    @Test func `a frame beyond the loop's memory waits until frames are released`() {
        var limits = TransportLimits()
        limits.queuedFrameBytes = 64 * 1024
        var first = MachineDriver(limits: limits)
        first.receive(Array(Wire.frame(1, byteCount: 40_000)[..<30_000]))
        first.receive(Array(Wire.frame(1, byteCount: 40_000)[30_000...]))
        #expect(first.served.count == 1)

        let next = Wire.frame(2, byteCount: 40_000)
        first.receive(Array(next[..<20_000]))
        #expect(first.memoryWaits == 1)
        #expect(!first.machine.wantsRead)

        first.releaseFrames()
        first.machine.memoryReleased()
        first.run()
        first.receive(Array(next[20_000...]))
        #expect(first.served.map(\.correlationID) == [1, 2])
        #expect(first.served[1].frame == Array(next[4...]))
    }

    // MARK: Ends

    @Test func `a half-closed client gets the answers to everything it sent`() {
        var limits = TransportLimits()
        limits.maxPipelinedRequests = 1
        var driver = MachineDriver(limits: limits)
        driver.receive(Wire.frame(1) + Wire.frame(2) + [0, 0])

        driver.machine.inputEnded()
        driver.run()
        #expect(driver.closed == nil)
        driver.answer(0)
        driver.answer(1)

        #expect(driver.sent == [1, 2])
        #expect(driver.closed == .clientClosed)
    }

    @Test func `a client that leaves in the middle of a frame gives its memory back`() {
        var driver = MachineDriver()
        driver.receive(Array(Wire.frame(1, byteCount: 100_000)[..<1_000]))
        #expect(driver.memory.frames.fillingBytes == 65_536)

        driver.machine.inputEnded()
        driver.run()

        #expect(driver.closed == .clientClosed)
        #expect(driver.memory.frames.fillingBytes == 0)
    }

    @Test func `a frame that is only announced reserves little`() {
        var driver = MachineDriver()
        driver.receive(Array(Wire.frame(1, byteCount: 50_000_000)[..<10]))

        #expect(driver.memory.frames.fillingBytes == 65_536)
    }

    @Test func `a frame grows as its bytes come, and the next of its size is there at once`() {
        var driver = MachineDriver()
        let frame = Wire.frame(1, byteCount: 1_000_000)
        for start in stride(from: 0, to: frame.count, by: 10_000) {
            driver.receive(Array(frame[start..<min(start + 10_000, frame.count)]))
        }
        driver.receive(Array(Wire.frame(2, byteCount: 900_000)[..<1_000]))

        #expect(driver.served.map(\.frame) == [Array(frame[4...])])
        #expect(driver.memory.frames.fillingBytes == 1 << 20)
    }

    @Test func `a frame that was lost with a failed read closes the connection`() {
        var driver = MachineDriver()
        driver.receive(Array(Wire.frame(1, byteCount: 100_000)[..<1_000]))

        _ = driver.machine.takePartialFrame()
        driver.run()

        #expect(driver.closed == .refused(.lost))
        #expect(driver.memory.frames.fillingBytes == 0)
    }

    @Test func `a stop takes no more requests and waits for the answers that are due`() {
        var driver = MachineDriver()
        driver.receive(Wire.frame(1))

        driver.machine.end(.brokerStops)
        driver.receive(Wire.frame(2))
        #expect(driver.closed == nil)
        driver.answer(0)

        #expect(driver.served.count == 1)
        #expect(driver.closed == .brokerStops)
    }

    @Test func `an idle connection that is stopped closes at once`() {
        var driver = MachineDriver()

        driver.machine.end(.brokerStops)
        driver.run()

        #expect(driver.closed == .brokerStops)
    }
}
