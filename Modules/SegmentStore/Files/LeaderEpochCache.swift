import Vocabulary

/// Remembers at which offset each leader epoch of a partition began (KIP-101).
///
/// Entries ascend in both epoch and offset. A partition has few, so each question is a binary
/// search over an array. It is a value: whoever changes one decides when to write it out.
public struct LeaderEpochCache: Sendable, Hashable {
    /// Where an epoch began.
    public struct Entry: Sendable, Hashable {
        /// Not negative in a cache.
        public let epoch: LeaderEpoch
        /// The batches from here to the next entry carry the epoch.
        public let startOffset: Offset

        public init(epoch: LeaderEpoch, startOffset: Offset) {
            self.epoch = epoch
            self.startOffset = startOffset
        }
    }

    /// Ascending in epoch and in offset.
    public private(set) var entries: [Entry] = []

    public init() {}

    /// Assigns the entries in order, so that contradicting ones are resolved as Kafka does.
    public init(_ entries: some Sequence<Entry>) {
        for entry in entries { assign(entry.epoch, at: entry.startOffset) }
    }

    /// The epoch of the last entry; `nil` without any.
    public var latestEpoch: LeaderEpoch? { entries.last?.epoch }

    /// Notes that the batches from `startOffset` on carry `epoch`; returns whether that was news.
    ///
    /// Call it for every appended batch: for the current epoch it costs one comparison. Later
    /// entries that contradict the new one are dropped: they belonged to a tail that was cut off.
    @discardableResult
    public mutating func assign(_ epoch: LeaderEpoch, at startOffset: Offset) -> Bool {
        precondition(
            epoch >= .zero && startOffset >= .zero,
            "an assigned epoch and its offset are not negative")
        if let last = entries.last, last.epoch == epoch, startOffset >= last.startOffset {
            return false
        }
        while let last = entries.last, last.epoch >= epoch || last.startOffset >= startOffset {
            entries.removeLast()
        }
        entries.append(Entry(epoch: epoch, startOffset: startOffset))
        return true
    }

    /// The largest epoch not above `requested`, with the offset at which it ended.
    ///
    /// For the latest epoch that is `logEnd`. For an epoch before the first known one the answer
    /// is that epoch with the start of the first known one. `nil` for an epoch above the latest,
    /// and without entries (Kafka's `LeaderEpochFileCache.endOffsetFor`).
    public func endOffset(
        for requested: LeaderEpoch, logEnd: Offset
    ) -> (epoch: LeaderEpoch, endOffset: Offset)? {
        guard let latest = latestEpoch, requested <= latest else { return nil }
        if requested == latest { return (requested, logEnd) }
        let higher = firstIndex { $0.epoch > requested }
        let epoch = higher == 0 ? requested : entries[higher - 1].epoch
        return (epoch, entries[higher].startOffset)
    }

    /// The epoch of the batch at `offset`; `nil` before the first known epoch.
    public func epoch(at offset: Offset) -> LeaderEpoch? {
        let higher = firstIndex { $0.startOffset > offset }
        return higher == 0 ? nil : entries[higher - 1].epoch
    }

    /// Drops the epochs that begin at `endOffset` or later; returns whether there were any.
    @discardableResult
    public mutating func truncateFromEnd(_ endOffset: Offset) -> Bool {
        let before = entries.count
        while let last = entries.last, last.startOffset >= endOffset { entries.removeLast() }
        return entries.count != before
    }

    /// Drops the epochs that ended before `startOffset` and moves the start of the one that holds
    /// it there; returns whether anything changed.
    @discardableResult
    public mutating func truncateFromStart(_ startOffset: Offset) -> Bool {
        let higher = firstIndex { $0.startOffset > startOffset }
        guard higher > 0 else { return false }
        let kept = Entry(epoch: entries[higher - 1].epoch, startOffset: startOffset)
        if higher == 1, entries[0] == kept { return false }
        entries.replaceSubrange(..<higher, with: CollectionOfOne(kept))
        return true
    }

    /// Drops the epochs that ended before the last offset below `startOffset`; returns whether
    /// there were any.
    ///
    /// What is left tells all that `truncateFromStart` would leave, and the epoch of the record
    /// below the start: a log that is cut to its start goes on behind it.
    @discardableResult
    public mutating func forget(before startOffset: Offset) -> Bool {
        let atStart = firstIndex { $0.startOffset >= startOffset }
        guard atStart > 1 else { return false }
        entries.removeFirst(atStart - 1)
        return true
    }

    /// The first index whose entry satisfies `isAbove`, which holds for a suffix of the entries.
    private func firstIndex(where isAbove: (Entry) -> Bool) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if isAbove(entries[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
