import Vocabulary

/// What can be said of a log that is not open.
public struct LogOutline: Sendable, Hashable {
    /// Names the log, and its folder.
    public var topicPartition: TopicPartition
    /// Tells the topic from earlier ones of the name; compared when the log is opened.
    public var topicID: TopicID
    /// The first offset that can be read.
    public var logStartOffset: Offset
    /// Where the log ends; everything below is durable.
    public var logEnd: Offset
    /// The epoch that the log's next records get, at least that of its last ones.
    public var leaderEpoch: LeaderEpoch
    /// Where the last segment begins.
    public var lastSegmentBase: Offset
    /// How many bytes the last segment's file has.
    public var lastSegmentByteCount: Int

    public init(
        topicPartition: TopicPartition, topicID: TopicID, logStartOffset: Offset, logEnd: Offset,
        leaderEpoch: LeaderEpoch, lastSegmentBase: Offset, lastSegmentByteCount: Int
    ) {
        self.topicPartition = topicPartition
        self.topicID = topicID
        self.logStartOffset = logStartOffset
        self.logEnd = logEnd
        self.leaderEpoch = leaderEpoch
        self.lastSegmentBase = lastSegmentBase
        self.lastSegmentByteCount = lastSegmentByteCount
    }
}

extension Log {
    /// What is to be remembered of the log while it is not open; `nil` unless all of it is durable.
    public func outline(topicID: TopicID, leaderEpoch: LeaderEpoch) -> LogOutline? {
        guard failure == nil, recoveryPoint == logEnd else { return nil }
        return LogOutline(
            topicPartition: topicPartition, topicID: topicID, logStartOffset: logStartOffset,
            logEnd: logEnd, leaderEpoch: leaderEpoch, lastSegmentBase: active.baseOffset,
            lastSegmentByteCount: active.byteCount)
    }
}
