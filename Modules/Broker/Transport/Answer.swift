import NIOCore

/// What goes back for one request: exactly the bytes of the wire, the 4-byte length included.
public enum Answer: Sendable {
    /// Nothing is sent: a produce request with acks=0.
    case nothing
    /// One run of bytes; costs no allocation.
    case bytes(ByteBuffer)
    /// Bytes and file regions in order. The length prefix counts the regions' bytes too.
    case parts([Part])
    /// No answer; the connection closes once the answers before this one have left.
    case closing(String)

    /// A piece of an answer.
    public enum Part: Sendable {
        /// In memory already.
        case bytes(ByteBuffer)
        /// Leaves by sendfile(2).
        case region(SendRegion)
    }

    /// The bytes that will be sent, regions included.
    public var byteCount: Int {
        switch self {
        case .nothing, .closing: 0
        case .bytes(let bytes): bytes.readableBytes
        case .parts(let parts):
            parts.reduce(0) { sum, part in
                switch part {
                case .bytes(let bytes): sum + bytes.readableBytes
                case .region(let region): sum + region.count
                }
            }
        }
    }
}

/// A range of an open file on its way to a socket.
///
/// The range must lie within the file until it has left: sendfile(2) on a shorter file returns 0
/// for ever, and the connection would spin.
public struct SendRegion: Sendable {
    /// From this size on a region leaves by sendfile; smaller ones should be read into the answer
    /// and leave with its header in one call.
    ///
    /// Measured, CPU per answer by sendfile against reading: 16 KiB 15–22 against 6–14 µs, 64 KiB
    /// 14–20 against 14–19, 128 KiB 21–33 against 23–60, 1 MiB 110–200 against 200–310.
    public static let threshold = 64 * 1024

    /// The open file; the transport neither closes it nor moves its position.
    public let descriptor: Int32
    /// The first byte's place in the file.
    public let position: Int64
    /// The number of bytes, at least 1.
    public let count: Int
    /// Keeps the file open (and its bytes in place) until the region has left.
    public let owner: any AnyObject & Sendable

    /// Keeps `owner` alive, and so the range readable, until the region was sent or given up.
    public init(
        descriptor: Int32, position: Int64, count: Int, owner: any AnyObject & Sendable
    ) {
        precondition(position >= 0, "a region begins within its file")
        precondition(count > 0, "a region has a byte to send")
        self.descriptor = descriptor
        self.position = position
        self.count = count
        self.owner = owner
    }
}
