import NIOCore
import SegmentStore
import Vocabulary

/// One partition: its log, its high watermark, and who waits for it to move.
///
/// Belongs to its shard's loop. The log reports progress in the middle of its own work; nobody is
/// answered there: the shard calls `settle` afterwards. The log of a partition that was there when
/// the broker started is opened when somebody first needs it.
final class Partition {
    let topicPartition: TopicPartition
    let topicID: TopicID
    /// The epoch that appended records get.
    private(set) var leaderEpoch: LeaderEpoch
    /// Set when the topic is deleted; then nothing is accepted, and who waited has been told.
    private(set) var isDeleted = false
    /// Whether the shard already has this partition on its list of those that moved.
    var isOnMovedList = false

    /// The end of what consumers may see. Moves back only where a log that is opened turns out to
    /// hold less than was said of it.
    private(set) var highWatermark: Offset

    /// What the log goes by, or will when it is opened.
    private(set) var settings: LogSettings
    private let trouble: TroubleLog
    private var state: State
    private var isFailureTold = false
    private var waitingProduces = CircularBuffer<WaitingProduce>()
    private var waitingFetches: [(fetch: ParkedFetch, place: Int)] = []
    private var unreadableTold: StoreError?
    /// Up to where the log was compacted, as the checkpoint says, until it is open.
    private let restingCleanedEnd: Offset?

    private enum State {
        case open(Log)
        /// Not opened yet; the closure does it.
        case dormant(LogOutline, open: (Partition) throws(StoreError) -> Log)
        /// It could not be opened, for a reason that stays.
        case offline(LogOutline, StoreError)
    }

    /// A partition whose log is open.
    init(
        topicID: TopicID, log: Log, leaderEpoch: LeaderEpoch, trouble: TroubleLog
    ) {
        self.trouble = trouble
        self.topicID = topicID
        self.leaderEpoch = leaderEpoch
        settings = log.settings
        restingCleanedEnd = nil
        topicPartition = log.topicPartition
        state = .open(log)
        highWatermark = log.settings.durability == .sync ? log.durableEnd : log.writtenEnd
    }

    /// A partition whose log is opened by `open` when it is first needed.
    init(
        _ outline: LogOutline, settings: LogSettings, cleanedEnd: Offset? = nil,
        trouble: TroubleLog,
        open: @escaping (Partition) throws(StoreError) -> Log
    ) {
        self.trouble = trouble
        self.settings = settings
        restingCleanedEnd = cleanedEnd
        topicPartition = outline.topicPartition
        topicID = outline.topicID
        leaderEpoch = outline.leaderEpoch
        highWatermark = outline.logEnd
        state = .dormant(outline, open: open)
    }

    // MARK: The log

    /// The log; opened if it was not, which waits for the device.
    /// - Throws: why it cannot be opened.
    var log: Log {
        get throws(StoreError) {
            switch state {
            case .open(let log): return log
            case .offline(_, let error): throw error
            case .dormant(let outline, let open):
                do throws(StoreError) {
                    let log = try open(self)
                    state = .open(log)
                    log.cleanedEnd = restingCleanedEnd ?? .zero
                    noteOpened(log)
                    return log
                } catch {
                    if error.isLasting {
                        state = .offline(outline, error)
                        trouble.offline(topicPartition, error)
                    }
                    throw error
                }
            }
        }
    }

    /// The log if it is open.
    var openLog: Log? {
        guard case .open(let log) = state else { return nil }
        return log
    }

    /// Whether the log was tried to be opened in vain.
    var isOffline: Bool {
        guard case .offline = state else { return false }
        return true
    }

    /// Whether the log was not opened yet, and may be.
    var isDormant: Bool {
        guard case .dormant = state else { return false }
        return true
    }

    private var outline: LogOutline? {
        switch state {
        case .open: nil
        case .dormant(let outline, _), .offline(let outline, _): outline
        }
    }

    var logStartOffset: Offset { openLog?.logStartOffset ?? outline?.logStartOffset ?? .zero }

    var logEnd: Offset { openLog?.logEnd ?? highWatermark }

    /// What the recovery-point checkpoint should say.
    var recoveryPoint: Offset { openLog?.recoveryPoint ?? outline?.logEnd ?? .zero }

    /// What the cleaner's checkpoint should say; `nil` for a log that is not compacted.
    var cleanedEnd: Offset? {
        guard let log = openLog else { return restingCleanedEnd }
        return log.settings.compaction == nil ? nil : log.cleanedEnd
    }

    /// What the next start may believe of the log without looking; `nil` if it has to look.
    var restingOutline: LogOutline? {
        switch state {
        case .open(let log): return log.outline(topicID: topicID, leaderEpoch: leaderEpoch)
        case .dormant(var outline, _):
            outline.leaderEpoch = leaderEpoch
            return outline
        case .offline: return nil
        }
    }

    /// What was said of the log without looking may have been wrong: its files are right. Where
    /// there is more than was said, the next `settle` tells who waits.
    private func noteOpened(_ log: Log) {
        highWatermark = min(highWatermark, acknowledgedEnd(of: log))
        leaderEpoch = max(leaderEpoch, log.latestEpoch ?? leaderEpoch)
    }

    /// What an acknowledgement waits for: with one replica, the end its durability names.
    private func acknowledgedEnd(of log: Log) -> Offset {
        log.settings.durability == .sync ? log.durableEnd : log.writtenEnd
    }

    var hasWaitingProduces: Bool { !waitingProduces.isEmpty }

    // MARK: Producing

