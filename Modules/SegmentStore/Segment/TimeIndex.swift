import Vocabulary

/// Leads from a timestamp to an offset before which every batch is older: the contents of a
/// segment's `.timeindex` file.
///
/// Entries of 12 bytes, ascending in both fields, big-endian:
///
///     0  8  the largest timestamp so far, in milliseconds since 1970
///     8  4  last offset of the first batch that has it, less the segment's base offset
///
/// An entry is due whenever the offset index gets one, and once more when the segment is rolled
/// or closed; it is left out while the largest timestamp is still that of the last entry. The
/// segment of `OffsetIndex`'s example, its batches ending at 2013-01-01T00:06:39Z and 00:09:59Z:
///
///     0000013B F386D898 0000018F
///     0000013B F389E5D8 00000257
package struct TimeIndex: Equatable {
    struct Entry: Equatable {
        var timestamp: Timestamp
        var offset: Offset
    }

    package static let entryByteCount = 12

    let base: Offset
    private(set) var entries: ContiguousArray<Entry> = []

    init(base: Offset) { self.base = base }

    var count: Int { entries.count }
    var byteCount: Int { count * Self.entryByteCount }
    var last: Entry? { entries.last }

    /// Adds the largest timestamp so far, unless the last entry has it.
    mutating func appendIfLater(_ entry: Entry) {
        guard entry.timestamp > (entries.last?.timestamp ?? Timestamp(-1)) else { return }
        entries.append(entry)
    }

    /// The last entry that is not later than `timestamp`: batches that hold a later one end
    /// behind its offset, those that hold it begin there.
    func floor(of timestamp: Timestamp) -> Entry? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].timestamp > timestamp { high = middle } else { low = middle + 1 }
        }
        return low == 0 ? nil : entries[low - 1]
    }

    /// Drops the entries of batches that end at `offset` or behind it.
    mutating func truncate(offset: Offset) {
        while let last = entries.last, last.offset >= offset { entries.removeLast() }
    }

    /// How many entries are of batches that end at `offset` or before.
    func count(upTo offset: Offset) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].offset > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }

    mutating func removeLast() { entries.removeLast() }
}

extension TimeIndex {
    /// The bytes of the file.
    var encoded: [UInt8] { encoded(0..<count) }

    /// The bytes of some entries.
    func encoded(_ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count * Self.entryByteCount)
        for entry in entries[range] {
            bytes.appendBigEndian(entry.timestamp.rawValue)
            bytes.appendBigEndian(Int32(entry.offset - base))
        }
        return bytes
    }

    /// Reads a file's bytes; `nil` if they cannot be a time index of a segment whose offsets end
    /// below `end`. Zeros behind the entries are a preallocated tail.
    init?(_ bytes: [UInt8], base: Offset, end: Offset?) {
        self.init(base: base)
        guard bytes.count.isMultiple(of: Self.entryByteCount) else { return nil }
        for start in stride(from: 0, to: bytes.count, by: Self.entryByteCount) {
            let timestamp = Timestamp(bytes.bigEndian(at: start))
            let relative: Int32 = bytes.bigEndian(at: start + 8)
            if timestamp == Timestamp(0), relative == 0, count > 0 || start + 12 < bytes.count,
                bytes[start...].allSatisfy({ $0 == 0 })
            {
                return
            }
            let offset = base + Int64(relative)
            guard relative >= 0, timestamp >= Timestamp(0), end.map({ offset < $0 }) ?? true,
                entries.last.map({ timestamp > $0.timestamp && offset > $0.offset }) ?? true
            else { return nil }
            entries.append(Entry(timestamp: timestamp, offset: offset))
        }
    }
}
