import NIOCore

/// One client connection without its socket: bytes and answers come in, actions go out.
///
/// Whoever drives it reports events by the mutating methods, then performs `nextAction` until it
/// is `nil`, then reads on if `wantsRead`. It knows no channel, clock or thread.
struct ConnectionStateMachine {
    /// What to do next.
    enum Action {
        /// Hand the request to the handlers; its answer comes back by `answered`.
        case serve(frame: ByteBuffer, prefix: RequestPrefix, ticket: RequestTicket)
        case send(Answer)
        /// Try again when frames of other connections have been released.
        case waitForMemory
        /// Close once everything sent before has left. The last action.
        case close(CloseReason)
    }

    private enum Phase {
        case open
        /// Takes no more requests; closes when every request admitted has its answer sent.
        case ending(CloseReason)
        case closed
    }

    private let limits: TransportLimits
    private var phase = Phase.open
    private var assembler: FrameAssembler
    private var answers = AnswerQueue()
    /// Bytes that were received and not looked at yet.
    private var input = ByteBuffer()
    private var isWritable = true
    private var isWaitingForMemory = false
    private var hasInputEnded = false

    init(limits: TransportLimits) {
        self.limits = limits
        self.assembler = FrameAssembler(maxFrameBytes: limits.maxRequestBytes)
    }

    // MARK: Events

    /// Bytes arrived.
    mutating func received(_ bytes: ByteBuffer) {
        guard case .open = phase else { return }
        if input.readableBytes == 0 {
            input = bytes
        } else {
            var bytes = bytes
            input.writeBuffer(&bytes)
        }
    }

    /// Hands out the frame that the next bytes belong to, if it has memory of its own: they are
    /// received right there, and `receivedIntoPartialFrame` gives it back.
    mutating func takePartialFrame() -> ByteBuffer? {
        guard case .open = phase, input.readableBytes == 0 else { return nil }
        return assembler.takePartialFrame()
    }

    mutating func receivedIntoPartialFrame(_ frame: ByteBuffer) {
        guard case .open = phase else { return }
        assembler.giveBack(frame)
    }

    /// The client sends no more; it may still read the answers to what it has sent.
    mutating func inputEnded() {
        hasInputEnded = true
    }

    /// The socket takes more bytes again, or has as many waiting as it may.
    mutating func writabilityChanged(to isWritable: Bool) {
        self.isWritable = isWritable
    }

    /// Memory for frames may be free again.
    mutating func memoryReleased() {
        isWaitingForMemory = false
    }

    /// A handler answered.
    mutating func answered(_ ticket: RequestTicket, with answer: Answer) {
        if case .closed = phase { return }
        answers.fill(ticket, with: answer)
    }

    /// The broker stops, or the connection has been idle for too long.
    mutating func end(_ reason: CloseReason) {
        guard case .open = phase else { return }
        phase = .ending(reason)
        input = ByteBuffer()
    }

    /// The socket is gone: a partial frame gives its memory back, answers are dropped.
    mutating func closed(memory: LoopMemory) {
        phase = .closed
        input = ByteBuffer()
        answers = AnswerQueue()
        assembler.abandon(memory: memory)
    }

    // MARK: Decisions

    /// Requests that were handed out and not answered.
    var unansweredCount: Int { answers.unansweredCount }

    /// Whether more bytes are welcome; when not, the socket is left unread.
    var wantsRead: Bool {
        guard case .open = phase, !hasInputEnded else { return false }
        return input.readableBytes == 0 && admitsRequests && !isWaitingForMemory
    }

    mutating func nextAction(memory: LoopMemory) -> Action? {
        switch phase {
        case .closed: return nil
        case .open, .ending: break
        }
        if let answer = answers.next() { return send(answer, memory: memory) }
        switch phase {
        case .closed:
            return nil
        case .ending(let reason):
            guard answers.isEmpty else { return nil }
            closed(memory: memory)
            return .close(reason)
        case .open:
            return nextRequest(memory: memory)
        }
    }

    private mutating func send(_ answer: Answer, memory: LoopMemory) -> Action {
        if case .closing(let reason) = answer {
            closed(memory: memory)
            return .close(.handler(reason))
        }
        return .send(answer)
    }

    private mutating func nextRequest(memory: LoopMemory) -> Action? {
        guard admitsRequests, !isWaitingForMemory else { return nil }
        switch assembler.next(from: &input, memory: memory) {
        case .needsBytes:
            // Lets go of the receive buffer: everything in it has been taken.
            input = ByteBuffer()
            guard hasInputEnded else { return nil }
            end(.clientClosed)
            return nextAction(memory: memory)
        case .needsMemory:
            isWaitingForMemory = true
            return .waitForMemory
        case .refused(let refusal):
            // A client that goes away in the middle of a frame is nothing to report.
            end(hasInputEnded && refusal == .lost ? .clientClosed : .refused(refusal))
            return nextAction(memory: memory)
        case .frame(let frame):
            if input.readableBytes == 0 { input = ByteBuffer() }
            let ticket = answers.admit(requestBytes: frame.readableBytes)
            return .serve(frame: frame, prefix: Self.prefix(of: frame), ticket: ticket)
        }
    }

    /// Whether the bounds leave room for one more request.
    private var admitsRequests: Bool {
        isWritable && answers.count < limits.maxPipelinedRequests
            && (answers.isEmpty || answers.requestBytes < limits.maxPipelinedBytes)
    }

    private static func prefix(of frame: ByteBuffer) -> RequestPrefix {
        guard
            let (apiKey, apiVersion, correlationID) = frame.getMultipleIntegers(
                at: frame.readerIndex, as: (Int16, Int16, Int32).self)
        else { preconditionFailure("a frame holds the eight bytes every header begins with") }
        return RequestPrefix(
            apiKey: apiKey, apiVersion: apiVersion, correlationID: correlationID)
    }
}

/// Why a connection closes.
enum CloseReason: Equatable, Sendable {
    case clientClosed
    case refused(FrameRefusal)
    /// What the handlers said.
    case handler(String)
    case idle
    case brokerStops
}