    /// Checks the producer's sequence and appends; never waits for the device.
    func append(
        _ batch: AdmittedBatch, now: Timestamp
    ) throws(ProduceRefusal) -> Appended {
        guard !isDeleted else { throw ProduceRefusal(.unknownTopicOrPartition) }
        let log: Log
        do throws(StoreError) { log = try self.log } catch { throw ProduceRefusal(error) }
        if let failure = log.failure { throw ProduceRefusal(failure) }
        do {
            switch try log.check(batch.header, now: now) {
            case .duplicate(let base, let last):
                return Appended(base: base, end: last + 1, isDuplicate: true)
            case .inOrder: break
            }
        } catch {
            throw ProduceRefusal(error)
        }
        do {
            let range = try log.append(
                batch.header, bytes: batch.bytes, leaderEpoch: leaderEpoch, now: now)
            trouble.accepted(now: now)
            return Appended(base: range.base, end: range.last + 1, isDuplicate: false)
        } catch {
            trouble.refused(topicPartition, error, now: now)
            throw ProduceRefusal(error)
        }
    }

    /// Holds an answer back until the high watermark reaches `waiting.end`.
    func park(_ waiting: WaitingProduce) {
        // A duplicate waits for a batch appended long before the newest: keep the order of ends.
        var index = waitingProduces.endIndex
        while index > waitingProduces.startIndex {
            let before = waitingProduces.index(before: index)
            if waitingProduces[before].end <= waiting.end { break }
            index = before
        }
        if index == waitingProduces.endIndex {
            waitingProduces.append(waiting)
        } else {
            waitingProduces.insert(waiting, at: index)
        }
    }

    // MARK: Fetching

    /// Tells `fetch` of every move, under the number that this partition has there.
    func park(_ fetch: ParkedFetch, at place: Int) { waitingFetches.append((fetch, place)) }

    func unpark(_ fetch: ParkedFetch) {
        guard let index = waitingFetches.firstIndex(where: { $0.fetch === fetch }) else { return }
        waitingFetches.swapAt(index, waitingFetches.endIndex - 1)
        waitingFetches.removeLast()
    }

    /// The log could not be read. Told once for each thing that is wrong, however many fetches
    /// meet it.
    func tell(ofUnreadable error: StoreError) {
        guard unreadableTold != error else { return }
        unreadableTold = error
        trouble.unreadable(topicPartition, error)
    }

    // MARK: Moving on

    /// Moves the high watermark up to what the log reached and answers who waited for it.
    func settle(outbox: Outbox) {
        guard let log = openLog else { return }
        let end = acknowledgedEnd(of: log)
        if end > highWatermark {
            highWatermark = end
            while let first = waitingProduces.first, first.end <= end {
                waitingProduces.removeFirst()
                first.succeed(logStartOffset: log.logStartOffset, outbox: outbox)
            }
            wakeFetches()
        }
        if let failure = log.failure {
            tell(of: failure)
            failProduces(ProduceRefusal(failure), outbox: outbox)
        }
    }

    /// Takes up new settings. What they acknowledge that the old ones did not is answered at once;
    /// what was acknowledged already stays so.
    func apply(_ settings: LogSettings, outbox: Outbox) {
        self.settings = settings
        openLog?.settings = settings
        settle(outbox: outbox)
    }

    /// Records from `end` on are gone: there was no space for them. Who waits for one is told.
    func cutBack(to end: Offset, outbox: Outbox) {
        trouble.cutBack(topicPartition, to: end, now: .now())
        // An answer may let its connection send more, which may be appended from `end` on again
        // and parked here: that is not lost.
        let lost = waitingProduces.filter { $0.end > end }
        waitingProduces.removeAll { $0.end > end }
        for produce in lost {
            produce.fail(
                ProduceRefusal(.outOfSpace(path: topicPartition.description)), outbox: outbox)
        }
    }

    /// Answers the produces whose time is up; they stay in the log all the same (as in Kafka).
    func expireProduces(at now: NIODeadline, outbox: Outbox) {
        guard waitingProduces.contains(where: { $0.deadline <= now }) else { return }
        // An answer may let its connection send more, which is parked here: the list is whole by
        // then.
        let expired = waitingProduces.filter { $0.deadline <= now }
        waitingProduces.removeAll { $0.deadline <= now }
        for produce in expired {
            produce.fail(ProduceRefusal(.requestTimedOut), outbox: outbox)
        }
    }

    /// Ends the partition's life on this broker; fetches that waited look again and find it gone.
    func delete(outbox: Outbox) {
        isDeleted = true
        failProduces(ProduceRefusal(.unknownTopicOrPartition), outbox: outbox)
        wakeFetches()
    }

    private func tell(of failure: StoreError) {
        if !isFailureTold { trouble.failed(topicPartition, failure) }
        isFailureTold = true
    }

    /// Answers who still waits when the broker stops.
    func stop(outbox: Outbox) {
        if let failure = openLog?.failure { tell(of: failure) }
        failProduces(ProduceRefusal(.notLeaderOrFollower), outbox: outbox)
        wakeFetches()
    }

    private func failProduces(_ refusal: ProduceRefusal, outbox: Outbox) {
        let waiting = waitingProduces
        waitingProduces.removeAll()
        for produce in waiting { produce.fail(refusal, outbox: outbox) }
    }

    private func wakeFetches() {
        guard !waitingFetches.isEmpty else { return }
        // A woken fetch may leave the list or stay on it: walk a copy.
        for (fetch, place) in waitingFetches { fetch.moved(place) }
    }
}

/// Where an accepted batch went.
struct Appended: Sendable, Equatable {
    let base: Offset
    /// One past its last record: the high watermark that acknowledges it.
    let end: Offset
    /// The producer had sent it before; `base` is where it went then.
    let isDuplicate: Bool
}
