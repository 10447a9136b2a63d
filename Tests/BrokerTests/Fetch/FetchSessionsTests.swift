import Testing
import Vocabulary

@testable import Broker

@Suite("Fetch sessions")
struct FetchSessionsTests {
    private let now = Timestamp(1_000_000)

    @Test
    func `a full request creates a session and answers with everything`() throws {
        var sessions = FetchSessions()

        let context = try sessions.begin(.full([want(0), want(1)]), now: now)
        let inclusion = try sessions.finish(context, read: [state(5), state(0)], now: now)

        #expect(inclusion.sessionID != 0)
        #expect(inclusion.included == nil)
        #expect(sessions.count == 1)
    }

    @Test
    func `the final epoch reads without a session and ends the one it names`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0)], now: now)

        let context = try sessions.begin(.next(id, epoch: -1, [want(0)]), now: now)

        #expect(context.kind == .sessionless)
        #expect(sessions.count == 0)
    }

    @Test
    func `an incremental request reads the partitions that it need not name`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0), want(1)], now: now)

        let context = try sessions.begin(.next(id, epoch: 1), now: now)

        #expect(context.partitions == [want(0), want(1)])
    }

    @Test
    func `only partitions with news are answered`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0), want(1), want(2)], now: now)

        let context = try sessions.begin(.next(id, epoch: 1), now: now)
        let inclusion = try sessions.finish(
            context, read: [state(0), state(9), state(0, bytes: 70)], now: now)

        #expect(inclusion.included == [false, true, true])
    }

    @Test
    func `an error is always answered and so is its end`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0)], now: now)
        var failed = state(0)
        failed.isError = true

        let first = try sessions.begin(.next(id, epoch: 1), now: now)
        let withError = try sessions.finish(first, read: [failed], now: now)
        let second = try sessions.begin(.next(id, epoch: 2), now: now)
        let afterwards = try sessions.finish(second, read: [state(0)], now: now)

        #expect(withError.included == [true])
        #expect(afterwards.included == [true])
    }

    @Test
    func `a changed log start is news`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0)], now: now)
        var moved = state(0)
        moved.logStartOffset = 3

        let context = try sessions.begin(.next(id, epoch: 1), now: now)

        #expect(try sessions.finish(context, read: [moved], now: now).included == [true])
    }

    @Test
    func `a partition that sent records goes to the back`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0), want(1), want(2)], now: now)

        let context = try sessions.begin(.next(id, epoch: 1), now: now)
        _ = try sessions.finish(context, read: [state(9, bytes: 8), state(0), state(0)], now: now)
        let next = try sessions.begin(.next(id, epoch: 2), now: now)

        #expect(next.partitions.map(\.partition.rawValue) == [1, 2, 0])
    }

    @Test
    func `partitions are added, moved and forgotten`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0), want(1)], now: now)

        var request = FetchSessions.Request.next(id, epoch: 1, [want(1, from: 7), want(2)])
        request.forgotten = [want(0).key]
        let context = try sessions.begin(request, now: now)

        #expect(context.partitions == [want(1, from: 7), want(2)])
    }

    @Test
    func `a slot that was given up serves another partition`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0), want(1)], now: now)
        var request = FetchSessions.Request.next(id, epoch: 1)
        request.forgotten = [want(0).key]
        _ = try sessions.begin(request, now: now)

        let context = try sessions.begin(.next(id, epoch: 2, [want(5)]), now: now)
        let inclusion = try sessions.finish(context, read: [state(0), state(0)], now: now)

        #expect(context.partitions == [want(1), want(5)])
        #expect(inclusion.included == [false, true])
    }

    @Test
    func `forgetting the last partition ends the session`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0)], now: now)

        var request = FetchSessions.Request.next(id, epoch: 1)
        request.forgotten = [want(0).key]
        let context = try sessions.begin(request, now: now)

        #expect(context.kind == .sessionless)
        #expect(sessions.count == 0)
    }

    @Test
    func `an unknown session is refused`() {
        var sessions = FetchSessions()

        #expect(throws: FetchSessionError.unknownSession) {
            try sessions.begin(.next(77, epoch: 1), now: now)
        }
    }

    @Test
    func `a wrong epoch is refused and leaves the session as it was`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0)], now: now)

        #expect(throws: FetchSessionError.wrongEpoch) {
            try sessions.begin(.next(id, epoch: 5), now: now)
        }
        #expect(throws: Never.self) { try sessions.begin(.next(id, epoch: 1), now: now) }
    }

    @Test
    func `one session's wrong epoch does not touch another`() throws {
        var sessions = FetchSessions()
        let first = try sessions.created(with: [want(0)], now: now)
        let second = try sessions.created(with: [want(1)], now: now)

        _ = try? sessions.begin(.next(first, epoch: 9), now: now)

        #expect(try sessions.begin(.next(second, epoch: 1), now: now).partitions == [want(1)])
    }

    @Test
    func `a session does not change between names and ids`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0)], now: now)
        var request = FetchSessions.Request.next(id, epoch: 1)
        request.usesTopicIDs = true

        #expect(throws: FetchSessionError.topicIDMismatch) {
            try sessions.begin(request, now: now)
        }
    }

    @Test
    func `an answer that was overtaken by the next request is refused`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0)], now: now)
        let slow = try sessions.begin(.next(id, epoch: 1), now: now)
        _ = try sessions.begin(.next(id, epoch: 2), now: now)

        #expect(throws: FetchSessionError.wrongEpoch) {
            try sessions.finish(slow, read: [state(0)], now: now)
        }
    }

    @Test
    func `the epoch after the largest is 1`() {
        #expect(FetchSessions.epoch(after: .max) == 1)
        #expect(FetchSessions.epoch(after: 1) == 2)
    }

    @Test
    func `a full cache of young sessions takes no more`() throws {
        var sessions = FetchSessions(limit: 2)
        _ = try sessions.created(with: [want(0)], now: now)
        _ = try sessions.created(with: [want(0)], now: now)

        let id = try sessions.created(with: [want(0), want(1)], now: now)

        #expect(id == 0)
        #expect(sessions.count == 2)
    }

    @Test
    func `a session that rests makes room`() throws {
        var sessions = FetchSessions(limit: 2, evictionMilliseconds: 100)
        let resting = try sessions.created(with: [want(0)], now: now)
        let busy = try sessions.created(with: [want(0)], now: now + 90)

        let id = try sessions.created(with: [want(0)], now: now + 101)

        #expect(id != 0)
        #expect(throws: FetchSessionError.unknownSession) {
            try sessions.begin(.next(resting, epoch: 1), now: now + 101)
        }
        #expect(throws: Never.self) { try sessions.begin(.next(busy, epoch: 1), now: now + 101) }
    }

    @Test
    func `an old smaller session makes room for a larger one and not for an equal one`() throws {
        var sessions = FetchSessions(limit: 1, evictionMilliseconds: 100)
        let old = try sessions.created(with: [want(0)], now: now)
        _ = try sessions.begin(.next(old, epoch: 1), now: now + 150)

        let equal = try sessions.created(with: [want(1)], now: now + 200)
        let larger = try sessions.created(with: [want(1), want(2)], now: now + 200)

        #expect(equal == 0)
        #expect(larger != 0)
        #expect(sessions.count == 1)
    }

    @Test
    func `sessions together hold no more partitions than allowed`() throws {
        var sessions = FetchSessions(evictionMilliseconds: 100, partitionLimit: 3)
        let young = try sessions.created(with: [want(0), want(1)], now: now)

        let refused = try sessions.created(with: [want(0), want(1)], now: now + 50)
        let small = try sessions.created(with: [want(0)], now: now + 50)
        let tooLarge = try sessions.created(
            with: (0..<4).map { want($0) }, now: now + 1_000)

        #expect(young != 0)
        #expect(refused == 0)
        #expect(small != 0)
        #expect(tooLarge == 0)
        #expect(sessions.count == 2, "what can never fit evicts nobody")
        #expect(sessions.partitionCount == 3)
    }

    @Test
    func `a session that grows beyond the limit ends, and its partitions count no more`() throws {
        var sessions = FetchSessions(partitionLimit: 3)
        let id = try sessions.created(with: [want(0), want(1)], now: now)

        _ = try sessions.begin(.next(id, epoch: 1, [want(2)]), now: now)
        #expect(sessions.partitionCount == 3)
        #expect(throws: FetchSessionError.unknownSession) {
            try sessions.begin(.next(id, epoch: 2, [want(3)]), now: now)
        }

        #expect(sessions.count == 0)
        #expect(sessions.partitionCount == 0)
    }

    @Test
    func `the count of partitions follows sessions that shrink and end`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0), want(1), want(2)], now: now)

        var next = FetchSessions.Request.next(id, epoch: 1)
        next.forgotten = [want(0).key]
        _ = try sessions.begin(next, now: now)
        let afterForgetting = sessions.partitionCount
        _ = try sessions.begin(.next(id, epoch: -1, [want(0)]), now: now)

        #expect(afterForgetting == 2)
        #expect(sessions.partitionCount == 0)
    }

    @Test
    func `a topic created anew is sent as new`() throws {
        var sessions = FetchSessions()
        let id = try sessions.created(with: [want(0)], now: now)

        sessions.forgetSent(topic: "orders", id: .zero)
        let context = try sessions.begin(.next(id, epoch: 1), now: now)

        #expect(try sessions.finish(context, read: [state(0)], now: now).included == [true])
    }

    private func want(_ partition: Int32, from offset: Int64 = 0) -> FetchPartition {
        FetchPartition(
            topic: .name("orders"), partition: PartitionIndex(partition), offset: Offset(offset),
            maxBytes: 1_024, currentLeaderEpoch: nil)
    }

    private func state(_ highWatermark: Int64, bytes: Int = 0) -> FetchedState {
        FetchedState(
            highWatermark: highWatermark, logStartOffset: 0, recordByteCount: bytes, isError: false)
    }
}

extension FetchSessions.Request {
    fileprivate static func full(_ partitions: [FetchPartition]) -> FetchSessions.Request {
        FetchSessions.Request(
            sessionID: 0, epoch: 0, usesTopicIDs: false, partitions: partitions, forgotten: [])
    }

    fileprivate static func next(
        _ id: Int32, epoch: Int32, _ partitions: [FetchPartition] = []
    ) -> FetchSessions.Request {
        FetchSessions.Request(
            sessionID: id, epoch: epoch, usesTopicIDs: false, partitions: partitions, forgotten: [])
    }
}

extension FetchSessions {
    /// A session that was told of empty partitions; its next epoch is 1. 0 if it was refused.
    fileprivate mutating func created(
        with partitions: [FetchPartition], now: Timestamp
    ) throws -> Int32 {
        let context = try begin(.full(partitions), now: now)
        let nothing = FetchedState(
            highWatermark: 0, logStartOffset: 0, recordByteCount: 0, isError: false)
        return try finish(
            context, read: partitions.map { _ in nothing }, now: now
        ).sessionID
    }
}
