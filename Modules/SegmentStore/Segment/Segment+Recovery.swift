import Disk
import Records
import Vocabulary

/// Reading a segment again after a crash, or the end of one that was closed in order.
extension Segment {
    /// What reading found at the end of the batches.
    struct Ending {
        /// Where the last whole batch ends.
        var position: Int
        /// The offset behind it, or the base offset.
        var nextOffset: Offset
        /// Bytes of the file behind the position, and why they are no batch; `nil` for zeros.
        var torn: String?
    }

    /// Notes the batches behind the last index entry, and tells where they end.
    ///
    /// The entry must lead to its batch, and the time index must know its timestamp, else the
    /// indexes are made anew from the first batch on.
    @discardableResult
    func noteBatchesBehindIndex(interval: Int) throws(StoreError) -> Ending {
        let file = try opened()
        let entry = indexes?.offsets.last
        var ending = Ending(position: entry?.position ?? 0, nextOffset: baseOffset)
        let isFar = byteCount - ending.position > 64 << 10
        var walk = HeaderWalk(
            disk: store.disk, file: file, end: byteCount,
            buffer: isFar ? store.scanBuffer : store.probeBuffer)
        recent.removeAll()
        var isFirst = true
        while true {
            let found = try walk.look(at: ending.position)
            if isFirst, let entry {
                guard case .batch(let header) = found, header.lastOffset == entry.lastOffset,
                    header.maxTimestamp <= indexes?.largest?.timestamp ?? Timestamp(-1)
                else {
                    indexes = SegmentIndexes(base: baseOffset)
                    saved = SavedEntries()
                    return try noteBatchesBehindIndex(interval: interval)
                }
            }
            isFirst = false
            switch found {
            case .batch(let header):
                guard isPlausible(header), header.baseOffset >= ending.nextOffset else {
                    ending.torn = "the offsets of the batch are out of place"
                    return ending
                }
                try ensureIndexable(ending.position)
                // What is recent holds every offset up to the end: compaction leaves gaps.
                if header.baseOffset > ending.nextOffset { recent.removeAll() }
                note(header, position: ending.position, interval: interval)
                ending.position += header.byteCount
                ending.nextOffset = header.nextOffset
            case .end:
                return ending
            case .cutShort:
                ending.torn = "the file ends within a batch"
                return ending
            case .invalid(let error):
                ending.torn = "\(error)"
                return ending
            }
        }
    }

