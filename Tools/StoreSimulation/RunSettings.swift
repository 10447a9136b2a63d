import SegmentStore
import Simulation
import Vocabulary

/// How the store is set up in one run: small sizes, so that everything happens often.
struct RunSettings: Sendable {
    let store: StoreSettings
    /// Whether operations fail and space runs short.
    let hasFaults: Bool

    private let journalFileBytes: Int?
    private let journalFileCount: Int
    private let journalBatchBytes: Int

    /// What the simulated disk holds when space is not short.
    static let capacity = 1 << 30

    init(using random: inout SeededRandom) {
        var store = StoreSettings()
        store.pageCacheBudget = [4_000, 1 << 20].randomElement(using: &random) ?? 0
        store.writeBehindBytes = [1_000, 16_000, 4 << 20].randomElement(using: &random) ?? 0
        // 0: all writes through the disk's queue; otherwise mixed, or all on the spot.
        store.inlineDirtyBound = [0, 2_000, 64 << 20].randomElement(using: &random) ?? 0
        store.reservedBytes = 20_000
        store.spaceCheckBytes = 4_000
        store.recoveryPointBytes = [3_000, 20_000, 64 << 20].randomElement(using: &random) ?? 0
        store.openSegmentLimit = [1, 3, 256].randomElement(using: &random) ?? 0
        store.indexCacheBytes = [50, 16 << 20].randomElement(using: &random) ?? 0
        store.retentionCheckMilliseconds = 700
        self.store = store
        journalFileBytes = [nil, 64 << 10, 256 << 10].randomElement(using: &random) ?? nil
        journalFileCount = Int.random(in: 1...4, using: &random)
        journalBatchBytes = [200, 64 << 10].randomElement(using: &random) ?? 0
        hasFaults = random.chance(oneIn: 3)
    }

    /// How the journal of one life is kept; `nil` in runs without one.
    func journal(id: UInt64) -> JournalSettings? {
        guard let journalFileBytes else { return nil }
        var journal = JournalSettings(folder: SimulatedHost.folder, shard: 0, journalID: id)
        journal.fileBytes = journalFileBytes
        journal.fileCount = journalFileCount
        journal.largestBatchBytes = journalBatchBytes
        return journal
    }

    /// The settings of a new topic.
    static func topic(using random: inout SeededRandom) -> LogSettings {
        var settings = LogSettings()
        settings.segmentBytes = [700, 3_000, 12_000, 1 << 30].randomElement(using: &random) ?? 0
        settings.segmentIndexBytes = [48, 10 << 20].randomElement(using: &random) ?? 0
        settings.indexIntervalBytes = [1, 300, 4_096].randomElement(using: &random) ?? 0
        settings.segmentMilliseconds =
            random.chance(oneIn: 3) ? 3_000 : LogSettings().segmentMilliseconds
        settings.durability =
            [.sync, .sync, .interval, .os].randomElement(using: &random) ?? .sync
        settings.flushIntervalMilliseconds = 200
        settings.producerIDExpirationMilliseconds = 1 << 50
        settings.fileDeleteDelayMilliseconds = 300
        if random.chance(oneIn: 4) {
            settings.retentionBytes = Int64.random(in: 500...6_000, using: &random)
        }
        if random.chance(oneIn: 5) {
            settings.retentionMilliseconds = Int64.random(in: 1_000...6_000, using: &random)
        }
        if random.chance(oneIn: 3) {
            var compaction = CompactionSettings()
            compaction.deleteRetentionMilliseconds = 500
            settings.compaction = compaction
        }
        return settings
    }
}
