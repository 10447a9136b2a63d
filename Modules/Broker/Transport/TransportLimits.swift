/// Every bound of the transport in one value: reaching one slows the sender or closes the
/// connection, nothing grows past it.
public struct TransportLimits: Sendable, Hashable {
    /// The largest request frame, without its length prefix.
    public var maxRequestBytes = 104_857_600
    /// Requests of one connection that are unanswered or whose answer has not left; reading stops
    /// at this number.
    public var maxPipelinedRequests = 64
    /// Bytes of unanswered requests of one connection; reading stops beyond. One request is always
    /// admitted.
    public var maxPipelinedBytes = 16 * 1024 * 1024
    /// Bytes of answers of one connection that the socket has not taken; reading stops beyond.
    public var maxUnsentBytes = 1024 * 1024
    /// Connections of the whole broker; further ones are closed at once.
    public var maxConnections = Int(Int32.max)
    /// Connections from one address.
    public var maxConnectionsPerAddress = Int(Int32.max)
    /// A connection without traffic for so long is closed; `nil` never.
    public var idleMilliseconds: Int64? = 600_000
    /// SO_SNDBUF; `nil` leaves it to the system.
    public var sendBufferBytes: Int? = 102_400
    /// SO_RCVBUF; `nil` leaves it to the system.
    public var receiveBufferBytes: Int? = 102_400
    /// Length of the queue of connections not accepted yet.
    public var listenBacklog = 128
    /// The size of the buffers that sockets are read into.
    ///
    /// Measured, CPU per request with 256 KiB against 64 KiB: 64 KiB requests 17 against 24 µs,
    /// since they lie whole in the buffer; no difference at 100 bytes (1.5 µs pipelined, 10 alone)
    /// and at 1 MiB (250), which is received in place either way.
    public var readBufferBytes = 256 * 1024
    /// Bytes of request frames that one event loop may hold at once; further large frames wait.
    public var queuedFrameBytes = 256 * 1024 * 1024
    /// Bytes of all frame buffers that one event loop keeps for reuse.
    public var pooledFrameBytes = 32 * 1024 * 1024

    public init() {}
}
