import Vocabulary

/// The rounds that look for active segments whose indexes nobody uses.
struct IndexSweep {
    /// When the next round begins; `nil` while no log has indexes that are worth it.
    var due: Timestamp?
    /// How many logs the round under way has looked at.
    var next = 0
    /// Whether a log of this round keeps its indexes.
    var leavesSome = false
}

extension Store {
    /// What was not used between two rounds is given back.
    private static let sweepInterval: Int64 = 60_000
    /// How soon a round goes on, in milliseconds, and how many logs it looks at each time.
    private static let sweepPace: Int64 = 100
    private static let looksPerTick = 64

    /// A log has changed or was opened: one that was only opened, as for retention, gives its
    /// indexes back at once.
    func noteLargeIndexes(of log: Log, now: Timestamp) {
        guard !log.isClosed, log.active.hasLargeIndexes else { return }
        if !log.active.isUsed { log.active.restIndexes() }
        if log.active.hasLargeIndexes, sweep.due == nil { sweep.due = now + Self.sweepInterval }
    }

    /// Goes on with a round where one is due; returns when there is more to do.
    func sweepIndexes(now: Timestamp) -> Timestamp? {
        guard let due = sweep.due else { return nil }
        guard due <= now else { return due }
        let end = min(logs.count, sweep.next + Self.looksPerTick)
        for log in logs[min(sweep.next, end)..<end] where log.active.hasLargeIndexes {
            if log.active.isUsed {
                log.active.isUsed = false
            } else if log.active.isIdle {
                log.active.restIndexes()
            } else {
                // What is only in the journal, or left to the kernel, has to be synced before.
                log.syncToRest()
            }
            if log.active.hasLargeIndexes { sweep.leavesSome = true }
        }
        sweep.next = end
        guard end == logs.count else { return now + Self.sweepPace }
        let next = sweep.leavesSome ? now + Self.sweepInterval : nil
        sweep = IndexSweep()
        sweep.due = next
        return next
    }
}
