import Disk
import Records
import Vocabulary

/// Finding records by their timestamps, which need not ascend.
extension Log {
    /// The first record in offset order that is not older than `timestamp`, below `upTo`.
    ///
    /// Exact inside compressed batches: the one batch that may hold it is decompressed.
    /// - Complexity: segments that are older as a whole are skipped by their time index; in the
    ///   first that is not, headers are read from the nearest index entry on.
    public func lookup(
        timestamp: Timestamp, upTo: Offset
    ) throws(StoreError) -> TimestampedOffset? {
        if isClosed { throw .closed(path: folder) }
        let limit = min(upTo, writtenEnd)
        for segment in segments[segmentIndex(holding: logStartOffset)...] {
            guard segment.baseOffset < limit else { return nil }
            _ = try segment.opened()
            let interval = settings.indexIntervalBytes
            guard let largest = try segment.largest(interval: interval),
                largest.timestamp >= timestamp
            else { continue }
            let older =
                try segment.entry(notAfter: timestamp, interval: interval)?.offset
                ?? segment.baseOffset
            let start =
                try segment.entry(endingBy: max(older, logStartOffset), interval: interval)?
                .position ?? 0
            var found: TimestampedOffset?
            try forEachHeader(in: segment, from: start) { header, position throws(StoreError) in
                guard header.baseOffset < limit else { return false }
                guard header.maxTimestamp >= timestamp, header.lastOffset >= logStartOffset else {
                    return true
                }
                found = try firstRecord(of: header, at: position, in: segment) { offset, time in
                    time >= timestamp && offset >= logStartOffset && offset < limit
                }
                return found == nil
            }
            if let found { return found }
        }
        return nil
    }

    /// The first record that has the largest timestamp of all below `upTo`.
    public func offsetOfMaxTimestamp(upTo: Offset) throws(StoreError) -> TimestampedOffset? {
        if isClosed { throw .closed(path: folder) }
        let limit = min(upTo, writtenEnd)
        var best: (entry: TimeIndex.Entry, segment: Segment)?
        for segment in segments[segmentIndex(holding: logStartOffset)...] {
            guard segment.baseOffset < limit else { break }
            guard let entry = try largest(in: segment, upTo: limit) else { continue }
            if best.map({ entry.timestamp > $0.entry.timestamp }) ?? true {
                best = (entry, segment)
            }
        }
        guard let best else { return nil }
        let interval = settings.indexIntervalBytes
        guard
            let place = try best.segment.batch(holding: best.entry.offset, interval: interval)
        else { return nil }
        var found: TimestampedOffset?
        try forEachHeader(
            in: best.segment, from: place.lowerBound
        ) { header, position throws(StoreError) in
            found = try firstRecord(of: header, at: position, in: best.segment) { offset, time in
                time == best.entry.timestamp && offset >= logStartOffset
            }
            return false
        }
        return found
    }

    /// The largest timestamp of the batches between the log's start and `limit`, with the last
    /// offset of the first batch that has it.
    private func largest(
        in segment: Segment, upTo limit: Offset
    ) throws(StoreError) -> TimeIndex.Entry? {
        _ = try segment.opened()
        let interval = settings.indexIntervalBytes
        if logStartOffset <= segment.baseOffset,
            let largest = try segment.largest(interval: interval), largest.offset < limit
        {
            return largest
        }
        var largest: TimeIndex.Entry?
        let start = try segment.entry(endingBy: logStartOffset, interval: interval)?.position ?? 0
        try forEachHeader(in: segment, from: start) { header, _ throws(StoreError) in
            guard header.nextOffset <= limit else { return false }
            if header.lastOffset >= logStartOffset,
                header.maxTimestamp > largest?.timestamp ?? Timestamp(-1)
            {
                largest = TimeIndex.Entry(
                    timestamp: header.maxTimestamp, offset: header.lastOffset)
            }
            return true
        }
        return largest
    }

    /// Calls `body` with each header from a batch's position on until it returns `false`.
    func forEachHeader(
        in segment: Segment, from start: Int,
        _ body: (BatchHeader, Int) throws(StoreError) -> Bool
    ) throws(StoreError) {
        let file = try segment.openedForLookups()
        var walk = HeaderWalk(
            disk: store.disk, file: file, end: segment.writtenCount, buffer: store.probeBuffer,
            lookingUpFor: store)
        var isFar = false
        var position = start
        while true {
            // An index entry leads close by; who must look on reads more at a time.
            if !isFar, position - start > 128 << 10 {
                isFar = true
                walk = HeaderWalk(
                    disk: store.disk, file: file, end: segment.writtenCount,
                    buffer: store.scanBuffer, lookingUpFor: store)
            }
            switch try walk.look(at: position) {
            case .batch(let header):
                guard try body(header, position) else { return }
                position += header.byteCount
            case .end:
                return
            case .cutShort, .invalid:
                throw segment.damage(position, "there is no batch")
            }
        }
    }

    /// The first record of a batch that is wanted. Reads and decompresses all of the batch.
    private func firstRecord(
        of header: BatchHeader, at position: Int, in segment: Segment,
        where isWanted: (Offset, Timestamp) -> Bool
    ) throws(StoreError) -> TimestampedOffset? {
        let file = try segment.opened()
        let buffer = DiskBuffer(count: header.byteCount)
        let count = try store.read(
            file.id, file.path, at: position, needed: header.byteCount, into: buffer)
        guard count == header.byteCount else {
            throw segment.damage(position, "the file ends within the batch")
        }
        var found: TimestampedOffset?
        do throws(RecordError) {
            try BatchView(reading: buffer.bytes).forEachRecord(
                decompressor: store.decompressor, limit: store.settings.decompressedBatchLimit
            ) { record in
                let offset = record.offset(in: header)
                let timestamp = record.timestamp(in: header)
                guard isWanted(offset, timestamp) else { return true }
                found = TimestampedOffset(
                    offset: offset, timestamp: timestamp, leaderEpoch: header.leaderEpoch)
                return false
            }
        } catch {
            throw segment.damage(position, "\(error)")
        }
        return found
    }
}
