/// The segments that have their file open or their indexes in memory, in the order of their last
/// use.
///
/// A ring of slots: noting a use, and finding what was longest unused, cost the same whatever
/// their number.
struct OpenSegments {
    private struct Slot {
        var segment: Segment?
        var newer: Int
        var older: Int
        /// What the segment's indexes take, if they can be given back.
        var indexBytes = 0
    }

    /// The first slot is nobody's: its `newer` is the oldest, its `older` the newest.
    private var slots = [Slot(segment: nil, newer: 0, older: 0)]
    private var free: [Int] = []
    private(set) var count = 0
    /// The memory that the indexes of closed segments take.
    private(set) var indexBytes = 0

    /// The one that was not used for the longest time.
    var oldest: Segment? { slots[slots[0].newer].segment }

    /// Notes a use: from now on `segment` is the newest.
    mutating func use(_ segment: Segment) {
        let index: Int
        if let known = segment.useSlot {
            index = known
            if slots[0].older != index {
                unlink(index)
                linkAsNewest(index)
            }
        } else {
            index = free.popLast() ?? slots.count
            if index == slots.count { slots.append(Slot(segment: nil, newer: 0, older: 0)) }
            slots[index].segment = segment
            segment.useSlot = index
            count += 1
            linkAsNewest(index)
        }
        // Those of the active segment stay: they are on no disk yet.
        let bytes = segment.end == nil ? 0 : segment.indexes?.byteCount ?? 0
        indexBytes += bytes - slots[index].indexBytes
        slots[index].indexBytes = bytes
    }

    /// Takes a segment out that gave its file back.
    mutating func remove(_ segment: Segment) {
        guard let index = segment.useSlot else { return }
        unlink(index)
        indexBytes -= slots[index].indexBytes
        slots[index] = Slot(segment: nil, newer: 0, older: 0)
        segment.useSlot = nil
        free.append(index)
        count -= 1
    }

    private mutating func unlink(_ index: Int) {
        slots[slots[index].newer].older = slots[index].older
        slots[slots[index].older].newer = slots[index].newer
    }

    private mutating func linkAsNewest(_ index: Int) {
        let newest = slots[0].older
        slots[index].newer = 0
        slots[index].older = newest
        slots[newest].newer = index
        slots[0].older = index
    }
}
