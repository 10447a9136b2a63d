import Vocabulary

extension Store {
    /// Does what is due by the clock: syncs under `interval`, forgetting producers, retention.
    ///
    /// - Returns: when to call it next as things stand; `nil` while there is nothing to wait for.
    ///   An append may move that closer: ask `nextTick` behind it, or call at a fixed pace.
    @discardableResult
    public func tick(now: Timestamp) -> Timestamp? {
        var next: Timestamp?
        for log in logs {
            guard let due = log.tick(now: now) else { continue }
            next = min(next ?? due, due)
        }
        if let due = tickRetention(now: now) { next = min(next ?? due, due) }
        journal?.retryMaking()
        flushSubmissions()
        return next
    }

    /// When `tick` has something to do next, the appends since the last one included; `nil` while
    /// there is nothing to wait for. Costs a walk over the logs.
    public var nextTick: Timestamp? {
        let due = logs.compactMap(\.nextTick).min()
        guard let retention = nextRetention else { return due }
        return min(due ?? retention, retention)
    }

    /// Ends the life of all logs in order: finishes what is in flight, syncs, writes the last
    /// time index entries and the producers' snapshots. Waits for the device.
    ///
    /// Logs that could not be closed in order keep their `failure`; the caller writes the
    /// checkpoints from `recoveryPoint`, and the clean mark if no log has failed.
    public func close(now: Timestamp) {
        commit()
        settle()
        removeRetiredFiles()
        let open = logs
        for log in open { log.gatherLastSync() }
        settle()
        for log in open {
            log.finish()
            close(log)
        }
        settle()
        journal?.close()
        journal = nil
        flushSubmissions()
    }

    /// Ends the life of one log in order, as `close(now:)` does for all.
    public func closeLog(_ log: Log, now: Timestamp) {
        commit()
        settle(log)
        log.gatherLastSync()
        settle(log)
        log.finish()
        removeRetiredFiles(of: log)
        close(log)
    }
}
