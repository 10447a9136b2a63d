import KafkaProtocol
import NIOCore
import Vocabulary

/// One fetch request from its frame to its answer.
///
/// Belongs to the loop of its connection. It reads its partitions in order, each on its shard's
/// loop, within one budget. With too little to answer it parks on all of them, counts what those
/// that move have got, and reads again when it is enough or its time is up.
///
///     reading ──enough, an error, or no time left──▶ answered
///      ▲   └──too little──▶ parked ──time up──▶ reading for the last time
///      └────────enough────────┘
///
/// Regions that are not in memory are read in before the answer is given (`ColdReads`).
final class FetchExchange {
    /// What the request says of the whole answer.
    struct Terms: Sendable {
        let minBytes: Int
        let maxBytes: Int
        let deadline: NIODeadline
        let isReadCommitted: Bool
    }

    private enum State {
        /// Waits for shards to hand in what they read.
        case reading
        case parked
        case answered
    }

    let terms: Terms
    let context: FetchContext
    let connection: UInt64
    private let home: Shard
    private let groups: [FetchGroup]
    /// Let go once it was called: an answered fetch may stay in the queue of deadlines.
    private var onAnswer: ((FetchExchange, [PartitionRead]) -> Void)?

    private var state = State.reading
    private var reads: [PartitionRead]
    private var budget: FetchBudget
    /// A partition moved after it was read: the round must be repeated before parking.
    private var movedWhileReading = false
    /// The next answer is given with whatever there is.
    private var isLastRound = false
    private var isParkedOnShards = false
    private var isScheduled = false
    /// How often something had to be read in before a partition's place was known.
    private var lookups = 0
    /// After so many times finding waits for the device: memory is too short to keep what was read.
    private static let mostLookups = 64
    private var localPark: ParkedFetch?

    /// - Parameters:
    ///   - groups: the partitions that exist, by shard.
    ///   - failures: the outcome of those that do not, at their place in the context.
    ///   - onAnswer: called once, on the loop of `home`, with one read per partition.
    init(
        terms: Terms, context: FetchContext, groups: [FetchGroup],
        failures: [PartitionRead], home: Shard, connection: UInt64,
        onAnswer: @escaping (FetchExchange, [PartitionRead]) -> Void
    ) {
        self.terms = terms
        self.context = context
        self.groups = groups
        self.home = home
        self.connection = connection
        self.onAnswer = onAnswer
        reads = failures
        budget = FetchBudget(bytesLeft: terms.maxBytes)
    }

    func start() { readAll() }

    var isAnswered: Bool {
        if case .answered = state { true } else { false }
    }

    /// A partition moved and has so many bytes for this fetch; `nil` where it has an error, or
    /// where nobody counted.
    func moved(_ want: FetchWant, has byteCount: Int?) {
        guard case .parked = state, let byteCount else { return wake() }
        reads[want.index].availableBytes = byteCount
        if isReady { readAll() }
    }

    /// A partition moved: look again.
    func wake() {
        switch state {
        case .reading: movedWhileReading = true
        case .parked: readAll()
        case .answered: break
        }
    }

    /// The time of the request is up, or the broker stops: answer with what there is.
    func expire() {
        isLastRound = true
        if case .parked = state { readAll() }
    }

    /// The connection is gone: nobody wants the answer.
    func abandon() {
        state = .answered
        unpark()
        reads = []
        onAnswer = nil
    }

    // MARK: Reading

    private func readAll() {
        state = .reading
        movedWhileReading = false
        budget = FetchBudget(bytesLeft: terms.maxBytes)
        read(group: 0)
    }

    private func read(group first: Int) {
        var index = first
        while index < groups.count {
            let group = groups[index]
            guard group.shard == home.index else {
                readElsewhere(group, index)
                return
            }
            for want in group.wants {
                reads[want.index] = home.read(want, budget: &budget, mayWait: mayWait)
            }
            index += 1
        }
        conclude()
    }

    private func readElsewhere(_ group: FetchGroup, _ index: Int) {
        // Among those with a deadline it is found when its connection closes.
        schedule()
        let homeIndex = home.index
        home.outbox.post(to: group.shard) { [handle = Handle(self), budget, mayWait] shard in
            var budget = budget
            let reads = group.wants.map { shard.read($0, budget: &budget, mayWait: mayWait) }
            shard.outbox.post(to: homeIndex) { [budget] _ in
                handle.exchange.take(reads, of: group, index, budget)
            }
        }
    }

    private func take(
        _ read: [PartitionRead], of group: FetchGroup, _ index: Int, _ budgetLeft: FetchBudget
    ) {
        guard case .reading = state else { return }
        for (want, read) in zip(group.wants, read) { reads[want.index] = read }
        budget = budgetLeft
        self.read(group: index + 1)
    }

    private var mayWait: Bool { lookups >= Self.mostLookups }

