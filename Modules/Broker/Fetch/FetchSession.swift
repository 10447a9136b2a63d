import Vocabulary

/// One consumer's partitions, in the order in which they are served, with what it was last told.
///
/// A partition that sent records moves to the back, so that a small budget reaches all of them in
/// turn.
struct FetchSession: Sendable {
    let usesTopicIDs: Bool
    let created: Timestamp
    var lastUsed: Timestamp
    var epoch: Int32

    private struct Entry: Sendable {
        var wanted: FetchPartition
        /// What the consumer knows; `nil` until it was told, and again after an error.
        var sentHighWatermark: Int64?
        var sentLogStartOffset: Int64?
    }

    // An entry keeps its slot for life; only `order` changes from fetch to fetch.
    private var entries: [Entry?]
    private var freeSlots: [Int] = []
    private var slots: [FetchPartition.Key: Int]
    private var order: [Int]

    init(
        partitions: [FetchPartition], read: [FetchedState], usesTopicIDs: Bool, now: Timestamp
    ) {
        self.usesTopicIDs = usesTopicIDs
        self.created = now
        self.lastUsed = now
        self.epoch = FetchSessions.epoch(after: FetchSessions.initialEpoch)
        self.entries = []
        self.slots = [:]
        self.order = []
        for wanted in partitions { put(wanted) }
        // A partition named twice has one slot: the state read last stands.
        for (wanted, state) in zip(partitions, read) where !state.isError {
            guard let slot = slots[wanted.key] else { continue }
            entries[slot]?.sentHighWatermark = state.highWatermark
            entries[slot]?.sentLogStartOffset = state.logStartOffset
        }
    }

    var count: Int { order.count }
    var isEmpty: Bool { order.isEmpty }

    mutating func update(_ partitions: [FetchPartition], forgetting forgotten: [FetchPartition.Key])
    {
        for wanted in partitions { put(wanted) }
        guard !forgotten.isEmpty else { return }
        for key in forgotten {
            guard let slot = slots.removeValue(forKey: key) else { continue }
            entries[slot] = nil
            freeSlots.append(slot)
        }
        order.removeAll { entries[$0] == nil }
    }

    /// The partitions in serving order, and the slot of each.
    func ordered() -> ([FetchPartition], [Int]) {
        (order.compactMap { entries[$0]?.wanted }, order)
    }

    /// Notes what is about to be sent and says for each slot whether there is anything to send.
    mutating func record(_ read: [FetchedState], slots readSlots: [Int]) -> [Bool] {
        var included: [Bool] = []
        included.reserveCapacity(read.count)
        var served: [Int] = []
        for (state, slot) in zip(read, readSlots) {
            guard var entry = entries[slot] else {
                included.append(false)
                continue
            }
            let hasNews =
                state.recordByteCount > 0 || state.isError
                || entry.sentHighWatermark != state.highWatermark
                || entry.sentLogStartOffset != state.logStartOffset
            included.append(hasNews)
            entry.sentHighWatermark = state.isError ? nil : state.highWatermark
            entry.sentLogStartOffset = state.logStartOffset
            entries[slot] = entry
            if state.recordByteCount > 0 { served.append(slot) }
        }
        if !served.isEmpty && served.count < order.count {
            let moved = Set(served)
            order.removeAll { moved.contains($0) }
            order.append(contentsOf: served)
        }
        return included
    }

    mutating func forgetSent(topic: String, id: TopicID) {
        for slot in order {
            switch entries[slot]?.wanted.topic {
            case .name(topic), .id(id): entries[slot]?.sentHighWatermark = nil
            default: break
            }
        }
    }

    private mutating func put(_ wanted: FetchPartition) {
        if let slot = slots[wanted.key] {
            entries[slot]?.wanted = wanted
            return
        }
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            entries[slot] = Entry(wanted: wanted)
        } else {
            slot = entries.count
            entries.append(Entry(wanted: wanted))
        }
        slots[wanted.key] = slot
        order.append(slot)
    }
}
