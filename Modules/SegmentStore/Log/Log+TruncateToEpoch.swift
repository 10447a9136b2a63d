import Vocabulary

/// Up to where a follower's log is known to agree with its leader's.
public struct TruncationPoint: Sendable, Hashable {
    /// Records from here on are to be given up.
    public let offset: Offset
    /// Whether the logs agree below `offset`; else the leader is to be asked again, for the
    /// follower's latest epoch after the cut.
    public let isFinal: Bool

    public init(offset: Offset, isFinal: Bool) {
        self.offset = offset
        self.isFinal = isFinal
    }
}

extension Log {
    /// Compares the log with what a leader says of its own: its largest epoch that is not above
    /// the one the follower asked for, and where that epoch ends. Changes nothing.
    ///
    /// The rules are those of KIP-101 with KIP-279: a follower that knows the leader's epoch keeps
    /// what both have of it. One that does not keeps what it has of earlier epochs, and has to
    /// ask again: of these the leader may have less. One that tracked no epoch so early, or none at
    /// all, keeps what the leader has. The diverging epoch of a fetch answer (KIP-595) is such a pair, too.
    public func truncationPoint(leaderEpoch: LeaderEpoch, endOffset: Offset) -> TruncationPoint {
        guard let own = keptEpochs.endOffset(for: leaderEpoch, logEnd: logEnd) else {
            return TruncationPoint(offset: min(endOffset, logEnd), isFinal: true)
        }
        guard own.epoch == leaderEpoch else {
            return TruncationPoint(offset: min(own.endOffset, logEnd), isFinal: false)
        }
        return TruncationPoint(offset: min(own.endOffset, endOffset, logEnd), isFinal: true)
    }

    /// Cuts the log where it parts from its leader's; says whether they agree now. Waits for the
    /// device if there is anything to cut.
    ///
    /// - Throws: what `truncate(to:)` throws.
    @discardableResult
    public func truncate(
        toEpoch leaderEpoch: LeaderEpoch, endOffset: Offset
    ) throws(StoreError) -> Bool {
        let point = truncationPoint(leaderEpoch: leaderEpoch, endOffset: endOffset)
        try truncate(to: point.offset)
        return point.isFinal
    }
}
