import Vocabulary

/// The names of a segment's files: the base offset in twenty digits and what the file holds.
///
/// The segment that begins at offset 1,200 is `00000000000000001200.log`, with
/// `00000000000000001200.index` and `00000000000000001200.timeindex` beside it.
package enum SegmentName {
    static let digitCount = 20

    package enum Kind: String, CaseIterable {
        case log
        case index
        case timeindex
        case txnindex
        case snapshot

        /// What holds the segment's batches and what leads to them: they come and go together.
        static let ofBatches: [Kind] = [.log, .index, .timeindex, .txnindex]
    }

    /// What follows a name while its file comes or goes (Kafka's names).
    package enum Stage: String, CaseIterable {
        case deleted
        case cleaned
        case swap
    }

    package static func of(_ base: Offset, _ kind: Kind) -> String {
        "\(digits(base)).\(kind.rawValue)"
    }

    private static func digits(_ base: Offset) -> String {
        let digits = String(base.rawValue)
        let zeros = String(repeating: "0", count: max(0, digitCount - digits.utf8.count))
        return zeros + digits
    }

    /// The name of the mark that the segment from `base` on was begun before the one in front of
    /// it was durable; a file of ours, see `Log+UnsyncedMark.swift`.
    static func unsyncedMark(_ base: Offset) -> String { digits(base) + unsyncedSuffix }

    /// The base offset in the name of such a mark; `nil` for every other name.
    static func unsyncedBase(_ name: String) -> Offset? {
        guard name.hasSuffix(unsyncedSuffix),
            let (base, _, _) = parse(String(name.dropLast(unsyncedSuffix.count)) + ".log")
        else { return nil }
        return base
    }

    private static let unsyncedSuffix = ".unsynced"

    /// The parts of a segment file's name; `nil` for every other name, and for
    /// an offset that no log reaches.
    package static func parse(_ name: String) -> (base: Offset, kind: Kind, stage: Stage?)? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, parts[0].utf8.count == digitCount,
            parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let base = Int64(parts[0]), base <= Offset.limit.rawValue,
            let kind = Kind(rawValue: String(parts[1]))
        else { return nil }
        guard parts.count == 3 else { return (Offset(base), kind, nil) }
        guard let stage = Stage(rawValue: String(parts[2])) else { return nil }
        return (Offset(base), kind, stage)
    }
}
