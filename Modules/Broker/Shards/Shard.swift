import Logging
import Metadata
import NIOCore
import SegmentStore
import Vocabulary

/// One event loop with everything that is touched on it alone: the store and its disk, the
/// partitions, whoever waits for them, and codecs whose contexts are reused.
///
/// No lock guards any of this: every call comes from the loop. Other loops reach a shard through
/// its `ShardHandle`, with messages gathered in their `Outbox`.
final class Shard {
    let index: Int
    let eventLoop: any EventLoop
    let store: Store
    let outbox: Outbox
    let admission: BatchAdmission
    /// Changes when the settings of the broker do.
    var configuration: BrokerConfiguration
    let logger: Logger
    let trouble: TroubleLog
    let coldReads: ColdReads
    /// The cluster's metadata, on the one shard that keeps it.
    var metadata: EmbeddedMetadataStore?
    /// Told when a log turns out to be of a later leader epoch than was published.
    var onLaterEpoch: ((TopicID, PartitionIndex, LeaderEpoch) -> Void)?
    /// Calls `drain`; keeps the shard until it is closed.
    var watcher: (any Channel)?

    private var partitions: [Partition?] = []
    private var freeSlots: [Int] = []
    private var moved: [Partition] = []
    private var remoteParks: [FetchExchange.Handle: ParkedFetch] = [:]
    private var deadlines = DeadlineQueue<FetchExchange>()
    /// How many deadlines may gather before those of answered fetches are swept out.
    private var deadlineLimit = smallestDeadlineLimit
    private var deadlineTask: (at: NIODeadline, task: Scheduled<Void>)?
    /// When the store wants to be called next; `nil`, at the next tick, once anything was appended
    /// or completed: what is due then may be earlier than what was.
    private var nextStoreTick: Timestamp?
    private var isCommitScheduled = false
    /// The next slot to open a log of, where that was not done; and when that begins.
    private var nextVisit = 0
    private var visitsBegin: Timestamp?
    private var ticking: RepeatedTask?
    private(set) var isStopping = false

    private static let smallestDeadlineLimit = 1_024

    init(
        index: Int, eventLoop: any EventLoop, store: Store, configuration: BrokerConfiguration,
        coldReadPace: SharedReadPace, logger: Logger
    ) {
        self.index = index
        self.eventLoop = eventLoop
        self.store = store
        self.configuration = configuration
        admission = BatchAdmission(maxDecompressedBytes: configuration.maxDecompressedBytes)
        self.logger = logger
        trouble = TroubleLog(logger: logger)
        coldReads = ColdReads(
            eventLoop: eventLoop, pace: coldReadPace,
            footprintBytes: configuration.coldFootprintBytes)
        outbox = Outbox(eventLoop: eventLoop)
        store.onFirstAppend = { [unowned self] in scheduleCommit() }
        store.onRetentionFailure = { log, error in
            logger.warning(
                "old records could not be deleted; the next check tries again",
                metadata: ["partition": "\(log.topicPartition)", "reason": "\(error)"])
        }
    }

    // MARK: Partitions

    /// Takes a partition in and gives the slot where it is found again.
    func add(_ partition: Partition) -> Int {
        if let log = partition.openLog { watch(log, of: partition) }
        if let slot = freeSlots.popLast() {
            partitions[slot] = partition
            return slot
        }
        partitions.append(partition)
        return partitions.count - 1
    }

    /// Hears from now on what happens to a partition's log.
    func watch(_ log: Log, of partition: Partition) {
        log.onProgress = { [unowned self, unowned partition] _ in noteMoved(partition) }
        log.onCutBack = { [unowned self, unowned partition] _, end in
            partition.cutBack(to: end, outbox: outbox)
        }
    }

    /// Has the partition settled at the end of the tick, or at the next.
    func noteMoved(_ partition: Partition) {
        nextStoreTick = nil
        guard !partition.isOnMovedList else { return }
        partition.isOnMovedList = true
        moved.append(partition)
    }

