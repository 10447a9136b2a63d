import NIOCore

@testable import Broker

/// Bytes as a client sends them.
enum Wire {
    /// A frame with its length prefix: a request with this correlation id and so many bytes.
    static func frame(_ correlationID: Int32, byteCount: Int = 8, filler: UInt8 = 0xAB) -> [UInt8] {
        precondition(byteCount >= RequestPrefix.byteCount)
        var buffer = ByteBuffer()
        buffer.writeInteger(Int32(byteCount))
        buffer.writeInteger(Int16(3))
        buffer.writeInteger(Int16(12))
        buffer.writeInteger(correlationID)
        buffer.writeRepeatingByte(filler, count: byteCount - RequestPrefix.byteCount)
        return Array(buffer.readableBytesView)
    }

    /// A length prefix and nothing behind it.
    static func prefix(_ length: Int32) -> [UInt8] {
        withUnsafeBytes(of: length.bigEndian) { Array($0) }
    }

    /// An answer frame: the length and the correlation id.
    static func answer(_ correlationID: Int32, filling: Int = 0) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(Int32(4 + filling))
        buffer.writeInteger(correlationID)
        buffer.writeRepeatingByte(0xCD, count: filling)
        return buffer
    }
}

/// Performs what a connection's state machine asks for, without a socket.
struct MachineDriver {
    struct Served: Equatable {
        let correlationID: Int32
        let frame: [UInt8]
        let ticket: RequestTicket
    }

    var machine: ConnectionStateMachine
    let memory: LoopMemory
    private(set) var served: [Served] = []
    private(set) var frames: [ByteBuffer] = []
    private(set) var sent: [Int32] = []
    private(set) var closed: CloseReason?
    private(set) var memoryWaits = 0

    init(limits: TransportLimits = TransportLimits()) {
        self.machine = ConnectionStateMachine(limits: limits)
        self.memory = LoopMemory(limits: limits)
    }

    mutating func receive(_ bytes: [UInt8]) {
        machine.received(ByteBuffer(bytes: bytes))
        run()
    }

    /// Receives as the channel does: into the partial frame if there is one.
    mutating func receiveInPlace(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if var frame = machine.takePartialFrame() {
                let count = min(frame.writableBytes, rest.count)
                frame.writeBytes(rest.prefix(count))
                rest = rest.dropFirst(count)
                machine.receivedIntoPartialFrame(frame)
            } else {
                let count = min(64 * 1024, rest.count)
                machine.received(ByteBuffer(bytes: rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            run()
        }
    }

    mutating func answer(_ index: Int, with answer: Answer? = nil) {
        let request = served[index]
        machine.answered(
            request.ticket, with: answer ?? .bytes(Wire.answer(request.correlationID)))
        run()
    }

    mutating func run() {
        while let action = machine.nextAction(memory: memory) {
            switch action {
            case .serve(let frame, let prefix, let ticket):
                frames.append(frame)
                served.append(
                    Served(
                        correlationID: prefix.correlationID,
                        frame: Array(frame.readableBytesView), ticket: ticket))
            case .send(let answer):
                sent.append(Self.correlationID(of: answer))
            case .waitForMemory:
                memoryWaits += 1
            case .close(let reason):
                closed = reason
            }
        }
    }

    mutating func releaseFrames() { frames = [] }

    /// -1 stands for an answer that is not sent.
    private static func correlationID(of answer: Answer) -> Int32 {
        guard case .bytes(let bytes) = answer else { return -1 }
        return bytes.getInteger(at: bytes.readerIndex + 4, as: Int32.self) ?? -2
    }
}
