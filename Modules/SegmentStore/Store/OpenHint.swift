import Vocabulary

/// What the checkpoints of a data folder say about a log that is being opened.
public struct OpenHint: Sendable, Hashable {
    /// The folder's clean mark was found: the log was closed in order.
    public var cleanShutdown: Bool
    /// Everything below was durable; 0 where the checkpoint does not name the log.
    public var recoveryPoint: Offset
    /// Where the log begins, if records before were deleted; `nil` where nothing is known.
    public var logStartOffset: Offset?
    /// How many bytes the last segment had when the log was closed; `nil` where nothing is known.
    public var lastSegmentByteCount: Int?
    /// The leader epoch to enter when the log was not closed in order; it is made durable before
    /// the log takes anything.
    public var newLeaderEpochAfterUnclean: LeaderEpoch?

    public init(
        cleanShutdown: Bool, recoveryPoint: Offset, logStartOffset: Offset? = nil,
        newLeaderEpochAfterUnclean: LeaderEpoch? = nil
    ) {
        self.cleanShutdown = cleanShutdown
        self.recoveryPoint = recoveryPoint
        self.logStartOffset = logStartOffset
        self.newLeaderEpochAfterUnclean = newLeaderEpochAfterUnclean
    }
}
