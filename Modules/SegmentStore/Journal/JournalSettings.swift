/// Where a store keeps its journal, and how large it is.
public struct JournalSettings: Sendable, Hashable {
    /// The data folder; the journal's files lie beside the partitions.
    public var folder: String
    /// Tells the journals of several stores on one folder apart.
    public var shard: Int
    /// The size of one file: a multiple of 4,096, 64 KiB at least. Made when first needed.
    public var fileBytes = 16 << 20
    /// How many files there are at the most. What they cover is synced in its segments before a
    /// file is used again.
    public var fileCount = 4
    /// Larger batches are synced in their segment instead: writing them twice costs more than a
    /// sync of their own. See docs/decisions/0010-a-journal-for-small-batches.md.
    public var largestBatchBytes = 64 << 10
    /// How many writes are on their way at the same time.
    public var writesInFlight = 2
    /// Tells this run's files from those of others, and their writes from what producers send:
    /// random by default, by the system's generator (getrandom(2)), and told to nobody.
    public var journalID: UInt64

    public init(
        folder: String, shard: Int, journalID: UInt64 = .random(in: UInt64.min...UInt64.max)
    ) {
        self.folder = folder
        self.shard = shard
        self.journalID = journalID
    }
}
