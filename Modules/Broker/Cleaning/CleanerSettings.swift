import SegmentStore

/// How the broker compacts its logs: Kafka's `log.cleaner` keys.
public struct CleanerSettings: Sendable, Hashable {
    /// `log.cleaner.enable`
    public let isEnabled: Bool
    /// `log.cleaner.dedupe.buffer.size`, `.io.buffer.load.factor` and `.io.buffer.size`.
    public let limits: CompactionLimits
    /// `log.cleaner.io.max.bytes.per.second`, reading and writing together; `nil` is without
    /// bound, and less than 1 is 1.
    public let bytesPerSecond: Double?
    /// `log.cleaner.backoff.ms`: how long the cleaner rests when no log is due; 100 at least,
    /// so that looking for one does not keep the loops busy.
    public let backoffMilliseconds: Int64

    init(_ table: SettingTable) {
        isEnabled = table.flag("log.cleaner.enable")
        var limits = CompactionLimits()
        limits.keyMapBytes = table.int("log.cleaner.dedupe.buffer.size")
        limits.keyMapLoad = table.fraction("log.cleaner.io.buffer.load.factor")
        limits.bufferBytes = table.int("log.cleaner.io.buffer.size")
        self.limits = limits
        let rate = table.fraction("log.cleaner.io.max.bytes.per.second")
        bytesPerSecond = rate > 0 && rate < Double(Int64.max) ? max(1, rate) : nil
        backoffMilliseconds = max(100, Int64(table.int("log.cleaner.backoff.ms")))
    }
}
