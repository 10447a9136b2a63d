import NIOCore

/// A host and a port as clients are told, or as the broker listens.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address, IPv6 without brackets; empty for every address.
    public var host: String
    /// 0 to 65,535; where the broker listens, 0 is any free one.
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `host:port`, an IPv6 address in brackets.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// What is known of a connection from its first moment on. Immutable.
public final class ConnectionInfo: Sendable {
    /// Unique within the life of the broker process.
    public let id: UInt64
    /// The address of the client's end, without the port, such as `127.0.0.1`.
    public let clientHost: String
    /// The port of the client's end.
    public let clientPort: Int
    /// Where clients that came through this listener are told to connect.
    public let advertised: Endpoint
    /// The loop that reads and writes the connection.
    public let eventLoop: any EventLoop

    public init(
        id: UInt64, clientHost: String, clientPort: Int, advertised: Endpoint,
        eventLoop: any EventLoop
    ) {
        self.id = id
        self.clientHost = clientHost
        self.clientPort = clientPort
        self.advertised = advertised
        self.eventLoop = eventLoop
    }
}
