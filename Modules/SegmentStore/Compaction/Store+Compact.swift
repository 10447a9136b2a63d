import Vocabulary

extension Store {
    /// Compacts a log now, from beginning to end, whatever its dirty ratio.
    ///
    /// For programs that embed the store and tests; a server runs `CompactionRun` on a thread of
    /// its own. Uses the log's `settings.compaction`, the defaults where there are none.
    /// The active segment is never compacted: what was appended last stays as it is.
    ///
    /// - Parameter limit: records from here on are left alone; the end of the log by default.
    /// - Returns: what was done; `nil` if there was nothing to compact.
    /// - Throws: `corrupt` where the log's bytes are damaged, `disk`, `outOfSpace`: the log is as
    ///   it was, or compacted in part.
    /// - Complexity: reads the closed segments that were not compacted before twice and the
    ///   others once, writes what stays, and waits for the device.
    @discardableResult
    public func compact(
        _ log: Log, upTo limit: Offset? = nil, now: Timestamp,
        limits: CompactionLimits = CompactionLimits()
    ) throws(StoreError) -> CompactionResult? {
        let rules = log.settings.compaction ?? CompactionSettings()
        guard
            let candidate = try log.compactionCandidate(
                upTo: limit ?? log.logEnd, rules, now: now)
        else { return nil }
        let plan = log.beginCompaction(candidate, rules, now: now)
        let run = CompactionRun(plan, disk: disk, limits: limits)
        do throws(StoreError) {
            while true {
                switch try run.step() {
                case .working:
                    continue
                case .compacted(let group):
                    guard try log.replace(group) else {
                        preconditionFailure("nobody changes the log while this runs")
                    }
                case .finished(let result):
                    log.finishCompaction(result, of: plan)
                    return result
                }
            }
        } catch {
            run.cancel()
            log.cancelCompaction(plan)
            throw error
        }
    }
}
