import SegmentStore
import Vocabulary

/// What must be true of one log, whatever a crash leaves of it.
struct ModelLog: Sendable {
    /// How far the log's creation or deletion has come.
    enum Existence: Sendable {
        case creating
        case present
        case deleting
    }

    let name: TopicPartition
    let id: TopicID
    var existence = Existence.creating
    var settings: LogSettings
    /// Everything that may be in the log, in the order of its offsets; from the first batch on,
    /// those that were deleted below the log's start included.
    var batches: [ModelBatch] = []
    /// Below it, the log has said, records are written: only a power cut takes them.
    var writtenEnd: Int64 = 0
    /// Below it, the log has said, nothing takes them.
    var durableEnd: Int64 = 0
    /// Where the log has been promised to begin: it never begins earlier again.
    var certainStart: Int64 = 0
    /// Where it begins in memory: retention may not have got to the device.
    var latestStart: Int64 = 0
    /// Records that compaction may have taken away: those with a later one of the same key.
    var removable: Set<Int64> = []
    /// Up to where the log may have been compacted.
    var compactedEnd: Int64 = 0
    /// The log ends here at least, although no batch does: it was opened like that.
    private var openedEnd: Int64 = 0
    /// Where a truncation that is under way cuts.
    var truncation: Int64?
    /// The newest leader epoch that was made durable.
    var latestEpoch: Int32 = 0
    /// The log has failed in this life: it accepts nothing, and its end may hold anything that was
    /// under way.
    var hasFailed = false

    init(name: TopicPartition, id: TopicID, settings: LogSettings) {
        self.name = name
        self.id = id
        self.settings = settings
    }

    /// The end of the log if all of `batches` are in it.
    var end: Int64 { max(batches.last?.next ?? 0, openedEnd) }

    /// Whether segments may be deleted without being asked.
    var deletesSegments: Bool {
        settings.retentionBytes != nil || settings.retentionMilliseconds != nil
            || settings.compaction != nil
    }

    /// The first offset that need not be there after a crash.
    var certainEnd: Int64 { min(writtenEnd, truncation ?? .max) }

    /// Whether the log may begin and end at these offsets after a crash.
    ///
    /// Where all that lay behind the start is lost, the log goes on at its start.
    func mayBe(from start: Int64, to offset: Int64) -> Bool {
        guard start >= certainStart, start <= max(latestStart, certainStart) else { return false }
        guard offset >= certainEnd, offset <= end, offset >= start else { return false }
        return offset == 0 || offset == start || offset == openedEnd
            || batches.contains { $0.next == offset }
    }

    /// The base offset of the batch that holds `offset`: where a truncation to it cuts.
    func cut(at offset: Int64) -> Int64 {
        batches.last { $0.base <= offset }.map { offset < $0.next ? $0.base : offset } ?? 0
    }

    /// A crash: with the power gone, what was written and not durable is in doubt.
    mutating func crash(_ kind: CrashKind) {
        if kind == .powerCut { writtenEnd = min(writtenEnd, durableEnd) }
    }

    /// The log was opened with these bounds, all of it durable.
    mutating func recovered(from start: Int64, upTo end: Int64) {
        removeBatches(from: end)
        // One that holds the end was lost, and the log begins within it.
        while let last = batches.last, last.next > end { batches.removeLast() }
        openedEnd = end
        latestStart = start
        writtenEnd = end
        durableEnd = end
        truncation = nil
        hasFailed = false
    }

    /// Those at `offset` and behind it are gone for good.
    mutating func removeBatches(from offset: Int64) {
        while let last = batches.last, last.base >= offset { batches.removeLast() }
        openedEnd = min(openedEnd, offset)
        removable = removable.filter { $0 < offset }
    }
}

/// How a process ended that did not stop in order.
enum CrashKind: Sendable, CaseIterable {
    /// The process is gone, the page cache stays.
    case kill
    /// What was not synced is lost, kept or torn.
    case powerCut
}

/// What must be true of a whole data folder.
struct Model: Sendable {
    var logs: [ModelLog] = []
    /// Topics whose deletion was acknowledged: they must not come back.
    var deleted: [TopicID] = []
    /// The last life was ended in order: nothing may have to be recovered.
    var isClean = false

    subscript(name: TopicPartition) -> ModelLog {
        get {
            guard let index = index(of: name) else {
                preconditionFailure("the model knows the log")
            }
            return logs[index]
        }
        set {
            guard let index = index(of: name) else {
                preconditionFailure("the model knows the log")
            }
            logs[index] = newValue
        }
    }

    func index(of name: TopicPartition) -> Int? { logs.firstIndex { $0.name == name } }

    mutating func crash(_ kind: CrashKind) {
        for index in logs.indices { logs[index].crash(kind) }
    }
}
