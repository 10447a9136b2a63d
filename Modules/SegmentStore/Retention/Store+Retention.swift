import Disk
import Vocabulary

/// Deleting old segments: rounds that look at every log, and the removal of the files.
extension Store {
    /// Kafka's `log.initial.task.delay.ms`: what starts has better things to do.
    private static let initialDelay: Int64 = 30_000
    /// How many logs one tick looks at, so that thousands of them do not stall it.
    private static let looksPerTick = 64
    /// How soon a log is looked at again that had to wait, in milliseconds.
    private static let retryInterval: Int64 = 100

    /// Begins a round where one is due, goes on with the one under way, removes files whose time
    /// has come; returns when there is more to do.
    func tickRetention(now: Timestamp) -> Timestamp? {
        if !logs.contains(where: \.hasRetention) {
            retention.due = nil
        } else if retention.due == nil {
            retention.due = now + min(Self.initialDelay, settings.retentionCheckMilliseconds)
        }
        retention.resumePostponed()
        if let due = retention.due, due <= now {
            // What the last round has not got to, as a log that is held, is among these.
            retention.begin(with: logs.filter(\.hasRetention), now: now)
            retention.due = now + settings.retentionCheckMilliseconds
        }
        retention.now = now
        continueRetention()
        // Removing a large file keeps its file system busy: one deletion's files in a tick, and
        // more only where many wait.
        for _ in 0...retention.retired.count / 10 {
            guard let files = retention.nextRetired(dueAt: now) else { break }
            remove(files)
        }
        guard let next = nextRetention else { return nil }
        return max(next, now + Self.retryInterval)
    }

    /// When `tickRetention` has something to do next.
    var nextRetention: Timestamp? {
        var next = retention.due
        if !retention.isEmpty || retention.hasPostponed {
            next = min(next ?? retention.now, retention.now)
        }
        for files in retention.retired { next = min(next ?? files.due, files.due) }
        return next
    }

    /// Looks at the next logs until a segment is being deleted: one at a time in all logs, which
    /// goes on when that is done. Called by every tick and `drain`.
    func continueRetention() {
        var looks = min(Self.looksPerTick, retention.count)
        while looks > 0, let log = retention.first {
            looks -= 1
            guard !log.isClosed, log.failure == nil else {
                retention.advance()
                continue
            }
            // Its deletion is under way: when that is done, `drain` comes here again.
            if log.removal != nil { break }
            do throws(StoreError) {
                switch try log.stepRetention(now: retention.now, isFirst: retention.look()) {
                case .nothing: retention.advance()
                case .waits: retention.postpone()
                case .started: looks = 0
                }
            } catch {
                retention.drop(log)
                onRetentionFailure?(log, error)
            }
        }
        flushSubmissions()
    }

    /// Begins no further deletion in the round under way: when the host is about to close.
    public func stopRetention() { retention.begin(with: [], now: retention.now) }

    /// Removes at once what waits for its removal: at the end of one log, or of all.
    func removeRetiredFiles(of log: Log? = nil) {
        for files in retention.takeRetired(of: log) { remove(files) }
    }

    private func remove(_ files: RetiredFiles) {
        for path in files.paths { submit(.removeFile(path: path), as: .sweepUp) }
    }
}