    /// Reads all batches, checks those that end behind `checkedEnd` and makes the indexes anew.
    ///
    /// - Parameters:
    ///   - checkedEnd: everything below was durable once: damage there is no torn tail.
    ///   - usesIndexes: believe the index files as far as they lead below `checkedEnd`, and do not
    ///     read what comes before. `body` is not called for it.
    ///   - restoring: what the journals hold, written again where a batch is missing or not sound.
    /// - Throws: `corrupt` if a damaged batch is followed by sound ones, or was durable.
    func recover(
        checkedEnd: Offset, interval: Int, usesIndexes: Bool = false,
        restoring: inout JournalRestoring,
        body: (BatchHeader) -> Void
    ) throws(StoreError) -> Ending {
        let file = try opened()
        var walk = HeaderWalk(
            disk: store.disk, file: file, end: byteCount, buffer: store.scanBuffer)
        var ending = Ending(position: 0, nextOffset: baseOffset)
        recent.removeAll()
        firstTimestamp = nil
        saved = SavedEntries()
        if usesIndexes, let known = try knownBeginning(below: checkedEnd) {
            indexes = known.indexes
            ending = Ending(position: known.position, nextOffset: known.offset)
            saved = SavedEntries(
                offsets: known.indexes.offsets.count, times: known.indexes.times.count)
            try loadFirstTimestamp()
        } else {
            indexes = SegmentIndexes(base: baseOffset)
        }
        var readsDevice = false
        while true {
            if !readsDevice, ending.nextOffset >= checkedEnd {
                readsDevice = true
                walk = try walkOnDevice(from: ending.position, file)
            }
            let fault: TornTail.Fault
            switch try walk.look(at: ending.position) {
            case .batch(let header):
                guard isPlausible(header), header.baseOffset >= ending.nextOffset else {
                    fault = .damaged(end: nil, "the offsets of the batch are out of place")
                    break
                }
                if header.nextOffset > checkedEnd {
                    let found = try checksum(&walk, header, at: ending.position)
                    guard found == header.crc else {
                        fault = .damaged(
                            end: ending.position + header.byteCount,
                            "the batch's checksum is wrong")
                        break
                    }
                }
                try ensureIndexable(ending.position)
                // What is recent holds every offset up to the end: compaction leaves gaps.
                if header.baseOffset > ending.nextOffset { recent.removeAll() }
                note(header, position: ending.position, interval: interval)
                body(header)
                ending.position += header.byteCount
                ending.nextOffset = header.nextOffset
                continue
            case .end:
                if try restoring.restore(at: ending, of: self) {
                    walk = HeaderWalk(
                        disk: store.disk, file: file, end: byteCount, buffer: store.scanBuffer)
                    continue
                }
                let durableEnd = min(checkedEnd, end ?? checkedEnd)
                if ending.position < byteCount, ending.nextOffset < durableEnd {
                    throw damage(ending.position, "zeros, where batches were durable before")
                }
                return ending
            case .cutShort:
                fault = .cutShort
            case .invalid(let error):
                fault = .damaged(end: nil, "\(error)")
            }
            if try restoring.restore(at: ending, of: self) {
                walk = HeaderWalk(
                    disk: store.disk, file: file, end: byteCount, buffer: store.scanBuffer)
                continue
            }
            var tail = TornTail(
                walk: walk, position: ending.position, end: byteCount, segmentBase: baseOffset,
                expected: ending.nextOffset)
            let isDurable = ending.nextOffset < checkedEnd
            if let reason = try tail.corruption(fault, isDurable: isDurable) {
                throw damage(ending.position, reason)
            }
            ending.torn = fault.description
            return ending
        }
    }

    /// Looks at the device and not at what the page cache remembers, from a position on.
    ///
    /// After a sync that failed, the kernel keeps the pages and calls them clean (fsync(2)): what a
    /// restarted process finds there is not on the device, and no sync of its own would bring it
    /// there. Pages that are still to be written stay; syncing them tells what becomes of them.
    private func walkOnDevice(
        from position: Int, _ file: SegmentFile
    ) throws(StoreError) -> HeaderWalk {
        let page = 4_096
        let start = position / page * page
        if start < byteCount {
            let count = (byteCount - start + page - 1) / page * page
            _ = try onDisk { () throws(DiskError) in
                try store.disk.perform(
                    .dropFromCache(file.id, from: FilePosition(Int64(start)), count: count))
            }
        }
        return HeaderWalk(disk: store.disk, file: file, end: byteCount, buffer: store.scanBuffer)
    }

    private func checksum(
        _ walk: inout HeaderWalk, _ header: BatchHeader, at start: Int
    ) throws(StoreError) -> UInt32 {
        try walk.checksum(
            from: start + BatchHeader.checksumStart, to: start + header.byteCount)
    }

    /// Reads when the first batch is from, which decides about the segment's age.
    func loadFirstTimestamp() throws(StoreError) {
        guard byteCount > 0, firstTimestamp == nil else { return }
        var walk = HeaderWalk(
            disk: store.disk, file: try opened(), end: byteCount, buffer: store.probeBuffer)
        if case .batch(let header) = try walk.look(at: 0) { firstTimestamp = header.maxTimestamp }
    }

    /// Cuts the file behind the last whole batch and counts its bytes anew; not synced.
    func cut(to position: Int) throws(StoreError) {
        let file = try opened()
        let disk = store.disk
        if position < byteCount {
            _ = try onDisk { () throws(DiskError) in
                try disk.perform(.truncate(file.id, to: FilePosition(Int64(position))))
            }
        }
        byteCount = position
        writtenCount = position
        writeBackPosition = min(writeBackPosition, position)
        if position == 0 { firstTimestamp = nil }
    }
}
