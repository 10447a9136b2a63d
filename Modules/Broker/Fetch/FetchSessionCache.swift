import Vocabulary

/// The fetch sessions, shared by all loops: a consumer may come back on another connection.
///
/// The lock is held while one request's list of partitions is taken in or marked as sent.
final class FetchSessionCache: Sendable {
    private let sessions: Lock<FetchSessions>

    init(limit: Int) {
        sessions = Lock(FetchSessions(limit: limit))
    }

    func begin(
        _ request: FetchSessions.Request, now: Timestamp
    ) throws(FetchSessionError) -> FetchContext {
        // Half of the clients that matter use no sessions: they never take the lock.
        if request.epoch == FetchSessions.finalEpoch, request.sessionID == FetchSessions.noSession {
            return FetchContext(kind: .sessionless, partitions: request.partitions, slots: [])
        }
        let outcome = sessions.withLock { sessions in
            Result { () throws(FetchSessionError) in try sessions.begin(request, now: now) }
        }
        return try outcome.get()
    }

    func finish(
        _ context: FetchContext, read: [PartitionRead], now: Timestamp
    ) throws(FetchSessionError) -> FetchInclusion {
        if context.kind == .sessionless {
            return FetchInclusion(sessionID: FetchSessions.noSession, included: nil)
        }
        let states = read.map {
            FetchedState(
                highWatermark: $0.highWatermark, logStartOffset: $0.logStartOffset,
                recordByteCount: $0.byteCount, isError: $0.isError)
        }
        let outcome = sessions.withLock { sessions in
            Result { () throws(FetchSessionError) in
                try sessions.finish(context, read: states, now: now)
            }
        }
        return try outcome.get()
    }

    func forgetSent(topic: String, id: TopicID) {
        sessions.withLock { $0.forgetSent(topic: topic, id: id) }
    }
}
