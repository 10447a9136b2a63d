import Logging
import NIOCore

/// Drives the state machine of one connection from a channel of SwiftNIO.
///
/// Every stored property that changes is touched on the channel's event loop alone: the pipeline
/// calls there, and `take` hops there first. That makes the reference safe to share.
final class ConnectionHandler: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = Never
    typealias OutboundIn = Never
    typealias OutboundOut = IOData

    private enum ReceiveTarget {
        case other
        case shared
        case partialFrame
    }

    let id: UInt64
    private let loop: TransportLoop
    private let limits: TransportLimits
    private var machine: ConnectionStateMachine
    private var context: ChannelHandlerContext?
    private var info: ConnectionInfo?
    private var target = ReceiveTarget.other
    private var hasReadOnce = false
    /// The shared buffer that was read last; goes back when the read is over.
    private var borrowed: ByteBuffer?
    private var isPumping = false
    private var isReading = false
    private var needsFlush = false
    private var isFlushQueued = false
    private var isReadSuppressed = false
    private(set) var lastActivity: NIODeadline

    init(id: UInt64, loop: TransportLoop, limits: TransportLimits) {
        self.id = id
        self.loop = loop
        self.limits = limits
        self.machine = ConnectionStateMachine(limits: limits)
        self.lastActivity = loop.eventLoop.now
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { channelActive(context: context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        guard info == nil else { return }
        let address = context.channel.remoteAddress
        info = ConnectionInfo(
            id: id, clientHost: address?.ipAddress ?? "unknown", clientPort: address?.port ?? 0,
            advertised: loop.advertised, eventLoop: loop.eventLoop)
        loop.opened(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        machine.closed(memory: loop.memory)
        borrowed = nil
        loop.closed(self)
        if let info { loop.handling.connectionClosed(info) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client that goes away in the middle of a request is everyday life.
        loop.logger.debug(
            "connection failed",
            metadata: ["client": "\(clientName)", "error": "\(error)"])
        context.close(promise: nil)
    }

    private var clientName: String {
        info.map { "\(Endpoint(host: $0.clientHost, port: $0.clientPort))" } ?? "unknown"
    }

    // MARK: Reading

    /// The buffer for the next read; called by the channel right before it reads.
    func nextReceiveBuffer() -> ByteBuffer {
        // The channel keeps the first buffer for as long as it lives: a small one.
        guard hasReadOnce else {
            hasReadOnce = true
            target = .other
            return ByteBufferAllocator().buffer(capacity: 64)
        }
        if let frame = machine.takePartialFrame() {
            target = .partialFrame
            return frame
        }
        target = .shared
        return loop.memory.receive.take()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        isReading = true
        lastActivity = loop.eventLoop.now
        switch target {
        case .partialFrame:
            machine.receivedIntoPartialFrame(bytes)
        case .shared:
            borrowed = bytes
            machine.received(bytes)
        case .other:
            machine.received(bytes)
        }
        target = .other
        pump()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if let buffer = borrowed {
            borrowed = nil
            loop.memory.receive.giveBack(buffer)
        }
        flushIfNeeded()
    }

    func read(context: ChannelHandlerContext) {
        if machine.wantsRead {
            context.read()
        } else {
            isReadSuppressed = true
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            machine.inputEnded()
            pump()
        }
    }

    // MARK: Answering

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        lastActivity = loop.eventLoop.now
        machine.writabilityChanged(to: context.channel.isWritable)
        pump()
    }

    private func answered(_ ticket: RequestTicket, with answer: Answer) {
        machine.answered(ticket, with: answer)
        // Inside a request's handling the loop that handed it out goes on by itself.
        if !isPumping { pump() }
    }

    /// Performs what the state machine asks for until it has nothing more to ask.
    private func pump() {
        guard !isPumping, let context, let info else { return }
        isPumping = true
        while let action = machine.nextAction(memory: loop.memory) {
            switch action {
            case .serve(let frame, let prefix, let ticket):
                loop.handling.handle(
                    Request(
                        frame: frame, prefix: prefix, connection: info, ticket: ticket,
                        sink: self))
            case .send(let answer):
                send(answer, context: context)
            case .waitForMemory:
                loop.waitForMemory(self)
            case .close(let reason):
                close(reason, context: context)
            }
        }
        isPumping = false
        if needsFlush, !isReading, !isFlushQueued {
            isFlushQueued = true
            loop.flushSoon(self)
        }
        if isReadSuppressed, machine.wantsRead {
            isReadSuppressed = false
            context.read()
        }
    }

    private func send(_ answer: Answer, context: ChannelHandlerContext) {
        switch answer {
        case .nothing, .closing:
            return
        case .bytes(let bytes):
            context.write(wrapOutboundOut(.byteBuffer(bytes)), promise: nil)
        case .parts(let parts):
            for part in parts {
                switch part {
                case .bytes(let bytes):
                    context.write(wrapOutboundOut(.byteBuffer(bytes)), promise: nil)
                case .region(let region):
                    send(region, context: context)
                }
            }
        }
        needsFlush = true
        lastActivity = loop.eventLoop.now
    }

    /// Queues a file region.
    ///
    /// SwiftNIO lets one loop at a time use a file handle, and closes with it what it holds. So
    /// every region has a handle of its own over the same descriptor, which is taken back before
    /// the handle goes: no dup(2), no close(2), and any number of loops at once. sendfile(2) with
    /// an offset leaves the descriptor's own position alone.
    private func send(_ region: SendRegion, context: ChannelHandlerContext) {
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: region.descriptor)
        let start = Int(region.position)
        let range = FileRegion(
            fileHandle: handle, readerIndex: start, endIndex: start + region.count)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { _ in
            do {
                _ = try handle.takeDescriptorOwnership()
            } catch {
                preconditionFailure("a region that has left is in use no more: \(error)")
            }
            extendLifetime(region.owner)
        }
        context.write(wrapOutboundOut(.fileRegion(range)), promise: promise)
    }

    /// The flush that was queued has come.
    func flushQueued() {
        isFlushQueued = false
        flushIfNeeded()
    }

    private func flushIfNeeded() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    // MARK: Ending

    func memoryReleased() {
        machine.memoryReleased()
        pump()
    }

    /// Takes no more requests; closes when the answers that are due have left.
    func end(_ reason: CloseReason) {
        machine.end(reason)
        pump()
    }

    /// Closes now, whatever is still due.
    func abort() {
        context?.close(promise: nil)
    }

    /// Closes a connection without traffic since `limit`, unless it waits for an answer of ours.
    func closeIfIdle(since limit: NIODeadline) {
        guard lastActivity < limit, machine.unansweredCount == 0 else { return }
        log(.idle)
        machine.closed(memory: loop.memory)
        abort()
    }

    private func close(_ reason: CloseReason, context: ChannelHandlerContext) {
        log(reason)
        needsFlush = false
        let channel = context.channel
        // Everything written before leaves first; whoever does not read it is closed as idle.
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer())), promise: promise)
    }

    private func log(_ reason: CloseReason) {
        let client: Logger.MetadataValue = "\(clientName)"
        switch reason {
        case .clientClosed, .brokerStops:
            break
        case .idle:
            loop.logger.debug("closed an idle connection", metadata: ["client": client])
        case .refused(let refusal):
            loop.logger.warning(
                "closed a connection", metadata: ["client": client, "reason": "\(refusal)"])
        case .handler(let reason):
            // The handlers have said more about it than is known here.
            loop.logger.debug(
                "closed a connection", metadata: ["client": client, "reason": "\(reason)"])
        }
    }
}

extension ConnectionHandler: AnswerSink {
    func take(_ answer: Answer, for ticket: RequestTicket) {
        if loop.eventLoop.inEventLoop {
            answered(ticket, with: answer)
        } else {
            loop.eventLoop.execute { self.answered(ticket, with: answer) }
        }
    }
}

/// Asks the connection where its next bytes go.
struct ReceiveTargets: RecvByteBufferAllocator {
    let connection: ConnectionHandler

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        connection.nextReceiveBuffer()
    }

    /// No size: the channel then asks for a buffer before every read and keeps none.
    func nextBufferSize() -> Int? { nil }

    /// Always a different buffer next time.
    mutating func record(actualReadBytes: Int) -> Bool { true }
}
