import Vocabulary

extension Store {
    /// Does what is due by the clock: syncs under `interval`, forgetting producers, retention, and
    /// giving back the indexes of logs that were not used for a while.
    ///
    /// - Returns: when to call it next as things stand; `nil` while there is nothing to wait for.
    ///   An append may move that closer: ask `nextTick` behind it, or call at a fixed pace.
    /// - Complexity: only logs that changed since the last call, and those whose time has come,
    ///   are looked at.
    @discardableResult
    public func tick(now: Timestamp) -> Timestamp? {
        for log in takeAwake() {
            noteLargeIndexes(of: log, now: now)
            tick(log, now: now)
        }
        while let log = due.next(dueBy: now) { tick(log, now: now) }
        let retention = tickRetention(now: now)
        let sweep = sweepIndexes(now: now)
        journal?.retryMaking()
        flushSubmissions()
        return [due.earliest(), retention, sweep].compactMap { $0 }.min()
    }

    private func tick(_ log: Log, now: Timestamp) {
        guard !log.isClosed, let wanted = log.tick(now: now) else { return }
        due.insert(log, at: wanted)
    }

    /// When `tick` has something to do next, the appends since the last one included; `nil` while
    /// there is nothing to wait for. Costs a look at the logs that changed since.
    public var nextTick: Timestamp? {
        for log in takeAwake() {
            if let wanted = log.nextTick { due.insert(log, at: wanted) }
            // Not asked yet, only looked at: the next `tick` does that.
            wake(log)
        }
        return [due.earliest(), nextRetention, sweep.due].compactMap { $0 }.min()
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
