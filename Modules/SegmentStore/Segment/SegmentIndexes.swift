import Records
import Vocabulary

/// Both indexes of a segment, and what decides when they get an entry.
///
/// The entries are a function of the batches alone, in their order: whether a batch is noted as
/// it is appended or when a segment is read again, the same indexes come out. That holds for the
/// segments Kafka wrote without restarting in between; a restart makes Kafka count the interval
/// anew, the store does not.
struct SegmentIndexes: Equatable {
    private(set) var offsets: OffsetIndex
    private(set) var times: TimeIndex
    /// The largest timestamp so far with the last offset of the first batch that has it; `nil`
    /// before the first batch with a timestamp.
    private(set) var largest: TimeIndex.Entry?

    init(base: Offset) {
        offsets = OffsetIndex(base: base)
        times = TimeIndex(base: base)
    }

    /// Puts read indexes together; the time index may end with the entry of a closed segment.
    init(offsets: OffsetIndex, times: TimeIndex) {
        self.offsets = offsets
        self.times = times
        largest = times.last
    }

    var byteCount: Int { offsets.byteCount + times.byteCount }

    /// Takes a batch into account, before or after its bytes are written.
    mutating func note(
        lastOffset: Offset, maxTimestamp: Timestamp, position: Int, interval: Int
    ) {
        if maxTimestamp > (largest?.timestamp ?? Timestamp(-1)) {
            largest = TimeIndex.Entry(timestamp: maxTimestamp, offset: lastOffset)
        }
        guard position - (offsets.last?.position ?? 0) > interval else { return }
        offsets.append(lastOffset: lastOffset, position: position)
        if let largest { times.appendIfLater(largest) }
    }

    /// Adds the last entry of the time index: the segment takes no more batches.
    mutating func finish() {
        if let largest { times.appendIfLater(largest) }
    }

    /// Takes back what `finish` added: the segment takes batches again.
    ///
    /// The entries due with an offset entry never lie behind the last of these.
    mutating func resume() {
        guard let last = times.last else { return }
        if last.offset > offsets.last?.lastOffset ?? offsets.base - 1 { times.removeLast() }
    }

    /// The entries up to the last batch that has one and ends below `offset`; `nil` if none has.
    ///
    /// What these indexes were when that batch had been noted: an entry of the time index that came
    /// with a later batch lies behind this one, and so does that of a closed segment.
    func prefix(below offset: Offset) -> SegmentIndexes? {
        let count = offsets.count(below: offset)
        guard count > 0 else { return nil }
        var prefix = self
        let last = offsets[count - 1]
        prefix.offsets.truncate(position: last.position + 1)
        prefix.times.truncate(offset: last.lastOffset + 1)
        prefix.largest = prefix.times.last
        return prefix
    }

    /// Whether an index has as many entries as fit `limit` bytes; the time index keeps one place
    /// for its last entry (Kafka's rule).
    func isFull(limit: Int) -> Bool {
        offsets.count >= limit / OffsetIndex.entryByteCount
            || times.count >= limit / TimeIndex.entryByteCount - 1
    }

    /// Forgets the batches from `position` on. `largest` is what the last remaining entry says:
    /// the caller notes the batches behind that entry again.
    mutating func truncate(position: Int) {
        offsets.truncate(position: position)
        // A time entry comes with an offset entry. One that lies behind the last of these came
        // with one that goes, although its own batch may stay.
        times.truncate(offset: (offsets.last?.lastOffset ?? offsets.base - 1) + 1)
        largest = times.last
    }
}