    /// The partition in a slot; `nil` if it has been deleted since.
    func partition(slot: Int, topicID: TopicID) -> Partition? {
        guard slot < partitions.count, let partition = partitions[slot],
            partition.topicID == topicID
        else { return nil }
        return partition
    }

    func partition(of want: FetchWant) -> Partition? {
        partition(slot: want.slot, topicID: want.topicID)
    }

    var allPartitions: [Partition] { partitions.compactMap { $0 } }

    /// Takes a partition out; its log is no longer touched by anyone but the caller.
    func remove(slot: Int, topicID: TopicID) -> Partition? {
        guard let partition = partition(slot: slot, topicID: topicID) else { return nil }
        partitions[slot] = nil
        freeSlots.append(slot)
        partition.delete(outbox: outbox)
        return partition
    }

    // MARK: The tick

    private func scheduleCommit() {
        guard !isCommitScheduled else { return }
        isCommitScheduled = true
        // Runs when the channels that are ready now have been served: one submission per tick.
        eventLoop.assumeIsolated().execute { [self] in
            isCommitScheduled = false
            nextStoreTick = nil
            store.commit()
            settle()
        }
    }

    /// Completions have arrived.
    func drain() {
        nextStoreTick = nil
        store.drain()
        settle()
    }

    /// Answers who waited for what the log reached meanwhile. Never called from within the store.
    func settle() {
        if let metadata {
            metadata.settle()
            if let failure = metadata.failure { trouble.failed(failure) }
        }
        // Answers may let connections send more, which moves partitions again: they are appended
        // behind those that are being served.
        var next = 0
        while next < moved.count {
            let partition = moved[next]
            next += 1
            partition.isOnMovedList = false
            partition.settle(outbox: outbox)
        }
        moved.removeAll(keepingCapacity: true)
    }

