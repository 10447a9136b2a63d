import NIOCore

/// What serves the requests that the transport cuts out of the connections.
public protocol RequestHandling: AnyObject, Sendable {
    /// Takes one request; called on the event loop of the connection, in order of arrival.
    ///
    /// The handler answers exactly once, at any time and from any thread; the transport puts the
    /// answers of a connection back into the order of its requests.
    func handle(_ request: Request)

    /// The connection is gone: its parked requests need no answer any more. Called once, on the
    /// connection's event loop.
    func connectionClosed(_ connection: ConnectionInfo)
}

/// One request frame, and the way back for its answer.
///
/// Immutable apart from the right to answer, which is spent once; it may travel to another loop.
public final class Request: Sendable {
    /// Kafka's number of the API, as sent: it may name none that exists.
    public let apiKey: Int16
    /// The version of the API, as sent: it may be one that is not offered.
    public let apiVersion: Int16
    /// What the client calls this request; the answer's header repeats it.
    public let correlationID: Int32
    /// The whole frame behind its length prefix: the request header (whose first eight bytes are
    /// the fields above) and the body. One contiguous run of bytes, never changed by anyone.
    public let frame: ByteBuffer
    /// The connection it came on.
    public let connection: ConnectionInfo

    let ticket: RequestTicket
    private let sink: any AnswerSink

    init(
        frame: ByteBuffer, prefix: RequestPrefix, connection: ConnectionInfo,
        ticket: RequestTicket, sink: any AnswerSink
    ) {
        self.apiKey = prefix.apiKey
        self.apiVersion = prefix.apiVersion
        self.correlationID = prefix.correlationID
        self.frame = frame
        self.connection = connection
        self.ticket = ticket
        self.sink = sink
    }

    /// Gives the answer: the bytes as they go on the wire, length prefix included.
    ///
    /// Callable once, from any thread; off the connection's loop it costs a hop. An answer to a
    /// connection that has closed meanwhile is dropped.
    public func answer(_ answer: Answer) {
        sink.take(answer, for: ticket)
    }

    /// Closes the connection, after the answers to earlier requests have left. Takes the place of
    /// an answer. The reason goes to the log.
    public func close(_ reason: String) {
        sink.take(.closing(reason), for: ticket)
    }
}

/// The eight bytes with which every request header of every version begins.
struct RequestPrefix: Equatable {
    static let byteCount = 8

    let apiKey: Int16
    let apiVersion: Int16
    let correlationID: Int32
}

/// The place of a request among those of its connection, counted from 0.
struct RequestTicket: Equatable, Comparable, Sendable {
    let number: UInt64

    static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// Where the answers of a connection go.
protocol AnswerSink: AnyObject, Sendable {
    func take(_ answer: Answer, for ticket: RequestTicket)
}