    /// Has what the look-ups need read in, each on its partition's loop, and reads anew.
    private func readInMissing() {
        // Among those with a deadline it is found when its connection closes.
        schedule()
        lookups += 1
        var outstanding = 0
        let arrived = { [self] in
            outstanding -= 1
            if outstanding == 0, case .reading = state { readAll() }
        }
        let missing = groups.flatMap { group in
            group.wants.compactMap { want in
                reads[want.index].missing.map { (shard: group.shard, bytes: $0) }
            }
        }
        outstanding = missing.count
        for (shard, bytes) in missing {
            if shard == home.index {
                home.store.readIn(bytes, then: arrived)
                continue
            }
            let back = NIOLoopBound(arrived, eventLoop: home.eventLoop)
            home.outbox.post(to: shard) { [homeIndex = home.index] shard in
                shard.store.readIn(bytes) {
                    shard.outbox.post(to: homeIndex) { _ in back.value() }
                }
            }
        }
    }

    // MARK: Parking

    private func conclude() {
        if reads.contains(where: { $0.missing != nil }) {
            readInMissing()
            return
        }
        guard !isReady else {
            state = .answered
            unpark()
            answer()
            return
        }
        if movedWhileReading {
            readAll()
            return
        }
        state = .parked
        // While it waits it holds no buffers and no file regions; waking reads anew.
        for index in reads.indices {
            reads[index].pieces = []
            reads[index].coldRegions = []
        }
        guard !isParkedOnShards else { return }
        park()
        // What moved here while other loops were read woke nobody.
        if hasMovedAtHome { readAll() }
    }

    private func answer() {
        guard let onAnswer else { return }
        let finished = reads
        reads = []
        self.onAnswer = nil
        let cold = finished.flatMap(\.coldRegions)
        if cold.isEmpty {
            onAnswer(self, finished)
        } else {
            home.coldReads.read(cold, for: connection) { [self] in onAnswer(self, finished) }
        }
    }

    private var isReady: Bool {
        if context.partitions.isEmpty { return true }
        if isLastRound || home.isStopping || terms.deadline <= .now() { return true }
        var availableBytes = 0
        for read in reads {
            // What was cut short would not grow by waiting.
            if read.isError || read.isCutShort { return true }
            availableBytes += read.availableBytes
        }
        return availableBytes >= terms.minBytes
    }

    private var hasMovedAtHome: Bool {
        groups.contains { group in
            group.shard == home.index
                && group.wants.contains { want in
                    let seen = reads[want.index].highWatermark
                    return home.partition(of: want)?.highWatermark.rawValue != seen
                }
        }
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        home.schedule(self, at: terms.deadline)
    }

    private func park() {
        isParkedOnShards = true
        schedule()
        // A single byte is there whenever a partition moved.
        let countsBytes = terms.minBytes > 1
        for group in groups {
            if group.shard == home.index {
                let places = group.wants.compactMap { want in
                    home.partition(of: want).map {
                        ParkedFetch.Place(partition: $0, want: want)
                    }
                }
                localPark = ParkedFetch(on: places) { [unowned self] want in
                    moved(want, has: countsBytes ? home.measure(want) : nil)
                }
            } else {
                let seen = group.wants.map { reads[$0.index].highWatermark }
                home.outbox.post(to: group.shard) { [handle = Handle(self)] shard in
                    shard.park(handle, on: group.wants, seen: seen, countsBytes: countsBytes)
                }
            }
        }
    }

    private func unpark() {
        guard isParkedOnShards else { return }
        isParkedOnShards = false
        localPark?.cancel()
        localPark = nil
        for group in groups where group.shard != home.index {
            home.outbox.post(to: group.shard) { [handle = Handle(self)] shard in
                shard.unpark(handle)
            }
        }
    }
}

extension FetchExchange {
    /// The exchange as other loops know it.
    struct Handle: Sendable, Hashable {
        private let bound: NIOLoopBound<FetchExchange>
        private let identity: ObjectIdentifier
        let home: Int

        /// Must be called on the exchange's loop.
        init(_ exchange: FetchExchange) {
            bound = NIOLoopBound(exchange, eventLoop: exchange.home.eventLoop)
            identity = ObjectIdentifier(exchange)
            home = exchange.home.index
        }

        /// The exchange. Our bug, and a trap, on any other loop than its own.
        var exchange: FetchExchange { bound.value }

        static func == (left: Handle, right: Handle) -> Bool { left.identity == right.identity }

        func hash(into hasher: inout Hasher) { hasher.combine(identity) }
    }
}

/// The partitions of one fetch that live on one shard.
struct FetchGroup: Sendable {
    let shard: Int
    var wants: [FetchWant]
}

/// One partition of a fetch, found.
struct FetchWant: Sendable {
    /// Its place among the partitions of the fetch.
    let index: Int
    let slot: Int
    let topicID: TopicID
    let offset: Offset
    let maxBytes: Int
    let currentLeaderEpoch: LeaderEpoch?
    /// The code if the topic is gone by now: it depends on how the request named it.
    let codeIfGone: ErrorCode
}
