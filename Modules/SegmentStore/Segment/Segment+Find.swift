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
        let file = try opened()
        let entry = try loadedIndexes(interval: interval).offsets.floor(of: offset)
        var walk = HeaderWalk(
            disk: store.disk, file: file, end: writtenCount, buffer: store.probeBuffer)
        var position = entry?.position ?? 0
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
                position = batchEnd
            case .end:
                return (nil, ())
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
        if let entry = try loadedIndexes(interval: interval).offsets.floor(position: limit) {
            position = max(start, entry.position)
        }
        var walk = HeaderWalk(
            disk: store.disk, file: try opened(), end: writtenCount, buffer: store.probeBuffer)
        while true {
            switch try walk.look(at: position) {
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
}
