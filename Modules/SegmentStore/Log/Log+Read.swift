import Vocabulary

extension Log {
    /// Finds whole batches from `from` on, as file regions.
    ///
    /// The first batch holds `from`, or is the next there is where compaction left a gap.
    ///
    /// - Parameters:
    ///   - upTo: no batch that ends behind this offset is returned; nor is one not yet written.
    ///   - maxBytes: the most bytes of all regions together.
    ///   - minOneBatch: return the first batch even if it is larger than `maxBytes`.
    /// - Throws: `offsetOutOfRange` below `logStartOffset` and above `logEnd`; `corrupt` and
    ///   `disk` do not stop the log from taking appends.
    /// - Complexity: no system call at the tail, up to three small reads elsewhere; a segment
    ///   that was not used lately is opened first.
    public func read(
        from: Offset, upTo: Offset, maxBytes: Int, minOneBatch: Bool
    ) throws(StoreError) -> LogRead {
        if isClosed { throw .closed(path: folder) }
        guard from >= logStartOffset, from <= logEnd else {
            throw .offsetOutOfRange(from, start: logStartOffset, end: logEnd)
        }
        let limit = min(upTo, writtenEnd)
        guard from < limit else { return .nothing }
        var found = LogRead.nothing
        var next = from
        for index in segmentIndex(holding: from)..<segments.count {
            let segment = segments[index]
            guard segment.baseOffset < limit else { break }
            let isFirst = found.byteCount == 0
            guard
                let (range, isLimited) = try range(
                    in: segment, from: next, upTo: limit, maxBytes: maxBytes - found.byteCount,
                    minOneBatch: minOneBatch && isFirst)
            else {
                found.isLimited = true
                break
            }
            found.isLimited = isLimited
            if !range.isEmpty {
                found.byteCount += range.count
                found.regions.append(
                    FileRegion(
                        file: try segment.opened(), position: range.lowerBound,
                        count: range.count, reader: store.reader))
            }
            // The next segment goes on only behind all of this one.
            guard let end = segment.end, range.upperBound == segment.writtenCount else { break }
            next = end
        }
        return found
    }

    /// The whole batches of one segment that fit, and whether there are more that do not; `nil`
    /// where the first does not fit, empty where there are none.
    private func range(
        in segment: Segment, from: Offset, upTo limit: Offset, maxBytes: Int, minOneBatch: Bool
    ) throws(StoreError) -> (Range<Int>, isLimited: Bool)? {
        let interval = settings.indexIntervalBytes
        _ = try segment.opened()
        let stop =
            if limit >= segment.end ?? writtenEnd {
                segment.writtenCount
            } else {
                try segment.batch(holding: limit, interval: interval)?.lowerBound
                    ?? segment.writtenCount
            }
        guard let first = try segment.batch(holding: from, interval: interval) else {
            return (segment.writtenCount..<segment.writtenCount, false)
        }
        let start = first.lowerBound
        guard start < stop else { return (start..<start, false) }
        if maxBytes >= stop - start { return (start..<stop, false) }
        guard maxBytes >= first.count else {
            return minOneBatch ? (first, first.upperBound < stop) : nil
        }
        let end = try segment.boundary(from: start, upTo: start + maxBytes, interval: interval)
        return (start..<end, true)
    }

    /// The number of the segment that `offset` lies in, or would.
    func segmentIndex(holding offset: Offset) -> Int {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].baseOffset > offset { high = middle } else { low = middle + 1 }
        }
        return max(0, low - 1)
    }
}
