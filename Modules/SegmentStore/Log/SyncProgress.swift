import Vocabulary

/// What of one log has to be synced, and what is being synced.
struct SyncProgress {
    /// Closed segments that were not synced yet, oldest first; each is synced before what follows.
    var closed: [Segment] = []
    /// Whether a sync is under way: one at a time, so that appends gather for the next.
    var isInFlight = false
    /// How much was written since the last sync began, in bytes.
    var bytesSinceSync = 0
    /// Whether a closed segment's indexes could not be opened to be synced, for want of
    /// descriptors or memory: syncs wait for the next `tick`, then it is tried again.
    var isHeldBack = false
    /// When the next sync is due under `Durability.interval`; `nil` while nothing is unsynced.
    var due: Timestamp?
}

/// Whether the recovery point has moved far enough to be written to its checkpoint.
struct RecoveryPointProgress {
    /// How much was appended since it was last written, in bytes.
    var byteCount = 0
    var isDue = false
}
