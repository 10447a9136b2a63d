import NIOCore

/// The records of one partition in an answer.
public enum RecordsPayload: Sendable, Equatable {
    /// No record; on the wire a length of 0.
    case empty
    /// Whole batches, one after the other.
    case bytes([ByteBuffer])
    /// `byteCount` bytes that are not in memory: whoever sends the frame puts them where the
    /// splice with this `tag` says.
    case regions(tag: Int, byteCount: Int)

    /// Bytes on the wire, without the length in front of them.
    public var byteCount: Int {
        switch self {
        case .empty: 0
        case .bytes(let buffers): buffers.reduce(0) { $0 + $1.readableBytes }
        case .regions(_, let byteCount): byteCount
        }
    }
}

/// A place in written bytes where others belong that are not in memory.
public struct Splice: Sendable, Equatable {
    /// Counted from the first byte that was written: the foreign bytes go before this one.
    public let index: Int
    /// The tag of the `RecordsPayload.regions` that stands here.
    public let tag: Int
    /// How many bytes belong there.
    public let byteCount: Int

    public init(index: Int, tag: Int, byteCount: Int) {
        self.index = index
        self.tag = tag
        self.byteCount = byteCount
    }
}
