/// Why a stream of frames cannot be read any further.
enum FrameRefusal: Error, Equatable, Sendable {
    case negativeLength(Int32)
    /// Shorter than the shortest request header.
    case tooShort(Int)
    case tooLong(Int, limit: Int)
    /// A read failed after part of the frame had arrived.
    case lost
}

extension FrameRefusal: CustomStringConvertible {
    var description: String {
        switch self {
        case .negativeLength(let length):
            "its frame length \(length) is negative: not a Kafka client"
        case .tooShort(let length):
            "its frame of \(length) bytes is shorter than a request header"
        case .tooLong(let length, let limit):
            "its frame of \(length) bytes exceeds socket.request.max.bytes = \(limit)"
                + " (a TLS or HTTP client on a plaintext port looks like this too)"
        case .lost:
            "the socket gave up in the middle of a frame"
        }
    }
}
