import KafkaProtocol
import NIOCore
import SegmentStore
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
    /// What counts towards `min.bytes`: what is there, up to what may be brought, though whole
    /// batches are fewer bytes than that (Kafka's DelayedFetch).
    var availableBytes = 0
    /// Those of the regions among `pieces` that were not in memory.
    var coldRegions: [SendRegion] = []
    /// Whether there is more that could have been read, but for its being cold.
    var isCutShort = false

    /// What must be read in before the partition's place in the files is known; nothing else is
    /// set then but for the ends of the log.
    var missing: MissingBytes?

    static func failed(_ code: ErrorCode) -> PartitionRead { PartitionRead(code: code) }

    var isError: Bool { code != .none }
}

/// How much a fetch may still read.
struct FetchBudget: Sendable {
    /// Bytes left of the whole answer.
    var bytesLeft: Int
    /// Bytes left of what the answer may bring of records that are not in memory.
    var coldBytesLeft = ColdReads.answerBytes
    /// Whether nothing has been read yet: the first batch comes even when it is larger than every
    /// limit, so that a consumer never gets stuck (KIP-74).
    var isFirst = true

    mutating func spend(_ count: Int, isCold: Bool) {
        guard count > 0 else { return }
        if isCold { coldBytesLeft = max(0, coldBytesLeft - count) }
        bytesLeft = max(0, bytesLeft - count)
        isFirst = false
    }
}
