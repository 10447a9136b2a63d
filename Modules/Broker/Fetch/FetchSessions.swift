import Vocabulary

/// The fetch sessions of all consumers (KIP-227): a consumer names its partitions once, and from
/// then on only what changed travels.
///
/// A pure mind: it holds no clock and no lock. `begin` turns a request into the list of partitions
/// to read, `finish` turns what was read into the list of partitions to answer with. The number of
/// sessions is bounded; when it is reached, a new session takes the place of one that has rested
/// for `evictionMilliseconds`, else of a smaller one that has lived that long, else it is not
/// created and its consumer goes on with full requests. The partitions of all sessions together
/// are bounded likewise: a session that would grow beyond is ended, and its consumer told to begin
/// anew.
struct FetchSessions: Sendable {
    let limit: Int
    let evictionMilliseconds: Int64
    let partitionLimit: Int
    private var sessions: [Int32: FetchSession] = [:]
    /// The partitions of all sessions.
    private(set) var partitionCount = 0

    /// The defaults are Kafka's `max.incremental.fetch.session.cache.slots` and its
    /// `MinIncrementalFetchSessionEvictionMs`; Kafka has no limit of partitions. One takes some
    /// 200 bytes.
    init(
        limit: Int = 1_000, evictionMilliseconds: Int64 = 120_000, partitionLimit: Int = 500_000
    ) {
        self.limit = limit
        self.evictionMilliseconds = evictionMilliseconds
        self.partitionLimit = partitionLimit
    }

    var count: Int { sessions.count }

    /// Decides what a request reads, and moves its session on.
    mutating func begin(
        _ request: Request, now: Timestamp
    ) throws(FetchSessionError) -> FetchContext {
        if request.epoch == Self.initialEpoch || request.epoch == Self.finalEpoch {
            // A full request ends the session that it names, whatever comes after.
            end(request.sessionID)
            let kind: FetchContext.Kind =
                request.epoch == Self.finalEpoch
                ? .sessionless : .full(usesTopicIDs: request.usesTopicIDs)
            return FetchContext(kind: kind, partitions: request.partitions, slots: [])
        }

        guard var session = sessions[request.sessionID] else { throw .unknownSession }
        guard session.epoch == request.epoch else { throw .wrongEpoch }
        guard session.usesTopicIDs == request.usesTopicIDs else { throw .topicIDMismatch }
        // Taken out while it changes, so that its arrays are not copied.
        end(request.sessionID)
        session.update(request.partitions, forgetting: request.forgotten)
        if session.isEmpty {
            return FetchContext(kind: .sessionless, partitions: [], slots: [])
        }
        // Its consumer begins anew, with a full request.
        guard partitionCount + session.count <= partitionLimit else { throw .unknownSession }
        session.epoch = Self.epoch(after: session.epoch)
        session.lastUsed = now
        let (partitions, slots) = session.ordered()
        let expectedEpoch = session.epoch
        begin(session, as: request.sessionID)
        return FetchContext(
            kind: .incremental(session: request.sessionID, epoch: expectedEpoch),
            partitions: partitions, slots: slots)
    }

    /// Decides what an answer contains; `read` has one element per partition of the context.
    mutating func finish(
        _ context: FetchContext, read: [FetchedState], now: Timestamp
    ) throws(FetchSessionError) -> FetchInclusion {
        switch context.kind {
        case .sessionless:
            return FetchInclusion(sessionID: Self.noSession, included: nil)
        case .full(let usesTopicIDs):
            guard makeRoom(forSize: context.partitions.count, now: now) else {
                return FetchInclusion(sessionID: Self.noSession, included: nil)
            }
            let id = freshID()
            let session = FetchSession(
                partitions: context.partitions, read: read, usesTopicIDs: usesTopicIDs, now: now)
            begin(session, as: id)
            return FetchInclusion(sessionID: id, included: nil)
        case .incremental(let id, let epoch):
            guard var session = sessions[id], session.epoch == epoch else { throw .wrongEpoch }
            sessions[id] = nil
            let included = session.record(read, slots: context.slots)
            sessions[id] = session
            return FetchInclusion(sessionID: id, included: included)
        }
    }

    /// Lets the sessions forget what they sent of a topic, so that one of the same name created
    /// anew is sent as new.
    mutating func forgetSent(topic: String, id: TopicID) {
        for key in sessions.keys { sessions[key]?.forgetSent(topic: topic, id: id) }
    }

    private mutating func begin(_ session: FetchSession, as id: Int32) {
        sessions[id] = session
        partitionCount += session.count
    }

    private mutating func end(_ id: Int32) {
        guard let ended = sessions.removeValue(forKey: id) else { return }
        partitionCount -= ended.count
    }

    private mutating func makeRoom(forSize size: Int, now: Timestamp) -> Bool {
        guard size > 0, limit > 0, size <= partitionLimit else { return false }
        while partitionCount + size > partitionLimit || sessions.count >= limit {
            guard evictOne(for: size, now: now) else { return false }
        }
        return true
    }

    private mutating func evictOne(for size: Int, now: Timestamp) -> Bool {
        guard let oldest = sessions.min(by: { $0.value.lastUsed < $1.value.lastUsed }) else {
            return false
        }
        if now - oldest.value.lastUsed > evictionMilliseconds {
            end(oldest.key)
            return true
        }
        let grown = sessions.filter { now - $0.value.created > evictionMilliseconds }
        guard
            let smallest = grown.min(by: {
                ($0.value.count, $0.key) < ($1.value.count, $1.key)
            }), smallest.value.count < size
        else { return false }
        end(smallest.key)
        return true
    }

    private func freshID() -> Int32 {
        while true {
            let id = Int32.random(in: 1...Int32.max)
            if sessions[id] == nil { return id }
        }
    }

    // The numbers of KIP-227.
    static let noSession: Int32 = 0
    static let initialEpoch: Int32 = 0
    static let finalEpoch: Int32 = -1

    static func epoch(after epoch: Int32) -> Int32 { epoch == Int32.max ? 1 : epoch + 1 }
}

extension FetchSessions {
    /// The part of a fetch request that concerns its session.
    struct Request {
        var sessionID: Int32
        var epoch: Int32
        var usesTopicIDs: Bool
        var partitions: [FetchPartition]
        var forgotten: [FetchPartition.Key]
    }
}

/// Why a request of a session is refused; the session of nobody else is touched.
enum FetchSessionError: Error, Equatable {
    case unknownSession
    case wrongEpoch
    case topicIDMismatch
}

/// One fetch between its `begin` and its `finish`.
struct FetchContext: Sendable {
    enum Kind: Sendable, Equatable {
        case sessionless
        case full(usesTopicIDs: Bool)
        case incremental(session: Int32, epoch: Int32)
    }

    let kind: Kind
    /// What to read, in the order in which the budget is spent.
    let partitions: [FetchPartition]
    /// Where the session keeps each of them; empty without a session.
    let slots: [Int]
}

/// What an answer says of one partition, as far as sessions care.
struct FetchedState: Sendable, Equatable {
    var highWatermark: Int64
    var logStartOffset: Int64
    var recordByteCount: Int
    var isError: Bool
}

/// Which partitions an answer contains.
struct FetchInclusion: Sendable, Equatable {
    /// 0 stands for none.
    let sessionID: Int32
    /// One per partition of the context; `nil` means all.
    let included: [Bool]?
}
