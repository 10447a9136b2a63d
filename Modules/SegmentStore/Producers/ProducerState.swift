import Vocabulary

/// What a partition remembers of one producer.
struct ProducerState: Sendable {
    /// How many batches a producer may have in flight (`max.in.flight.requests.per.connection`
    /// is at most 5 for idempotent producers, KIP-98).
    static let windowSize = 5

    /// One appended batch. The first sequence and offset follow from the last ones.
    struct Batch: Sendable, Hashable {
        var lastSequence: SequenceNumber
        var lastOffset: Offset
        /// Last offset less first offset.
        var offsetDelta: Int32

        static let none = Batch(
            lastSequence: SequenceNumber(-1), lastOffset: Offset(-1), offsetDelta: 0)

        var firstSequence: SequenceNumber { lastSequence.rewound(by: offsetDelta) }
        var firstOffset: Offset { lastOffset - Int64(offsetDelta) }
    }

    let producerID: ProducerID
    /// `nil` until a batch or marker has told it.
    private(set) var epoch: ProducerEpoch?
    var coordinatorEpoch: Int32?
    /// The largest record time of the last batch, or the time of the last marker.
    private(set) var lastTimestamp: Timestamp
    /// When the broker last heard of the producer, by its own clock.
    private(set) var lastHeard: Timestamp
    var ongoingTransactionStart: Offset?

    // A ring without heap memory: the newest batch is at `newest`, older ones before it.
    private var ring: InlineArray<5, Batch> = InlineArray(repeating: .none)
    private var newest = 0
    private(set) var batchCount = 0

    init(producerID: ProducerID, now: Timestamp) {
        self.producerID = producerID
        lastTimestamp = Timestamp(-1)
        lastHeard = now
    }

    var lastBatch: Batch? { batchCount == 0 ? nil : ring[newest] }

    /// The remembered batch with exactly this run of sequence numbers.
    func batch(first: SequenceNumber, last: SequenceNumber) -> Batch? {
        for age in 0..<batchCount {
            let batch = ring[(newest + Self.windowSize - age) % Self.windowSize]
            if batch.lastSequence == last, batch.firstSequence == first { return batch }
        }
        return nil
    }

    /// Takes up an epoch; the batches of another one no longer count.
    mutating func enter(_ epoch: ProducerEpoch) {
        guard self.epoch != epoch else { return }
        self.epoch = epoch
        batchCount = 0
    }

    mutating func remember(_ batch: Batch) {
        newest = (newest + 1) % Self.windowSize
        ring[newest] = batch
        batchCount = min(batchCount + 1, Self.windowSize)
    }

    mutating func heard(at now: Timestamp, timestamp: Timestamp) {
        lastTimestamp = timestamp
        lastHeard = now
    }
}

extension SequenceNumber {
    /// The number `count` records back, wrapping below 0 to 2^31 − 1.
    func rewound(by count: Int32) -> SequenceNumber {
        rawValue >= count
            ? SequenceNumber(rawValue - count)
            : SequenceNumber(Int32.max - (count - rawValue) + 1)
    }
}
