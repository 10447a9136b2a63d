import SegmentStore
import Vocabulary

/// One open log on the store's thread: the appends that wait to be acknowledged and the readers
/// that wait for records.
final class HostedLog {
    private struct Acknowledgement {
        let request: AppendRequest
        let range: AppendedRange
    }

    private struct TailWait {
        /// Answered when a record at this offset can be read.
        let offset: Offset
        let answer: Answer<Result<Void, EventStoreError>>
    }

    let log: Log
    let name: String
    let published: PublishedState
    private var unacknowledged: [Acknowledgement] = []
    private var tailWaits: [TailWait] = []

    init(_ log: Log, name: String) {
        self.log = log
        self.name = name
        published = PublishedState(Self.state(of: log))
        log.onProgress = { [unowned self] _ in progressed() }
        log.onCutBack = { [unowned self] log, end in cutBack(to: end, of: log) }
    }

    /// Below this records are acknowledged, and shown to readers.
    var readEnd: Offset {
        log.settings.durability == .sync ? log.durableEnd : log.writtenEnd
    }

    // MARK: Appending

    func append(_ request: AppendRequest, now: Timestamp) {
        var appended = 0
        do throws(StoreError) {
            let range: AppendedRange
            switch request.batches {
            case .one(let batch):
                range = try append(batch, now: now)
            case .several(let batches):
                let base = log.logEnd
                for batch in batches {
                    _ = try append(batch, now: now)
                    appended += 1
                }
                range = AppendedRange(base: base, last: log.logEnd - 1)
            }
            unacknowledged.append(Acknowledgement(request: request, range: range))
        } catch {
            request.finish(
                .failure(
                    appended == 0
                        ? EventStoreError(error)
                        : .partlyAppended(batchCount: appended, cause: error)))
        }
    }

    private func append(_ batch: EventBatch, now: Timestamp) throws(StoreError) -> AppendedRange {
        try log.append(
            batch.header, bytes: batch.pieces, leaderEpoch: log.latestEpoch ?? .zero, now: now)
    }

    private func cutBack(to end: Offset, of log: Log) {
        failAppends(from: end, .store(.outOfSpace(path: log.folder)))
    }

    /// Truncates the log. Appends that are cut off fail: they must not be acknowledged when others
    /// come to lie in their place.
    func truncate(to end: Offset) throws(EventStoreError) {
        do throws(StoreError) {
            try log.truncate(to: end)
        } catch {
            throw EventStoreError(error)
        }
        failAppends(from: log.logEnd, .truncated)
        progressed()
    }

    private func failAppends(from end: Offset, _ error: EventStoreError) {
        let kept = unacknowledged.prefix { $0.range.last < end }.count
        let lost = unacknowledged[kept...]
        unacknowledged.removeSubrange(kept...)
        for item in lost { item.request.finish(.failure(error)) }
    }

    // MARK: Reading

    var waitingReaders: Int { tailWaits.count }

    /// Answers when the record at `offset` can be read, or the log fails or has failed: told that
    /// all is well, who follows a failed log would ask over and over.
    func wait(for offset: Offset, _ answer: Answer<Result<Void, EventStoreError>>) {
        guard offset >= readEnd else {
            answer.give(.success(()))
            return
        }
        if let failure = log.failure {
            answer.give(.failure(EventStoreError(failure)))
            return
        }
        tailWaits.removeAll { $0.answer.isGiven }
        tailWaits.append(TailWait(offset: offset, answer: answer))
    }

    // MARK: Progress

    /// Publishes where the log is and answers whoever waited for it.
    func progressed() {
        publish()
        let end = readEnd
        let count = unacknowledged.prefix { $0.range.last < end }.count
        for item in unacknowledged[..<count] { item.request.finish(.success(item.range)) }
        unacknowledged.removeFirst(count)
        if let failure = log.failure { failWaiting(EventStoreError(failure)) }
        if !tailWaits.isEmpty {
            tailWaits.removeAll { wait in
                guard wait.offset < end else { return wait.answer.isGiven }
                wait.answer.give(.success(()))
                return true
            }
        }
    }

    func publish() {
        let state = Self.state(of: log)
        published.state.withLock { $0 = state }
    }

    /// Tells everybody who waits that it was in vain.
    func failWaiting(_ error: EventStoreError) {
        let appends = unacknowledged
        let waits = tailWaits
        unacknowledged = []
        tailWaits = []
        for item in appends { item.request.finish(.failure(error)) }
        for wait in waits { wait.answer.give(.failure(error)) }
    }

    private static func state(of log: Log) -> EventLogState {
        EventLogState(
            startOffset: log.logStartOffset, writtenEnd: log.writtenEnd,
            durableEnd: log.durableEnd,
            readEnd: log.settings.durability == .sync ? log.durableEnd : log.writtenEnd,
            failure: log.failure)
    }
}

/// Where a log is, as any thread may ask: written by the store's thread before it answers.
final class PublishedState: Sendable {
    let state: Lock<EventLogState>

    init(_ state: EventLogState) { self.state = Lock(state) }
}
