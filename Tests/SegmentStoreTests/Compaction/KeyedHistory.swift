import Compression
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

/// Everything that was appended to a log, and what a compacted log must still hold of it.
struct KeyedHistory {
    private(set) var entries: [CompactionBench.Entry] = []
    /// Until when no tombstone may go: compaction sets horizons later than this.
    private var tombstonesStayUntil: [Int64: Timestamp] = [:]

    mutating func append(
        _ records: [(key: String?, value: String?)], at range: AppendedRange, now: Timestamp,
        retention: Int64
    ) {
        for (index, record) in records.enumerated() {
            let offset = range.base.rawValue + Int64(index)
            entries.append(
                CompactionBench.Entry(
                    offset: offset, key: record.key, value: record.value, timestamp: now.rawValue))
            if record.value == nil { tombstonesStayUntil[offset] = now + retention }
        }
    }

    /// The furthest that any compaction went: above it all that was appended is there.
    private var touchedEnd = Offset.zero

    mutating func compacted(to end: Offset) { touchedEnd = max(touchedEnd, end) }

    mutating func cut(to end: Offset) { entries.removeAll { $0.offset >= end.rawValue } }

    /// Compares what a reader finds with what was appended.
    func check(
        _ found: [CompactionBench.Entry], cleanedEnd: Offset?, end: Offset, now: Timestamp,
        _ place: String
    ) {
        let appended = entries.filter { $0.offset < end.rawValue }
        let byOffset = Dictionary(uniqueKeysWithValues: appended.map { ($0.offset, $0) })
        var last: Int64 = -1
        var newest: [String: CompactionBench.Entry] = [:]
        var belowEnd: Set<String> = []
        for entry in found {
            #expect(entry.offset > last, "\(place): offsets ascend")
            last = entry.offset
            #expect(byOffset[entry.offset] == entry, "\(place): \(entry) was appended")
            guard let key = entry.key else { continue }
            newest[key] = entry
            if let cleanedEnd, entry.offset < cleanedEnd.rawValue {
                #expect(
                    belowEnd.insert(key).inserted,
                    "\(place): \(key) is there twice below \(cleanedEnd)")
            }
        }
        let wanted = appended.reduce(into: [:]) { $0[$1.key ?? ""] = $1 }
        for (key, entry) in wanted where newest[key] != entry {
            let mayBeGone =
                entry.value == nil && newest[key] == nil
                && tombstonesStayUntil[entry.offset].map { $0 <= now } ?? false
            #expect(mayBeGone, "\(place): \(entry) is gone, there is \(newest[key] as Any)")
        }
        if cleanedEnd != nil {
            let tail = appended.filter { $0.offset >= touchedEnd.rawValue }
            let isWhole = found.filter { $0.offset >= touchedEnd.rawValue } == tail
            #expect(isWhole, "\(place): what was not compacted is whole")
        }
    }
}

extension SeededRandom {
    /// One to six records of few keys, a tombstone now and then.
    mutating func keyedRecords() -> [(key: String?, value: String?)] {
        (0..<Int.random(in: 1...6, using: &self)).map { _ in
            let key = "k\(Int.random(in: 0..<24, using: &self))"
            guard !chance(oneIn: 6) else { return (key, nil) }
            let length = Int.random(in: 0...120, using: &self)
            return (key, "\(next() % 100_000)" + String(repeating: "v", count: length))
        }
    }
}
