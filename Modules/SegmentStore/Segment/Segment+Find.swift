import Records
import Vocabulary

/// Finding batches by offset and by position.
extension Segment {
    /// A batch: where it begins and ends in the file.
    typealias Place = Range<Int>

    /// The first batch that ends at `offset` or behind it; `nil` if there is none in the segment.
    ///
    /// At the tail no system call, otherwise one or two reads of a few KiB.
    func batch(holding offset: Offset, interval: Int) throws(StoreError) -> Place? {
        if end == nil, let index = recent.index(holding: offset) {
            // The newest batches are known to hold all offsets up to the end of the log.
            let start = recent[index].position
            let next = index + 1 < recent.count ? recent[index + 1].position : byteCount
            return start..<next
        }
        if let found = try scan(for: offset, interval: interval) { return found.place }
        try rebuildIndexes(interval: interval)
        guard let found = try scan(for: offset, interval: interval) else {
            throw damage(0, "the rebuilt index does not lead to its batches")
        }
        return found.place
    }

    /// `nil` when the index led astray.
    private func scan(
        for offset: Offset, interval: Int
    ) throws(StoreError) -> (place: Place?, Void)? {
        let file = try openedForLookups()
        let entry = try self.entry(endingBy: offset, interval: interval)
        var walk = HeaderWalk(
            disk: store.disk, file: file, end: writtenCount, buffer: store.probeBuffer,
            lookingUpFor: store)
        var position = entry?.position ?? 0
        // An index file is checked at its ends only: one with holes would make this a long walk.
        let limit = position + 8 * interval + Self.farthestWalk
        var next = baseOffset
        var isFirst = true
        while true {
            switch try walk.look(at: position) {
            case .batch(let header):
                if isFirst, let entry, header.lastOffset != entry.lastOffset { return nil }
                guard isPlausible(header), header.baseOffset >= next else {
                    throw damage(position, "the offsets of the batch are out of place")
                }
                isFirst = false
                next = header.nextOffset
                let batchEnd = position + header.byteCount
                if header.lastOffset >= offset { return (position..<batchEnd, ()) }
                if position > limit, indexes == nil { return nil }
                position = batchEnd
            case .end:
                // An entry leads to a batch; behind the last one there may be a gap.
                return isFirst && entry != nil ? nil : (nil, ())
            case .cutShort, .invalid:
                if isFirst, entry != nil { return nil }
                throw damage(position, "there is no batch")
            }
        }
    }

    /// The last place between two batches that is not behind `limit`, where `start` is one.
    func boundary(
        from start: Int, upTo limit: Int, interval: Int
    ) throws(StoreError) -> Int {
        precondition(start <= limit && limit < writtenCount, "a limit lies within the file")
        var position = start
        if end == nil, let place = recent.floor(position: limit) {
            return max(start, place.position)
        }
        let entry = try self.entry(position: limit, interval: interval)
        /// Whether the walk begins where the index says, which may be wrong.
        var isLed = false
        if let entry, entry.position > start {
            position = entry.position
            isLed = true
        }
        var walk = HeaderWalk(
            disk: store.disk, file: try openedForLookups(), end: writtenCount,
            buffer: store.probeBuffer,
            lookingUpFor: store)
        while true {
            let found = try walk.look(at: position)
            if isLed {
                isLed = false
                guard case .batch(let header) = found, header.lastOffset == entry?.lastOffset else {
                    // Led astray: the batches themselves are right.
                    position = start
                    continue
                }
            }
            switch found {
            case .batch(let header):
                guard position + header.byteCount <= limit else { return position }
                position += header.byteCount
            case .end:
                return position
            case .cutShort, .invalid:
                throw damage(position, "there is no batch")
            }
        }
    }

    /// How far behind an index entry a batch is looked for, beyond some intervals: larger than any
    /// batch that producers may send by default.
    private static let farthestWalk = 4 << 20
}
