import Vocabulary

/// Knows for each idempotent producer of a partition which batch comes next and which were there
/// before (KIP-98).
///
/// A log asks `check` before an append and calls `apply` with it; if the append is cut back, so is
/// the state, by `cutBack`. Both look the producer up once at the most: the last one asked for is
/// found without a look-up, and nothing is allocated for a producer that is known.
///
/// The rules are Kafka's (`ProducerAppendInfo`, 3.8 to 4.3), with one difference: a producer is
/// forgotten by the broker's clock, not by the time of its records, so that events of last year
/// can be sent idempotently. And there is a limit: beyond it those not heard of for longest are
/// forgotten early, as if they had expired, so that a client that asks for one id after the other
/// cannot take all memory.
public struct ProducerStates: Sendable {
    private let limit: Int
    private var states: [ProducerState] = []
    private var indexes: [ProducerID: Int] = [:]
    /// The place of the producer last looked up.
    private var recent = 0
    /// What to put back when appends are cut back, oldest first; those before `settled` are done.
    private var journal: [Change] = []
    private var settled = 0

    private struct Change: Sendable {
        let baseOffset: Offset
        let producerID: ProducerID
        /// `nil` where the append made the producer known.
        let previous: ProducerState?
    }

    /// Remembers up to `limit` producers, and beyond it only those that cannot be forgotten: with a
    /// transaction open or an append unsettled. One takes about 300 bytes.
    public init(limit: Int = ProducerStates.defaultLimit) {
        precondition(limit > 0, "a producer that appends is remembered")
        self.limit = limit
    }

    /// The producers of one log that are remembered by default.
    public static let defaultLimit = 65_536

    /// The number of producers remembered.
    public var count: Int { states.count }

    // MARK: - Appending

    /// Tells whether a batch from a client may be appended; changes no state.
    ///
    /// A producer that is not known, because it is new or was forgotten, may begin with any
    /// sequence; a new epoch of a known one begins with 0. `mutating` for the look-up only.
    public mutating func check(
        _ batch: ProducerBatch
    ) throws(ProducerError) -> SequenceCheck {
        guard let index = index(of: batch.producerID), let epoch = states[index].epoch else {
            return .inOrder
        }
        if batch.epoch < epoch {
            throw .staleEpoch(producerID: batch.producerID, current: epoch, found: batch.epoch)
        }
        let isSameEpoch = batch.epoch == epoch
        if isSameEpoch,
            let known = states[index].batch(first: batch.firstSequence, last: batch.lastSequence)
        {
            return .duplicate(baseOffset: known.firstOffset, lastOffset: known.lastOffset)
        }
        // A new epoch begins with 0, also after nothing but markers have come in it.
        let last = isSameEpoch ? states[index].lastBatch : nil
        let expected = last?.lastSequence.advanced(by: 1) ?? .zero
        guard batch.firstSequence == expected else {
            throw .outOfOrderSequence(
                producerID: batch.producerID, expected: expected, found: batch.firstSequence)
        }
        if let start = states[index].ongoingTransactionStart, !batch.isTransactional {
            throw .transactionOngoing(producerID: batch.producerID, firstOffset: start)
        }
        return .inOrder
    }

    /// Takes up a batch that is being appended at these offsets; it can be undone until `settle`.
    public mutating func apply(
        _ batch: ProducerBatch, baseOffset: Offset, lastOffset: Offset, now: Timestamp
    ) {
        let index = indexForAppend(of: batch.producerID, at: baseOffset, now: now)
        states[index].enter(batch.epoch)
        states[index].remember(
            ProducerState.Batch(
                lastSequence: batch.lastSequence, lastOffset: lastOffset,
                offsetDelta: Int32(truncatingIfNeeded: lastOffset - baseOffset)))
        states[index].heard(at: now, timestamp: batch.maxTimestamp)
        if batch.isTransactional, states[index].ongoingTransactionStart == nil {
            states[index].ongoingTransactionStart = baseOffset
        }
    }

    /// Takes up a transaction marker: the producer's transaction is over.
    public mutating func applyMarker(
        producerID: ProducerID, epoch: ProducerEpoch, coordinatorEpoch: Int32, offset: Offset,
        timestamp: Timestamp, now: Timestamp
    ) {
        let index = indexForAppend(of: producerID, at: offset, now: now)
        states[index].enter(epoch)
        states[index].coordinatorEpoch = coordinatorEpoch
        states[index].ongoingTransactionStart = nil
        states[index].heard(at: now, timestamp: timestamp)
    }

    // MARK: - Undoing

    /// The appends below `end` will not be cut back any more: what was kept to undo them goes.
    public mutating func settle(upTo end: Offset) {
        while settled < journal.count, journal[settled].baseOffset < end { settled += 1 }
        if settled == journal.count {
            journal.removeAll(keepingCapacity: true)
            settled = 0
        } else if settled > 64, settled > journal.count / 2 {
            journal.removeFirst(settled)
            settled = 0
        }
    }

