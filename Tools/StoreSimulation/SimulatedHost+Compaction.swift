import SegmentStore
import Vocabulary

/// Compacting logs in small steps, amid everything else.
extension SimulatedHost {
    /// Goes on with the compaction under way, or begins one of `log` if there is something to do.
    func compactOneStep(_ log: Log, _ byteBudget: Int) throws(Violation) {
        do throws(StoreError) {
            if compaction == nil { try beginCompaction(of: log) }
            guard let (log, plan, run) = compaction else { return }
            switch try run.step(byteBudget: byteBudget) {
            case .working:
                break
            case .compacted(let group):
                if try !log.replace(group) { cancelCompaction() }
            case .finished(let result):
                log.finishCompaction(result, of: plan)
                trace?("  \(log.topicPartition) is compacted up to \(result.cleanedEnd)")
                compaction = nil
            }
        } catch {
            trace?("  compaction ends: \(error)")
            if let (log, plan, _) = compaction, log.isCurrent(plan), case .corrupt = error {
                throw Violation("\(log.topicPartition) cannot be compacted: \(error)")
            }
            cancelCompaction()
        }
    }

    private func beginCompaction(of log: Log) throws(StoreError) {
        guard log.failure == nil, log.settings.compaction != nil else { return }
        let limit = log.settings.durability == .sync ? log.durableEnd : log.writtenEnd
        guard let candidate = try log.compactionCandidate(upTo: limit, now: now) else { return }
        let plan = log.beginCompaction(candidate, now: now)
        trace?("  compact \(log.topicPartition) below \(candidate.end)")
        model[log.topicPartition].compact(below: candidate.end.rawValue)
        compaction = (log, plan, CompactionRun(plan, disk: disk))
    }

    /// Gives up the compaction under way.
    func cancelCompaction() {
        guard let (log, plan, run) = compaction else { return }
        compaction = nil
        run.cancel()
        log.cancelCompaction(plan)
    }
}
