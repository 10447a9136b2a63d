/// One way of doing a case's work: the store's, or without the store.
enum Contender: String, Sendable, CaseIterable {
    case store
    /// The store with a sync for each segment instead of the journal that brokers use for small
    /// batches.
    case withoutJournal = "store, no journal"
    /// The same system calls on plain files, through the page cache.
    case raw = "raw buffered"
    /// Past the page cache (O_DIRECT), into a file that was written before.
    case direct = "raw O_DIRECT"
}

/// What one round gave.
struct RoundOutcome {
    var cost: Cost
    var latencies = Latencies()
    /// What went through besides the bytes that count, such as a compression's ratio.
    var notes: [String] = []
}
