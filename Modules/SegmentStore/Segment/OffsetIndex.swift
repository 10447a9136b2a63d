import Vocabulary

/// Leads from an offset to a batch near it: the contents of a segment's `.index` file.
///
/// Entries of 8 bytes, ascending, big-endian:
///
///     0  4  last offset of a batch, less the segment's base offset
///     4  4  where the batch begins in the `.log` file
///
/// A segment with base offset 0 whose batches begin at 0 (offsets 0–199), 70,525 (200–399) and
/// 141,702 (400–599) has entries for the second and third, since each began more than 4,096
/// bytes (`index.interval.bytes`) after the last batch that has an entry, or the file's start:
///
///     0000018F 0001137D
///     00000257 00022986
///
/// A look-up is a binary search and no system call.
package struct OffsetIndex: Equatable {
    struct Entry: Equatable {
        let lastOffset: Offset
        let position: Int
    }

    package static let entryByteCount = 8

    let base: Offset
    private var relativeOffsets: ContiguousArray<Int32> = []
    private var positions: ContiguousArray<Int32> = []

    init(base: Offset) { self.base = base }

    var count: Int { positions.count }
    var byteCount: Int { count * Self.entryByteCount }
    var last: Entry? { count == 0 ? nil : self[count - 1] }

    subscript(index: Int) -> Entry {
        Entry(
            lastOffset: base + Int64(relativeOffsets[index]), position: Int(positions[index]))
    }

    /// Adds an entry behind the others; the segment is rolled before a number gets too large.
    mutating func append(lastOffset: Offset, position: Int) {
        let relative = Int32(lastOffset - base)
        precondition(
            relativeOffsets.last.map { relative > $0 } ?? (relative >= 0),
            "index entries ascend")
        relativeOffsets.append(relative)
        positions.append(Int32(position))
    }

    /// The last entry whose batch ends at or before `offset`.
    func floor(of offset: Offset) -> Entry? {
        let relative = offset - base
        return entry(before: firstIndex { Int64(relativeOffsets[$0]) > relative })
    }

    /// The last entry whose batch begins at or before `position`.
    func floor(position: Int) -> Entry? {
        entry(before: firstIndex { Int(positions[$0]) > position })
    }

    /// How many entries are of batches that end below `offset`.
    func count(below offset: Offset) -> Int {
        let relative = offset - base
        return firstIndex { Int64(relativeOffsets[$0]) >= relative }
    }

    /// Drops the entries of batches that begin at `position` or behind it.
    mutating func truncate(position: Int) {
        let kept = firstIndex { Int(positions[$0]) >= position }
        relativeOffsets.removeLast(count - kept)
        positions.removeLast(positions.count - kept)
    }

    private func entry(before index: Int) -> Entry? { index == 0 ? nil : self[index - 1] }

    /// The first index that satisfies `isAbove`, which holds for a suffix.
    private func firstIndex(where isAbove: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isAbove(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension OffsetIndex {
    /// The bytes of the file.
    var encoded: [UInt8] { encoded(0..<count) }

    /// The bytes of some entries.
    func encoded(_ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count * Self.entryByteCount)
        for index in range {
            bytes.appendBigEndian(relativeOffsets[index])
            bytes.appendBigEndian(positions[index])
        }
        return bytes
    }

    /// Reads a file's bytes; `nil` if they cannot be the index of a segment of `logByteCount`
    /// bytes whose offsets end below `end`. Zeros behind the entries are a preallocated tail.
    init?(_ bytes: [UInt8], base: Offset, end: Offset?, logByteCount: Int) {
        self.init(base: base)
        guard bytes.count.isMultiple(of: Self.entryByteCount) else { return nil }
        relativeOffsets.reserveCapacity(bytes.count / Self.entryByteCount)
        positions.reserveCapacity(bytes.count / Self.entryByteCount)
        for start in stride(from: 0, to: bytes.count, by: Self.entryByteCount) {
            let relative: Int32 = bytes.bigEndian(at: start)
            let position: Int32 = bytes.bigEndian(at: start + 4)
            if relative == 0, position == 0 {
                guard bytes[start...].allSatisfy({ $0 == 0 }) else { return nil }
                return
            }
            guard relative > relativeOffsets.last ?? -1, position > positions.last ?? -1,
                Int(position) < logByteCount, end.map({ base + Int64(relative) < $0 }) ?? true
            else { return nil }
            relativeOffsets.append(relative)
            positions.append(position)
        }
    }
}