    /// Begins the regular work.
    func startTicking() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        ticking = eventLoop.scheduleRepeatedTask(
            initialDelay: Self.tickPeriod, delay: Self.tickPeriod
        ) { _ in bound.value.tick() }
    }

    private static let tickPeriod = TimeAmount.milliseconds(100)

    /// The regular work that nothing else triggers.
    func tick(now: Timestamp = .now()) {
        if nextStoreTick.map({ $0 <= now }) ?? true {
            nextStoreTick = store.tick(now: now)
            settle()
        }
        visitRestingLog(now: now)
        let deadline = NIODeadline.now()
        coldReads.tick(now: deadline)
        for case let partition? in partitions where partition.hasWaitingProduces {
            partition.expireProduces(at: deadline, outbox: outbox)
        }
    }

    /// Opens a log that nobody has asked for, one a tick, long after the start: so that retention
    /// and compaction come to it, too.
    private func visitRestingLog(now: Timestamp) {
        guard !isStopping, nextVisit < partitions.count else { return }
        let start = visitsBegin ?? now + Self.visitDelay
        visitsBegin = start
        guard now >= start else { return }
        for _ in 0..<Self.slotsPerVisit where nextVisit < partitions.count {
            let partition = partitions[nextVisit]
            nextVisit += 1
            guard let partition, partition.isDormant else { continue }
            // Why it cannot be opened is told where that lasts; what passes is tried again.
            _ = try? partition.log
            break
        }
        if nextVisit == partitions.count, partitions.contains(where: { $0?.isDormant ?? false }) {
            nextVisit = 0
            visitsBegin = now + Self.visitDelay
        }
    }

    private static let visitDelay: Int64 = 30_000
    private static let slotsPerVisit = 64

    // MARK: Waiting fetches

    /// Wakes `exchange`, which lives on this loop, when its time is up.
    func schedule(_ exchange: FetchExchange, at deadline: NIODeadline) {
        deadlines.insert(exchange, at: deadline)
        if deadlines.count > deadlineLimit {
            deadlines.removeAll { $0.isAnswered }
            deadlineLimit = max(Self.smallestDeadlineLimit, 2 * deadlines.count)
        }
        scheduleDeadline()
    }

    private func scheduleDeadline() {
        guard let earliest = deadlines.earliest else { return }
        if let current = deadlineTask {
            guard earliest < current.at else { return }
            current.task.cancel()
        }
        let task = eventLoop.assumeIsolated().scheduleTask(deadline: earliest) { [self] in
            deadlineTask = nil
            expireFetches(at: .now())
            scheduleDeadline()
        }
        deadlineTask = (earliest, task)
    }

    private func expireFetches(at now: NIODeadline) {
        while let exchange = deadlines.next(dueAt: now) { exchange.expire() }
    }

    /// Parks a fetch of another loop; `seen` are the high watermarks that it has read up to.
    func park(
        _ handle: FetchExchange.Handle, on wants: [FetchWant], seen: [Int64], countsBytes: Bool
    ) {
        let found = wants.map { partition(of: $0) }
        let places = zip(wants, found).compactMap { want, partition in
            partition.map { ParkedFetch.Place(partition: $0, want: want) }
        }
        remoteParks[handle] = ParkedFetch(on: places) { [unowned self] want in
            // Counted here, so that a move that is not enough costs no round of all partitions.
            let byteCount = countsBytes ? measure(want) : nil
            outbox.post(to: handle.home) { _ in handle.exchange.moved(want, has: byteCount) }
        }
        // What moved between the read and now would otherwise be missed.
        let hasMoved = zip(found, seen).contains { partition, seen in
            partition?.highWatermark.rawValue != seen
        }
        if hasMoved { outbox.post(to: handle.home) { _ in handle.exchange.wake() } }
    }

    func unpark(_ handle: FetchExchange.Handle) {
        remoteParks.removeValue(forKey: handle)?.cancel()
    }

    /// Lets go of the fetches that a closed connection left behind.
    func connectionClosed(_ connection: UInt64) {
        coldReads.forget(connection)
        deadlines.removeAll { exchange in
            if exchange.connection == connection { exchange.abandon() }
            return exchange.isAnswered
        }
    }

    // MARK: Stopping

    /// Answers waiting fetches at once, now and from now on; begins no work of its own any more.
    func stopParking() {
        isStopping = true
        store.stopRetention()
        expireFetches(at: .distantFuture)
    }

    /// Waits until what was appended is as durable as its acknowledgement demands, and answers.
    func finishProduces() {
        store.stopRetention()
        store.commit()
        settle()
        while store.disk.inFlight > 0 {
            store.disk.wait()
            store.drain()
            settle()
        }
    }

    /// Closes every log; says where each ends, what the next start may believe without looking, and
    /// whether all were closed in order.
    func close() -> (points: [CheckpointPoint], outlines: [LogOutline], isClean: Bool) {
        ticking?.cancel()
        coldReads.stop()
        finishProduces()
        store.close(now: .now())
        settle()
        for case let partition? in partitions { partition.stop(outbox: outbox) }
        stopWatching()
        store.changedLogs?.close()
        let isClean = allPartitions.allSatisfy { $0.openLog?.failure == nil && !$0.isOffline }
        return (checkpointPoints, allPartitions.compactMap(\.restingOutline), isClean)
    }

    /// Lets go of the ring's descriptor: completions are no longer noticed.
    func stopWatching() {
        watcher?.close(promise: nil)
        watcher = nil
    }

    var checkpointPoints: [CheckpointPoint] {
        allPartitions.map {
            CheckpointPoint(
                partition: $0.topicPartition, recoveryPoint: $0.recoveryPoint,
                logStartOffset: $0.logStartOffset, highWatermark: $0.highWatermark,
                cleanedEnd: $0.cleanedEnd)
        }
    }
}
