/// When an acknowledged record is on stable storage.
public enum DurabilityPolicy: String, Sendable, CaseIterable {
    /// Before its acknowledgement.
    case sync
    /// Within the flush interval.
    case interval
    /// Whenever the system writes it back.
    case os
}

/// What happens to old records.
public struct CleanupPolicy: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Segments go by age and size, as the `retention` keys say.
    public static let delete = CleanupPolicy(rawValue: 1)
    /// Of each key the last record stays.
    public static let compact = CleanupPolicy(rawValue: 2)
}

/// How batches are stored: as the producer sent them, or compressed anew.
public enum StoredCompression: String, Sendable, CaseIterable {
    /// `producer` leaves batches as they came; the others name what they are stored with.
    case producer, uncompressed, gzip, snappy, lz4, zstd
}

/// Whose clock a record's timestamp shows.
public enum TimestampKind: String, Sendable, CaseIterable {
    /// The producer's, or that of whoever set it there.
    case createTime = "CreateTime"
    /// The broker's, at the append.
    case logAppendTime = "LogAppendTime"
}
