/// Says which codec failed and why.
public enum CompressionError: Error, Equatable, Sendable {
    /// The data would decompress to more than `limit` bytes. Found while streaming: never more
    /// than the limit was held in memory.
    case tooLarge(Codec, limit: Int)
    /// The compressed data is damaged, cut off or followed by bytes that do not belong to it.
    case corrupt(Codec, reason: String)
    /// The library refused to work: no memory, or a level it does not know.
    case unavailable(Codec, reason: String)

    /// The codec that failed, whatever the case.
    public var codec: Codec {
        switch self {
        case .tooLarge(let codec, _), .corrupt(let codec, _), .unavailable(let codec, _): codec
        }
    }
}

extension CompressionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooLarge(let codec, let limit):
            "\(codec.name) data decompresses to more than the allowed \(limit) bytes"
        case .corrupt(let codec, let reason):
            "\(codec.name) data cannot be decompressed: \(reason)"
        case .unavailable(let codec, let reason):
            "\(codec.name) cannot work: \(reason)"
        }
    }
}
