import Disk
import Vocabulary

/// An index file that is searched where it lies: entries of one size, ascending by a key.
///
/// Loading the index of a large segment takes megabytes of reading and milliseconds of a loop's
/// time; a look-up needs one entry. Keys are about evenly spread, so the place of an entry is
/// guessed from them first: two or three reads of 4 KiB where halving takes nine.
struct EntryFile {
    /// How many guesses before the range is halved instead.
    private static let guesses = 4

    let store: Store
    let file: FileID
    let path: String
    let count: Int
    let entryByteCount: Int

    /// The last entry whose key is at most `wanted`; `nil` where there is none.
    ///
    /// - Parameter keys: what the keys lie between, as far as is known without reading: it makes
    ///   the guesses better, and nothing wrong.
    func floor<Entry>(
        _ wanted: Int64, keys: ClosedRange<Int64>, key: (Entry) -> Int64,
        decode: (UnsafeRawBufferPointer) -> Entry
    ) throws(StoreError) -> Entry? {
        var best: Entry?
        // Entries below `low` are at most `wanted`, those from `high` on are above it.
        var low = 0
        var high = count
        var lowKey = Double(keys.lowerBound)
        var highKey = Double(keys.upperBound)
        var round = 0
        let perBlock = store.indexBuffer.count / entryByteCount
        while low < high {
            var middle = (low + high) / 2
            if round < Self.guesses, highKey > lowKey {
                let share = (Double(wanted) - lowKey) / (highKey - lowKey)
                middle = low + Int(min(1, max(0, share)) * Double(high - low - 1))
            }
            round += 1
            let first = max(low, middle / perBlock * perBlock)
            let end = min(high, (middle / perBlock + 1) * perBlock)
            let bytes = try read(first..<end)
            func entry(_ index: Int) -> Entry {
                let start = index * entryByteCount
                return decode(
                    UnsafeRawBufferPointer(rebasing: bytes[start..<start + entryByteCount]))
            }
            var below = 0
            var above = end - first
            while below < above {
                let half = (below + above) / 2
                if key(entry(half)) > wanted { above = half } else { below = half + 1 }
            }
            if below > 0 {
                let found = entry(below - 1)
                best = found
                low = first + below
                lowKey = Double(key(found))
            }
            if below < end - first {
                high = first + below
                highKey = Double(key(entry(below)))
            }
        }
        return best
    }

    /// The first entry; `nil` where there is none.
    func first<Entry>(_ decode: (UnsafeRawBufferPointer) -> Entry) throws(StoreError) -> Entry? {
        count == 0 ? nil : decode(try read(0..<1))
    }

    /// The last entry; `nil` where there is none.
    func last<Entry>(_ decode: (UnsafeRawBufferPointer) -> Entry) throws(StoreError) -> Entry? {
        count == 0 ? nil : decode(try read(count - 1..<count))
    }

    /// The bytes of some entries, until the next read.
    private func read(_ entries: Range<Int>) throws(StoreError) -> UnsafeRawBufferPointer {
        let needed = entries.count * entryByteCount
        let found = try store.read(
            file, path, at: entries.lowerBound * entryByteCount, needed: needed,
            into: store.indexBuffer)
        guard found >= needed else {
            throw .corrupt(
                CorruptLog(path: path, position: .zero, reason: "the index got shorter"))
        }
        return UnsafeRawBufferPointer(rebasing: store.indexBuffer.bytes[..<needed])
    }
}
