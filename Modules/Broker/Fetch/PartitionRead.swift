import KafkaProtocol
import NIOCore
import Vocabulary

/// What reading one partition for a fetch gave.
struct PartitionRead: Sendable {
    var code: ErrorCode = .none
    /// -1 where the partition is unknown, as on the wire.
    var highWatermark: Int64 = -1
    var logStartOffset: Int64 = -1
    /// Whole batches, in order.
    var pieces: [Answer.Part] = []
    var byteCount = 0

    static func failed(_ code: ErrorCode) -> PartitionRead { PartitionRead(code: code) }

    var isError: Bool { code != .none }
}

/// How much a fetch may still read.
struct FetchBudget: Sendable {
    /// Bytes left of the whole answer.
    var bytesLeft: Int
    /// Whether nothing has been read yet: the first batch comes even when it is larger than every
    /// limit, so that a consumer never gets stuck (KIP-74).
    var isFirst = true

    mutating func spend(_ count: Int) {
        guard count > 0 else { return }
        bytesLeft = max(0, bytesLeft - count)
        isFirst = false
    }
}
