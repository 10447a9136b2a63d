/// What one thread's store may use. Sizes are in bytes.
public struct StoreSettings: Sendable, Hashable {
    /// How much of what was written stays in the page cache; the rest is dropped, oldest first.
    /// A fraction of the machine's memory, divided among the stores.
    public var pageCacheBudget = 1 << 30
    /// How much is written before its write-back is started, and the size of the pieces that are
    /// dropped from the page cache.
    public var writeBehindBytes = 4 << 20
    /// Up to how much data whose write-back is not done appends are written on the spot; beyond
    /// it they go through the disk's queue, because the kernel would make the thread wait.
    public var inlineDirtyBound = 64 << 20
    /// Free space that appends leave for checkpoints, snapshots and deletions.
    public var reservedBytes = 64 << 20
    /// How much is appended before free space is looked up again.
    public var spaceCheckBytes = 64 << 20
    /// How much is written to a log before its segment is synced although nothing else asks for
    /// it, as under `interval` and `os` and for batches in the journal: this bounds what a crash
    /// makes the next start read. Also how far the recovery point moves before
    /// `Store.onRecoveryPoint` tells of it.
    public var recoveryPointBytes = 64 << 20
    /// How many segments keep their file open, active ones included; a few more while those that
    /// were longest unused are being synced.
    public var openSegmentLimit = 256
    /// How much memory the indexes of closed segments may take.
    public var indexCacheBytes = 16 << 20
    /// What one record batch may decompress to where the store looks into it: for a timestamp, a
    /// control record, or compaction.
    public var decompressedBatchLimit = 128 << 20
    /// `log.retention.check.interval.ms`: how often logs are searched for what is to be deleted.
    public var retentionCheckMilliseconds: Int64 = 300_000

    public init() {}

    /// Has free space looked up so often that as many stores on one file system leave half of
    /// `reservedBytes` at least: between two looks each of them may write `spaceCheckBytes`.
    public mutating func shareFileSystem(among stores: Int) {
        spaceCheckBytes = max(1 << 20, reservedBytes / (2 * max(1, stores)))
    }
}
