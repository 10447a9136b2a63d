import Glibc
import NIOCore

/// The broker cannot listen where it was told to.
public struct ListenError: Error, Sendable {
    /// Where the broker was told to listen.
    public let endpoint: Endpoint
    /// The system's error number, errno(3), if it was the system that refused.
    public let code: Int32?
    private let detail: String

    init(endpoint: Endpoint, error: any Error) {
        self.endpoint = endpoint
        self.code = (error as? IOError)?.errnoCode
        self.detail = "\(error)"
    }
}

extension ListenError: CustomStringConvertible {
    public var description: String {
        switch code {
        case EADDRINUSE:
            "cannot listen on \(endpoint): the port is in use; stop the program that holds it"
                + " (`ss -ltnp 'sport = :\(endpoint.port)'` names it) or choose another by --port"
        case EACCES:
            "cannot listen on \(endpoint): permission denied; ports below 1024 need privileges,"
                + " choose another by --port"
        case EADDRNOTAVAIL:
            "cannot listen on \(endpoint): this machine has no such address; see the key listeners"
        default:
            "cannot listen on \(endpoint): \(detail)"
        }
    }
}

/// The name of this machine.
enum HostName {
    /// As gethostname(2) gives it; `localhost` if it gives none.
    static var current: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0, name[0] != 0 else { return "localhost" }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
