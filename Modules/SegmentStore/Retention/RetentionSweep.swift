import Vocabulary

/// The logs that are to be looked at by one round of retention, and the files that wait for their
/// removal.
struct RetentionSweep {
    /// When the next round begins.
    var due: Timestamp?
    /// The time that the round under way goes by.
    var now = Timestamp(0)
    private(set) var retired: [RetiredFiles] = []
    private var logs: [Log] = []
    private var next = 0
    /// Whether the bounds of the first log were looked at in this turn of it.
    private(set) var isBegun = false
    /// Logs that wait for something else, until the next tick.
    private var postponed: [Log] = []

    var isEmpty: Bool { next == logs.count }
    var count: Int { logs.count - next }
    /// The log whose turn it is.
    var first: Log? { isEmpty ? nil : logs[next] }

    mutating func begin(with logs: [Log], now: Timestamp) {
        self.logs = logs
        postponed = []
        next = 0
        isBegun = false
        self.now = now
    }

    /// The first log is looked at; says whether it is the first look of its turn.
    mutating func look() -> Bool {
        defer { isBegun = true }
        return !isBegun
    }

    /// Looks at a log out of turn.
    mutating func enqueue(_ log: Log) {
        let isThere = (logs[next...] + postponed).contains { $0 === log }
        if !isThere { logs.append(log) }
    }

    /// The first log is done with, for this round.
    mutating func advance() {
        isBegun = false
        next += 1
        if isEmpty {
            logs.removeAll(keepingCapacity: true)
            next = 0
        }
    }

    /// The first log has to wait for something else.
    mutating func postpone() {
        guard let first else { return }
        postponed.append(first)
        advance()
    }

    var hasPostponed: Bool { !postponed.isEmpty }

    /// The logs that had to wait come behind the others.
    mutating func resumePostponed() {
        logs += postponed
        postponed.removeAll(keepingCapacity: true)
    }

    /// Looks no more at a log, for this round.
    mutating func drop(_ log: Log) {
        postponed.removeAll { $0 === log }
        guard let index = logs[next...].firstIndex(where: { $0 === log }) else { return }
        if index == next { isBegun = false }
        logs.remove(at: index)
    }

    mutating func retire(_ files: RetiredFiles) { retired.append(files) }

    /// Hands over the files of the oldest deletion that is due.
    mutating func nextRetired(dueAt now: Timestamp) -> RetiredFiles? {
        guard let index = retired.firstIndex(where: { $0.due <= now }) else { return nil }
        return retired.remove(at: index)
    }

    /// Hands over the files of one log, or of all.
    mutating func takeRetired(of log: Log?) -> [RetiredFiles] {
        let taken = retired.filter { log == nil || $0.log === log }
        retired.removeAll { log == nil || $0.log === log }
        return taken
    }

    /// Nothing of a log is touched any more.
    mutating func forget(_ log: Log) {
        drop(log)
        _ = takeRetired(of: log)
    }
}
