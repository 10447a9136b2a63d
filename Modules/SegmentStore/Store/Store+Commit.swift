import Disk
import Vocabulary

/// The end of a tick and what the disk has completed.
extension Store {
    /// Starts what makes the appends of this tick durable, then tells of what was written. What
    /// makes them durable is the journal's write for small batches and one sync per file for the
    /// others, shared by all of them; write-back is started where enough was written.
    ///
    /// Call it once after a tick's appends (see `onFirstAppend`). At most one system call, which
    /// waits for nothing.
    public func commit() {
        // What is gathered meanwhile goes to the other of two arrays: neither is made anew.
        var logs: [Log] = []
        swap(&logs, &spareTouched)
        swap(&logs, &touched)
        for log in logs {
            log.isTouched = false
            log.prepareCommit()
        }
        journal?.commit()
        journal?.reclaim()
        trimPageCache()
        flushSubmissions()
        report(logs)
        deliverReads()
        logs.removeAll(keepingCapacity: true)
        swap(&logs, &spareTouched)
    }

    /// Takes in what the disk has completed; call it when `disk.completionDescriptor` is readable.
    ///
    /// A log that gathered more while it was synced is synced again at once.
    public func drain() {
        report(takeCompletions())
        deliverReads()
        continueRetention()
    }

    /// Waits until nothing is in flight, for closing and for rolling a segment.
    func settle() {
        while operations.count > 0 {
            flushSubmissions()
            disk.wait()
            report(takeCompletions())
        }
        deliverReads()
    }

    /// Waits until the writes, syncs and deletions of one log are done. Callbacks are left for
    /// later: this may be called by an append.
    func settle(_ log: Log) {
        while !log.writes.isEmpty || log.syncs.isInFlight || log.removal != nil {
            flushSubmissions()
            disk.wait()
            for progressed in takeCompletions() { touch(progressed) }
        }
        announceReads()
    }

    /// Has whoever waits for bytes told by the commit of this tick.
    private func announceReads() {
        if !arrivedReads.isEmpty, touched.isEmpty { onFirstAppend?() }
    }

    /// Waits until nothing is on its way to the journal. Callbacks are left for later.
    func settleJournal() {
        while let journal, journal.isBusy {
            journal.commit()
            flushSubmissions()
            disk.wait()
            for progressed in takeCompletions() { touch(progressed) }
        }
        announceReads()
    }

    /// Handles the completions that have arrived; returns the logs that have something to tell.
    private func takeCompletions() -> [Log] {
        var progressed: [Log] = []
        disk.drain { completion in
            let pending = operations.finish(completion.ticket)
            switch pending {
            case .write(let log, let byteCount):
                landed(byteCount)
                log.writeFinished(completion.error)
                progressed.append(log)
            case .sync(let log, let segment, let end, let byteCount):
                dirtyBytes -= byteCount
                log.syncFinished(segment, end: end, completion.error)
                progressed.append(log)
            case .writeBack(_, let byteCount):
                // Only a hint to the kernel: an error shows at the next sync.
                dirtyBytes -= byteCount
            case .drop:
                break
            case .journalWrite(let write):
                journal?.finished(write, completion.error) { progressed.append($0) }
            case .journalHeader(let file):
                journal?.recycled(file, completion.error)
            case .journalMaking(let making):
                journal?.advance(making, completion.error)
            case .readIn(let file, _, let then):
                _ = try? disk.close(file)  // read only: closing has nothing to tell
                arrivedReads.append(then)
            case .remove(let removal):
                removal.finished(completion.error, store: self)
            case .retire(let removal):
                removal.finished(completion.error)
            case .sweepUp:
                break
            }
        }
        for log in progressed {
            log.prepareCommit()
            wake(log)
        }
        journal?.commit()
        journal?.reclaim()
        trimPageCache()
        flushSubmissions()
        return progressed
    }

    private func trimPageCache() {
        while let (file, range) = budget.next() {
            submit(
                .dropFromCache(
                    file.id, from: FilePosition(Int64(range.lowerBound)), count: range.count),
                as: .drop(file))
        }
    }

    private func report(_ logs: [Log]) {
        for log in logs { log.report() }
    }
}

extension Completion {
    var error: DiskError? {
        guard case .failure(let error) = result else { return nil }
        return error
    }
}