    /// Undoes the appends at `end` and later: all of them must be unsettled.
    public mutating func cutBack(to end: Offset) {
        while journal.count > settled, let change = journal.last, change.baseOffset >= end {
            journal.removeLast()
            if let previous = change.previous {
                guard let index = index(of: change.producerID) else {
                    preconditionFailure("a producer with an unsettled append is remembered")
                }
                states[index] = previous
            } else {
                forget(change.producerID)
            }
        }
    }

    // MARK: - Forgetting

    /// Forgets the producers not heard of for `expiration` milliseconds
    /// (`producer.id.expiration.ms`), except those with a transaction open or an append unsettled.
    /// Costs a walk over all producers: once a minute is enough.
    public mutating func expire(now: Timestamp, expiration: Int64) {
        for state in forgettable where now - state.lastHeard >= expiration {
            forget(state.producerID)
        }
    }

    /// Makes room beyond the limit: a sixteenth goes at once, so that the walk is paid rarely.
    private mutating func evictLongestUnheard() {
        let oldest = forgettable.sorted { $0.lastHeard < $1.lastHeard }
        for state in oldest.prefix(max(1, limit / 16)) { forget(state.producerID) }
    }

    private var forgettable: [ProducerState] {
        let unsettled = Set(journal[settled...].map(\.producerID))
        return states.filter {
            $0.ongoingTransactionStart == nil && !unsettled.contains($0.producerID)
        }
    }

    /// Forgets every producer, as when a log is emptied.
    public mutating func removeAll() { self = ProducerStates(limit: limit) }

    private mutating func forget(_ producerID: ProducerID) {
        guard let index = indexes.removeValue(forKey: producerID) else { return }
        states.swapAt(index, states.count - 1)
        states.removeLast()
        if index < states.count { indexes[states[index].producerID] = index }
    }

    // MARK: - Looking up

    private mutating func index(of producerID: ProducerID) -> Int? {
        if recent < states.count, states[recent].producerID == producerID { return recent }
        guard let index = indexes[producerID] else { return nil }
        recent = index
        return index
    }

    private mutating func indexForAppend(
        of producerID: ProducerID, at offset: Offset, now: Timestamp
    ) -> Int {
        if let index = index(of: producerID) {
            journal.append(
                Change(baseOffset: offset, producerID: producerID, previous: states[index]))
            return index
        }
        if states.count >= limit { evictLongestUnheard() }
        journal.append(Change(baseOffset: offset, producerID: producerID, previous: nil))
        return insert(ProducerState(producerID: producerID, now: now))
    }

    private mutating func insert(_ state: ProducerState) -> Int {
        let index = states.count
        states.append(state)
        indexes[state.producerID] = index
        recent = index
        return index
    }

    // MARK: - For compaction

    /// Where the oldest transaction that is still open begins: the last stable offset, if below
    /// the high watermark. Costs a walk over all producers.
    var firstOngoingOffset: Offset? {
        var first: Offset?
        for index in states.indices {
            guard let start = states[index].ongoingTransactionStart else { continue }
            first = min(first ?? start, start)
        }
        return first
    }

    /// The last that is known of each producer.
    var lastOfProducers: [ProducerID: CompactionPlan.LastOfProducer] {
        var found: [ProducerID: CompactionPlan.LastOfProducer] = [:]
        found.reserveCapacity(states.count)
        for index in states.indices {
            found[states[index].producerID] = CompactionPlan.LastOfProducer(
                lastOffset: states[index].lastBatch?.lastOffset, epoch: states[index].epoch)
        }
        return found
    }

    // MARK: - Snapshots

    /// What the snapshot file of Kafka's form holds: one batch per producer, ascending by id.
    public var snapshot: ProducerSnapshot {
        ProducerSnapshot(
            entries: states.sorted { $0.producerID < $1.producerID }.map(\.snapshotEntry))
    }

    /// Begins with what a snapshot says; batches after it are then applied in their order.
    ///
    /// A snapshot knows one batch per producer: to recognize all five, begin with an older
    /// snapshot and apply more of the log. A producer counts as heard of at `now`.
    public init(_ snapshot: ProducerSnapshot, now: Timestamp) {
        self.init()
        for entry in snapshot.entries where indexes[entry.producerID] == nil {
            _ = insert(ProducerState(entry, now: now))
        }
    }

    /// Takes up what a snapshot knows and the batches below it did not tell: later epochs and
    /// batches of the producers that are known.
    mutating func catchUp(with snapshot: ProducerSnapshot, now: Timestamp) {
        for entry in snapshot.entries {
            guard let index = index(of: entry.producerID) else { continue }
            states[index].catchUp(with: entry, now: now)
        }
    }
}
