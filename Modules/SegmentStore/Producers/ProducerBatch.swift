import Records
import Vocabulary

/// What the header of an idempotent producer's batch says about its place in the sequence.
public struct ProducerBatch: Sendable, Hashable {
    /// The header's, never negative.
    public var producerID: ProducerID
    /// The header's: tells this life of the producer from those before.
    public var epoch: ProducerEpoch
    /// Of the batch's first record.
    public var firstSequence: SequenceNumber
    /// Of its last record, inclusive; below the first where the numbers started again at 0.
    public var lastSequence: SequenceNumber
    /// The header's: the largest of its records, or the time of the append.
    public var maxTimestamp: Timestamp
    /// Whether it opens or continues a transaction.
    public var isTransactional: Bool

    @inlinable
    public init(
        producerID: ProducerID, epoch: ProducerEpoch, firstSequence: SequenceNumber,
        lastSequence: SequenceNumber, maxTimestamp: Timestamp, isTransactional: Bool = false
    ) {
        self.producerID = producerID
        self.epoch = epoch
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
        self.maxTimestamp = maxTimestamp
        self.isTransactional = isTransactional
    }
}

extension ProducerBatch {
    /// `nil` for batches without a sequence: those of ordinary producers, and markers.
    @inlinable
    public init?(_ header: BatchHeader) {
        guard let producerID = header.producerID, let epoch = header.producerEpoch,
            let first = header.baseSequence, let last = header.lastSequence,
            !header.attributes.isControl
        else { return nil }
        self.init(
            producerID: producerID, epoch: epoch, firstSequence: first, lastSequence: last,
            maxTimestamp: header.maxTimestamp, isTransactional: header.attributes.isTransactional)
    }
}

/// What a batch's sequence number means for it.
public enum SequenceCheck: Sendable, Hashable {
    /// It is the producer's next: append it.
    case inOrder
    /// It was appended before, at these offsets: answer with them, once they are as durable as
    /// the answer promises.
    case duplicate(baseOffset: Offset, lastOffset: Offset)
}

/// Why a batch of an idempotent producer is refused.
public enum ProducerError: Error, Sendable, Hashable {
    /// A batch is missing before it, or it is older than the last five (Kafka's
    /// OUT_OF_ORDER_SEQUENCE_NUMBER). `expected` is 0 for the first batch of a new epoch.
    case outOfOrderSequence(
        producerID: ProducerID, expected: SequenceNumber, found: SequenceNumber)
    /// A later life of the producer has written already (INVALID_PRODUCER_EPOCH).
    case staleEpoch(producerID: ProducerID, current: ProducerEpoch, found: ProducerEpoch)
    /// The producer has a transaction open, the batch does not belong to it (INVALID_TXN_STATE).
    case transactionOngoing(producerID: ProducerID, firstOffset: Offset)
}

extension ProducerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .outOfOrderSequence(let id, let expected, let found):
            "producer \(id) sent sequence \(found), its next is \(expected)"
        case .staleEpoch(let id, let current, let found):
            "producer \(id) sent epoch \(found), it has reached \(current)"
        case .transactionOngoing(let id, let firstOffset):
            "producer \(id) has had a transaction open since offset \(firstOffset)"
        }
    }
}
