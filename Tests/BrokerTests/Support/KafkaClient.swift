import KafkaProtocol
import NIOCore
import NIOPosix
import Vocabulary

/// A connection that speaks the protocol by means of `KafkaProtocol`, one request after the other
/// or several at once, and sends any garbage it is told to.
final class KafkaClient: Sendable {
    private let channel: any Channel
    private let inbox: Inbox
    private let nextCorrelationID = Lock<Int32>(0)

    private init(channel: any Channel, inbox: Inbox) {
        self.channel = channel
        self.inbox = inbox
    }

    static func connect(to port: Int) async throws -> KafkaClient {
        let inbox = Inbox()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FrameCollector(inbox: inbox))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return KafkaClient(channel: channel, inbox: inbox)
    }

    /// Sends a request and reads its answer.
    func send<Body: RequestMessage>(
        _ body: Body, version: Int16, clientID: String? = "tests"
    ) async throws -> Body.Response {
        let correlationID = try await post(body, version: version, clientID: clientID)
        var frame = try await nextFrame()
        let header = try ResponseHeader(reading: &frame, of: Body.Response.self, version: version)
        guard header.correlationID == correlationID else {
            throw ClientFault.wrongAnswer(expected: correlationID, found: header.correlationID)
        }
        return try Body.Response(reading: &frame, version: version)
    }

    /// Sends a request without reading its answer; gives its correlation id.
    @discardableResult
    func post<Body: RequestMessage>(
        _ body: Body, version: Int16, clientID: String? = "tests"
    ) async throws -> Int32 {
        let correlationID = nextCorrelationID.withLock { id in
            id += 1
            return id
        }
        let frame = WireFrame.request(
            body, version: version, correlationID: correlationID, clientID: clientID)
        try await channel.writeAndFlush(frame.bytes).get()
        return correlationID
    }

    func sendRaw(_ bytes: some Sequence<UInt8> & Sendable) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// The next frame behind its length prefix; throws `closed` at the end of the stream.
    func nextFrame() async throws -> ByteBuffer {
        let promise = channel.eventLoop.makePromise(of: ByteBuffer.self)
        inbox.await(promise)
        return try await promise.futureResult.get()
    }

    /// Whether the broker closes the connection without another answer.
    func isClosedByBroker() async -> Bool {
        do {
            _ = try await nextFrame()
            return false
        } catch {
            return true
        }
    }

    func close() async { try? await channel.close().get() }
}

enum ClientFault: Error {
    case closed
    case wrongAnswer(expected: Int32, found: Int32)
}

/// Frames that arrived and promises that wait for them, whichever came first.
private final class Inbox: Sendable {
    private struct State {
        var frames: [ByteBuffer] = []
        var waiting: [EventLoopPromise<ByteBuffer>] = []
        var isClosed = false
    }

    private let state = Lock(State())

    func await(_ promise: EventLoopPromise<ByteBuffer>) {
        let ready: Result<ByteBuffer, any Error>? = state.withLock { state in
            if !state.frames.isEmpty { return .success(state.frames.removeFirst()) }
            if state.isClosed { return .failure(ClientFault.closed) }
            state.waiting.append(promise)
            return nil
        }
        if let ready { promise.completeWith(ready) }
    }

    func take(_ frame: ByteBuffer) {
        let promise: EventLoopPromise<ByteBuffer>? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.frames.append(frame)
                return nil
            }
            return state.waiting.removeFirst()
        }
        promise?.succeed(frame)
    }

    func close() {
        let promises = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for promise in promises { promise.fail(ClientFault.closed) }
    }
}

/// Cuts the frames out of what arrives.
private final class FrameCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let inbox: Inbox
    private var gathered = ByteBuffer()

    init(inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        gathered.writeBuffer(&bytes)
        while let length = gathered.getInteger(at: gathered.readerIndex, as: Int32.self),
            gathered.readableBytes >= 4 + Int(length)
        {
            gathered.moveReaderIndex(forwardBy: 4)
            if let frame = gathered.readSlice(length: Int(length)) { inbox.take(frame) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { inbox.close() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
