import Vocabulary

/// A run of producer ids that one broker may give out.
public struct ProducerIDBlock: Sendable, Hashable {
    /// Ids per block, as in Kafka.
    public static let size: Int64 = 1_000

    /// The lowest id of the block.
    public let first: ProducerID
    /// Ids of the block are below; exclusive.
    public let end: ProducerID

    init(first: ProducerID, count: Int64) {
        self.first = first
        // Ids from elsewhere may have come near the end: the last block is a short one.
        let (sum, overflow) = first.rawValue.addingReportingOverflow(count)
        end = ProducerID(overflow ? .max : sum)
    }
}

/// Gives out producer ids from the block it holds.
public struct ProducerIDs: Sendable {
    private var next = ProducerID(0)
    private var end = ProducerID(0)

    public init() {}

    /// The next id; `nil` when the block is used up: allocate another, then ask again.
    public mutating func take() -> ProducerID? {
        guard next < end else { return nil }
        defer { next = ProducerID(next.rawValue + 1) }
        return next
    }

    /// Takes up a block whose record is durable; what is left of the one before is given up.
    public mutating func refill(_ block: ProducerIDBlock) {
        next = block.first
        end = block.end
    }
}
