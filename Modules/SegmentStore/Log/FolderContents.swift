import Disk
import Vocabulary

/// What lies in a partition's folder, by the names of the files.
struct FolderContents {
    /// The base offsets of the segments, ascending.
    private(set) var segments: [Offset] = []
    /// The offsets of the producer snapshots, ascending.
    private(set) var snapshots: [Offset] = []
    /// Files to remove: what was being deleted, written or is left of a segment that is gone.
    private(set) var leftovers: [String] = []
    /// Segments of a compaction that had been completed but for the last renaming.
    private(set) var swaps: [Offset] = []
    /// The base offsets of segments that were begun before the one in front of them was durable.
    private(set) var unsynced: [Offset] = []
    /// The names of files that belong to nothing here.
    private(set) var foreign: [String] = []

    /// Whether the log was cut back since it was made.
    private(set) var hasCuts = false

    private static let known: Set<String> = [
        PartitionMetadataFile.name, LeaderEpochCheckpoint.name, LogCuts.name,
    ]

    init(_ entries: [FolderEntry]) {
        let names = entries.filter { !$0.isFolder }.map(\.name).sorted()
        hasCuts = names.contains(LogCuts.name)
        let logs = Set(
            names.compactMap { name -> Offset? in
                guard let parts = SegmentName.parse(name), parts.kind == .log else { return nil }
                return parts.stage == nil || parts.stage == .swap ? parts.base : nil
            })
        // A compaction renames all its new segments before it deletes an old one: where one is
        // not renamed, those that are have to wait for another run.
        let cleaned = names.compactMap { name -> Offset? in
            guard let parts = SegmentName.parse(name), parts.stage == .cleaned else { return nil }
            return parts.base
        }
        let firstCleaned = cleaned.min()
        let swapped = Set(
            names.compactMap { name -> Offset? in
                guard let parts = SegmentName.parse(name), parts.stage == .swap,
                    parts.kind == .log
                else { return nil }
                return parts.base
            })
        for name in names {
            guard let parts = SegmentName.parse(name) else {
                if let base = SegmentName.unsyncedBase(name) {
                    unsynced.append(base)
                } else if name.hasSuffix(".tmp") || name.hasSuffix(".cleaned") {
                    leftovers.append(name)
                } else if !Self.known.contains(name) {
                    foreign.append(name)
                }
                continue
            }
            switch (parts.stage, parts.kind) {
            case (.deleted, _), (.cleaned, _):
                leftovers.append(name)
            case (.swap, _):
                let isUndone = firstCleaned.map { parts.base >= $0 } ?? false
                // The `.log` is renamed last both times: without it the others mean nothing.
                if isUndone || !swapped.contains(parts.base) {
                    leftovers.append(name)
                } else if parts.kind == .log {
                    swaps.append(parts.base)
                }
            case (nil, .log):
                segments.append(parts.base)
            case (nil, .snapshot):
                snapshots.append(parts.base)
            case (nil, .index), (nil, .timeindex), (nil, .txnindex):
                if !logs.contains(parts.base) { leftovers.append(name) }
            }
        }
        foreign += entries.filter(\.isFolder).map { $0.name + "/" }
        segments.sort()
        snapshots.sort()
        swaps.sort()
    }
}
