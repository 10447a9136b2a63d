import Disk
import SegmentStore
import Vocabulary

/// Checks both index files of a segment against its batches, as these come by.
///
/// Every entry must say the truth about a batch. Whether entries are missing is judged without
/// knowing `index.interval.bytes`: an interval must exist that explains which batches have one.
struct IndexCheck {
    private struct Entry {
        var key: Int64
        var value: Int64
        var isRight = false
    }

    private let offsetPath: String?
    private let timePath: String?
    private var offsets: [Entry] = []
    private var times: [Entry] = []
    /// The entries that speak of a position or an offset.
    private var offsetsByPosition: [Int64: Int] = [:]
    private var timesByOffset: [Int64: Int] = [:]
    private(set) var findings: [Finding] = []
    /// That entries are missing: compaction leaves some out, of which other segments may tell.
    private(set) var sparseness: Finding?

    private var lastEntryPosition = 0
    /// The widest distance from the last entry at which a batch has none, …
    private var widestWithout = 0
    /// … and the narrowest at which one has.
    private var narrowestWith = Int.max
    private var largestBatch = 0
    private var largestTimestamp = Timestamp(-1)
    private var largestOffset = Offset.zero

    init(_ plan: SegmentPlan, on disk: any Disk) throws(DiskError) {
        offsetPath = plan.kinds.contains(.index) ? plan.path(.index) : nil
        timePath = plan.kinds.contains(.timeindex) ? plan.path(.timeindex) : nil
        let base = plan.base.rawValue
        if let offsetPath {
            for bytes in try Self.entries(
                offsetPath, OffsetIndex.entryByteCount, on: disk, &findings)
            {
                offsets.append(
                    Entry(
                        key: Int64(bytes.bigEndian(at: 4, as: Int32.self)),
                        value: base &+ Int64(bytes.bigEndian(at: 0, as: Int32.self))))
            }
        }
        if let timePath {
            for bytes in try Self.entries(timePath, TimeIndex.entryByteCount, on: disk, &findings) {
                times.append(
                    Entry(
                        key: base &+ Int64(bytes.bigEndian(at: 8, as: Int32.self)),
                        value: bytes.bigEndian(at: 0, as: Int64.self)))
            }
        }
        for (index, entry) in offsets.enumerated() where offsetsByPosition[entry.key] == nil {
            offsetsByPosition[entry.key] = index
        }
        for (index, entry) in times.enumerated() where timesByOffset[entry.key] == nil {
            timesByOffset[entry.key] = index
        }
    }

    /// The entries in front of a preallocated tail of zeros.
    private static func entries(
        _ path: String, _ byteCount: Int, on disk: any Disk, _ findings: inout [Finding]
    ) throws(DiskError) -> [ArraySlice<UInt8>] {
        let window = try FileWindow(path, on: disk)
        var entries: [ArraySlice<UInt8>] = []
        var position = 0
        while position < window.byteCount {
            let bytes = Array(try window.bytes(at: position, count: byteCount))
            guard bytes.count == byteCount else {
                findings.append(
                    Finding(.damage, path, .byte(position), "the file ends within an entry"))
                break
            }
            if bytes.allSatisfy({ $0 == 0 }),
                try window.endOfZeros(from: position) == window.byteCount
            {
                break
            }
            entries.append(bytes[...])
            position += byteCount
        }
        return entries
    }

    mutating func take(
        position: Int, lastOffset: Offset, maxTimestamp: Timestamp, byteCount: Int
    ) {
        largestBatch = max(largestBatch, byteCount)
        if let index = offsetsByPosition[Int64(position)] {
            if offsets[index].value == lastOffset.rawValue {
                offsets[index].isRight = true
                narrowestWith = min(narrowestWith, position - lastEntryPosition)
                lastEntryPosition = position
            }
        } else {
            widestWithout = max(widestWithout, position - lastEntryPosition)
        }
        if maxTimestamp > largestTimestamp {
            largestTimestamp = maxTimestamp
            largestOffset = lastOffset
            if let index = timesByOffset[lastOffset.rawValue],
                times[index].value == maxTimestamp.rawValue
            {
                times[index].isRight = true
            }
        }
    }

    /// - Parameters:
    ///   - isWhole: all batches were sound: entries that lead nowhere are wrong, else they may
    ///     lead to what is damaged.
    ///   - isClosed: the segment takes no more batches and its indexes are complete.
    mutating func finish(isWhole: Bool, isClosed: Bool) {
        if let offsetPath {
            for (index, entry) in offsets.enumerated() {
                let place = Finding.Place.byte(index * OffsetIndex.entryByteCount)
                if !entry.isRight {
                    guard isWhole else { continue }
                    findings.append(
                        Finding(
                            .damage, offsetPath, place,
                            "no batch at byte \(entry.key) ends with offset \(entry.value)"))
                } else if index > 0, offsets[index - 1].isRight,
                    offsets[index - 1].key >= entry.key
                {
                    findings.append(
                        Finding(.damage, offsetPath, place, "the entries do not ascend"))
                }
            }
            if isClosed, isWhole { judgeDistances(offsetPath) }
        }
        if let timePath { finishTimes(timePath, isWhole: isWhole, isClosed: isClosed) }
    }

    private mutating func finishTimes(_ path: String, isWhole: Bool, isClosed: Bool) {
        for (index, entry) in times.enumerated() {
            let place = Finding.Place.byte(index * TimeIndex.entryByteCount)
            if !entry.isRight {
                guard isWhole else { continue }
                findings.append(
                    Finding(
                        .damage, path, place,
                        """
                        the batch that ends with offset \(entry.key) is not the first with \
                        timestamp \(entry.value), or there is none
                        """))
            } else if index > 0, times[index - 1].isRight, times[index - 1].value >= entry.value {
                findings.append(Finding(.damage, path, place, "the entries do not ascend"))
            }
        }
        let last = times.last { $0.isRight }?.value ?? -1
        let isKnown = times.allSatisfy(\.isRight)
        if isClosed, isWhole, isKnown, largestTimestamp.rawValue > max(last, -1) {
            findings.append(
                Finding(
                    .damage, path, .byte(times.count * TimeIndex.entryByteCount),
                    """
                    the entry for the largest timestamp, \(largestTimestamp) at offset \
                    \(largestOffset), is missing
                    """))
        }
    }

    /// Looks for missing entries. Kafka counts the interval anew when it restarts, which delays
    /// one entry by less than an interval: that alone is only told.
    private mutating func judgeDistances(_ path: String) {
        guard offsets.allSatisfy(\.isRight) else { return }
        let usual = narrowestWith == .max ? Self.usualInterval : narrowestWith
        let place = Finding.Place.byte(offsets.count * OffsetIndex.entryByteCount)
        if widestWithout > 2 * max(usual, Self.usualInterval) + largestBatch {
            sparseness = Finding(
                .damage, path, place,
                """
                entries are missing: batches as far as \(widestWithout) bytes behind the last \
                entry have none, others \(usual) bytes behind it have one
                """)
        } else if widestWithout >= usual, narrowestWith != .max {
            sparseness = Finding(
                .notice, path, .wholeFile,
                "is not as dense everywhere, as after a restart of Kafka; look-ups agree")
        }
    }

    /// `index.interval.bytes` by default.
    private static let usualInterval = 4_096
}
