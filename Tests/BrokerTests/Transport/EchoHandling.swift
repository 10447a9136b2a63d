import Glibc
import NIOCore

@testable import Broker
import Vocabulary

/// Answers each request by its correlation id and a copy of what followed it, or as told.
final class EchoHandling: RequestHandling {
    private let answering: @Sendable (Request) -> Void
    private let state = Lock((handled: 0, closed: 0))

    init(answering: @escaping @Sendable (Request) -> Void = { $0.answer(EchoHandling.echo($0)) }) {
        self.answering = answering
    }

    var handledCount: Int { state.withLock { $0.handled } }
    var closedCount: Int { state.withLock { $0.closed } }

    func handle(_ request: Request) {
        state.withLock { $0.handled += 1 }
        answering(request)
    }

    func connectionClosed(_ connection: ConnectionInfo) {
        state.withLock { $0.closed += 1 }
    }

    static func echo(_ request: Request) -> Answer {
        var body = request.frame
        body.moveReaderIndex(forwardBy: RequestPrefix.byteCount)
        var answer = ByteBuffer()
        answer.writeInteger(Int32(4 + body.readableBytes))
        answer.writeInteger(request.correlationID)
        answer.writeBuffer(&body)
        return .bytes(answer)
    }
}

/// Keeps the requests it gets, for the test to answer.
final class ParkingHandling: RequestHandling {
    private let parked = Lock<[Request]>([])

    func handle(_ request: Request) { parked.withLock { $0.append(request) } }
    func connectionClosed(_ connection: ConnectionInfo) {}

    var count: Int { parked.withLock { $0.count } }

    func takeAll() -> [Request] {
        parked.withLock { parked in
            defer { parked = [] }
            return parked
        }
    }
}

/// A file that is gone when the last reference to it goes.
final class TemporaryFile: Sendable {
    let descriptor: Int32

    init(bytes: [UInt8]) {
        var template = Array("/tmp/millrace-transport-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        unlink(template)
        precondition(write(descriptor, bytes, bytes.count) == bytes.count)
    }

    deinit { close(descriptor) }

    var isOpen: Bool { fcntl(descriptor, F_GETFD) >= 0 }
}
