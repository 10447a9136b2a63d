import SegmentStore

/// How the broker compacts its logs: Kafka's `log.cleaner` keys.
public struct CleanerSettings: Sendable, Hashable {
    /// `log.cleaner.enable`
    public let isEnabled: Bool
    /// `log.cleaner.dedupe.buffer.size`, `.io.buffer.load.factor` and `.io.buffer.size`.
    public let limits: CompactionLimits
    /// `log.cleaner.io.max.bytes.per.second`, reading and writing together; `nil` is without bound.
    public let bytesPerSecond: Double?
    /// `log.cleaner.backoff.ms`: how long the cleaner rests when no log is due.
    public let backoffMilliseconds: Int64

    init(_ table: SettingTable) {
        isEnabled = table.flag("log.cleaner.enable")
        var limits = CompactionLimits()
        limits.keyMapBytes = table.int("log.cleaner.dedupe.buffer.size")
        limits.keyMapLoad = table.fraction("log.cleaner.io.buffer.load.factor")
        limits.bufferBytes = table.int("log.cleaner.io.buffer.size")
        self.limits = limits
        let rate = table.fraction("log.cleaner.io.max.bytes.per.second")
        bytesPerSecond = rate > 0 && rate < Double(Int64.max) ? rate : nil
        backoffMilliseconds = Int64(table.int("log.cleaner.backoff.ms"))
    }
}
