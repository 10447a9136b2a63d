import Disk
import Records
import Vocabulary

/// Asking the indexes for one entry: in memory where they are there, otherwise in their files.
extension Segment {
    /// The last entry whose batch ends at or before `offset`.
    func entry(endingBy offset: Offset, interval: Int) throws(StoreError) -> OffsetIndex.Entry? {
        guard let end, try canSearchFiles(interval: interval) else {
            return try loadedIndexes(interval: interval).offsets.floor(of: offset)
        }
        let found = try search(.index, OffsetIndex.entryByteCount) { file throws(StoreError) in
            try file.floor(
                offset.rawValue, keys: baseOffset.rawValue...end.rawValue,
                key: { $0.lastOffset.rawValue }, decode: offsetEntry)
        }
        guard isPossible(found) else {
            return try loadedIndexes(interval: interval).offsets.floor(of: offset)
        }
        return found
    }

    /// The last entry whose batch begins at or before `position`.
    func entry(position: Int, interval: Int) throws(StoreError) -> OffsetIndex.Entry? {
        guard try canSearchFiles(interval: interval) else {
            return try loadedIndexes(interval: interval).offsets.floor(position: position)
        }
        let found = try search(.index, OffsetIndex.entryByteCount) { file throws(StoreError) in
            try file.floor(
                Int64(position), keys: 0...Int64(max(1, byteCount)),
                key: { Int64($0.position) }, decode: offsetEntry)
        }
        guard isPossible(found) else {
            return try loadedIndexes(interval: interval).offsets.floor(position: position)
        }
        return found
    }

    /// The last entry of the time index that is not later than `timestamp`.
    func entry(notAfter timestamp: Timestamp, interval: Int) throws(StoreError) -> TimeIndex.Entry?
    {
        guard try canSearchFiles(interval: interval), let largest = knownLargest else {
            return try loadedIndexes(interval: interval).times.floor(of: timestamp)
        }
        let first = min(knownFirst ?? largest.timestamp, largest.timestamp)
        let found = try search(.timeindex, TimeIndex.entryByteCount) { file throws(StoreError) in
            try file.floor(
                timestamp.rawValue, keys: first.rawValue...largest.timestamp.rawValue,
                key: { $0.timestamp.rawValue }, decode: timeEntry)
        }
        guard isPossible(found) else {
            return try loadedIndexes(interval: interval).times.floor(of: timestamp)
        }
        return found
    }

    /// The largest timestamp of all batches, with the last offset of the first that has it.
    func largest(interval: Int) throws(StoreError) -> TimeIndex.Entry? {
        if let indexes { return indexes.largest }
        if let resting { return resting.largest }
        if try canSearchFiles(interval: interval) { return knownLargest }
        return try loadedIndexes(interval: interval).largest
    }

    // MARK: The files

    /// Whether the index files may be searched: they belong to a closed segment, and their ends
    /// agree with each other and with the batches, which is looked up once.
    ///
    /// What lies between the ends is checked as it is used: an entry must lead to its batch.
    private func canSearchFiles(interval: Int) throws(StoreError) -> Bool {
        guard end != nil, indexes == nil else { return false }
        if isIndexTrusted { return true }
        let file = try openedForLookups()
        var counts = (offsets: 0, times: 0)
        var lastOffset: OffsetIndex.Entry?
        var largest: TimeIndex.Entry?
        var first: TimeIndex.Entry?
        do throws(StoreError) {
            lastOffset = try search(.index, OffsetIndex.entryByteCount) {
                entries throws(StoreError) in
                counts.offsets = entries.count
                return try entries.last(offsetEntry)
            }
            (first, largest) = try search(.timeindex, TimeIndex.entryByteCount) {
                entries throws(StoreError) in
                counts.times = entries.count
                return (try entries.first(timeEntry), try entries.last(timeEntry))
            }
        } catch {
            // Missing or of an impossible size: made anew by whoever loads them.
            if case .corrupt = error { return false }
            if case .disk(let cause) = error, cause.isMissing { return false }
            throw error
        }
        // Zeros at the end are a preallocated tail: such files are loaded and checked as a whole.
        if let lastOffset, lastOffset.position == 0 { return false }
        if let largest, largest.timestamp == Timestamp(0) { return false }
        guard isPossible(lastOffset), isPossible(largest), isPossible(first),
            // Entries are more than an interval apart; the time index has one more at the end.
            counts.offsets * interval <= byteCount, counts.times <= counts.offsets + 1,
            try isComplete(
                lastOffset: lastOffset, largest: largest, file: file, interval: interval)
        else { return false }
        isIndexTrusted = true
        knownLargest = largest
        knownFirst = first?.timestamp
        return true
    }

    /// The last entry of the time index as its file has it; `nil` where it has none, or none that
    /// can be of this segment.
    func lastTimeEntry() throws(StoreError) -> TimeIndex.Entry? {
        let last = try search(.timeindex, TimeIndex.entryByteCount) { entries throws(StoreError) in
            try entries.last(timeEntry)
        }
        return isPossible(last) ? last : nil
    }

    private func isPossible(_ entry: OffsetIndex.Entry?) -> Bool {
        guard let entry, let end else { return true }
        return (baseOffset..<end).contains(entry.lastOffset)
            && (0..<byteCount).contains(entry.position)
    }

    private func isPossible(_ entry: TimeIndex.Entry?) -> Bool {
        guard let entry, let end else { return true }
        return (baseOffset..<end).contains(entry.offset) && entry.timestamp >= Timestamp(0)
    }

    private func search<Found>(
        _ kind: SegmentName.Kind, _ entryByteCount: Int,
        _ body: (EntryFile) throws(StoreError) -> Found
    ) throws(StoreError) -> Found {
        let path = path(kind)
        let disk = store.disk
        let (file, size) = try onDisk { () throws(DiskError) in
            try disk.openWithSize(path, .readOnly)
        }
        // Read only: closing has nothing to tell.
        defer { _ = try? disk.close(file) }
        guard size.isMultiple(of: entryByteCount) else {
            throw .corrupt(
                CorruptLog(path: path, position: .zero, reason: "the index has half an entry"))
        }
        return try body(
            EntryFile(
                store: store, file: file, path: path, count: size / entryByteCount,
                entryByteCount: entryByteCount))
    }

    private func offsetEntry(_ bytes: UnsafeRawBufferPointer) -> OffsetIndex.Entry {
        OffsetIndex.Entry(
            lastOffset: baseOffset + Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))),
            position: Int(
                Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: Int32.self))))
    }

    private func timeEntry(_ bytes: UnsafeRawBufferPointer) -> TimeIndex.Entry {
        TimeIndex.Entry(
            timestamp: Timestamp(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))),
            offset: baseOffset
                + Int64(
                    Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int32.self))))
    }
}
