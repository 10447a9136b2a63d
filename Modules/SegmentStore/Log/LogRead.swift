import Vocabulary

/// What a read found: whole batches, the first of which holds the offset asked for or the next
/// one there is.
public struct LogRead: Sendable {
    /// In the order of their offsets; more than one where the read crosses into another segment.
    public var regions: [FileRegion]
    /// Bytes of all regions together.
    public var byteCount: Int
    /// Whether the next whole batch was there, too, and did not fit the bytes that were asked for.
    public var isLimited = false

    static let nothing = LogRead(regions: [], byteCount: 0)
}

/// The offsets that an append gave to its records.
public struct AppendedRange: Sendable, Hashable {
    /// The first record's offset.
    public let base: Offset
    /// The last record's offset, inclusive.
    public let last: Offset

    public init(base: Offset, last: Offset) {
        self.base = base
        self.last = last
    }
}

/// A record found by its timestamp.
public struct TimestampedOffset: Sendable, Hashable {
    /// Where the record is in its partition.
    public let offset: Offset
    /// The record's own, or under log append time its batch's.
    public let timestamp: Timestamp
    /// The leader epoch of the record's batch.
    public let leaderEpoch: LeaderEpoch?
}
