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

    public static let delete = CleanupPolicy(rawValue: 1)
    public static let compact = CleanupPolicy(rawValue: 2)
}

/// How batches are stored: as the producer sent them, or compressed anew.
public enum StoredCompression: String, Sendable, CaseIterable {
    case producer, uncompressed, gzip, snappy, lz4, zstd
}

/// Whose clock a record's timestamp shows.
public enum TimestampKind: String, Sendable, CaseIterable {
    case createTime = "CreateTime"
    case logAppendTime = "LogAppendTime"
}
