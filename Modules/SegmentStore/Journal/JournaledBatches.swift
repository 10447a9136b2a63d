import Disk
import Records
import Vocabulary

/// The batches that journals hold of one log, for `Store.openLog` to write again where its
/// segments lack them.
public struct JournaledBatches: Sendable {
    struct Batch: Sendable {
        let incarnation: LogIncarnation
        let baseOffset: Offset
        let bytes: OwnedBytes

        /// That of the batch, whose own checksum leaves it out: the journal's covers it.
        var leaderEpoch: LeaderEpoch {
            bytes.withUnsafeBytes { bytes in
                guard bytes.count >= BatchHeader.brokerByteCount else { return LeaderEpoch(-1) }
                return LeaderEpoch(bytes.number(at: 12))
            }
        }

        /// Whether this one is what its log went on with, and the other, at the same offset, is
        /// void: a cut raises the incarnation, and every start after a crash the leader epoch.
        func overrules(_ other: Batch) -> Bool {
            (incarnation, leaderEpoch) > (other.incarnation, other.leaderEpoch)
        }
    }

    /// No journal holds anything of the log.
    public static let none = JournaledBatches()

    private var batches: [Offset: Batch] = [:]

    /// One for each base offset.
    public var count: Int { batches.count }
    /// Whether nothing is to be written again.
    public var isEmpty: Bool { batches.isEmpty }

    /// A later batch takes the place of an earlier one at the same offset, of whichever run.
    mutating func add(_ batch: Batch) {
        if let known = batches[batch.baseOffset], known.overrules(batch) { return }
        batches[batch.baseOffset] = batch
    }

    func of(_ incarnation: LogIncarnation) -> JournaledBatches {
        var some = JournaledBatches()
        some.batches = batches.filter { $0.value.incarnation == incarnation }
        return some
    }

    subscript(baseOffset: Offset) -> Batch? { batches[baseOffset] }
}

/// The partition of a journaled batch, by its topic's id: names may be given anew.
public struct JournaledPartition: Hashable, Sendable {
    /// Tells the topic from later ones of its name.
    public let topicID: TopicID
    /// From 0.
    public let partition: PartitionIndex

    public init(topicID: TopicID, partition: PartitionIndex) {
        self.topicID = topicID
        self.partition = partition
    }
}
