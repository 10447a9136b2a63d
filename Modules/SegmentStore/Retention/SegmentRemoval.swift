import Disk
import Vocabulary

/// One deletion of a log's first segment, through the disk's queue.
///
/// 1. The files get names that end in `.deleted`, in any order: from the moment the `.log` is
///    renamed the segment is gone, and indexes without a `.log` are leftovers.
/// 2. The folder is synced. Only then the next segment's turn comes.
/// 3. After `file.delete.delay.ms` the files are removed (`RetentionSweep`).
///
/// An opening after a crash removes what has such a name, and has a segment whose `.log` kept its
/// own name. Regions that are being sent keep the file open whatever its name.
final class SegmentRemoval {
    let segment: Segment
    /// Where the next segment begins.
    let end: Offset
    let begun: Timestamp
    /// What has its new name.
    private(set) var renamed: [String] = []
    private unowned let log: Log
    private var paths: [String]
    private var failure: DiskError?
    /// Renames under way; `nil` when the folder is being synced.
    private var renamesLeft: Int?

    init(of segment: Segment, end: Offset, log: Log, now: Timestamp) {
        self.segment = segment
        self.end = end
        self.log = log
        begun = now
        let snapshots = log.straySnapshots.filter { $0 < end }
        paths =
            SegmentName.Kind.allCases.map { segment.path($0) }
            + snapshots.map { "\(log.folder)/\(ProducerSnapshot.name(at: $0))" }
    }

    func begin() {
        renamesLeft = paths.count
        for path in paths {
            log.store.submit(
                .rename(from: path, to: SegmentName.deleted(path)), as: .retire(self))
        }
    }

    /// One operation is done.
    func finished(_ error: DiskError?) {
        // A segment need not have every kind of file.
        if let error, !error.isMissing || renamesLeft == nil { failure = failure ?? error }
        if let left = renamesLeft {
            guard left == 1 else {
                renamesLeft = left - 1
                return
            }
            if let failure { return log.removalFailed(failure) }
            renamesLeft = nil
            renamed = paths.map(SegmentName.deleted)
            log.store.submit(.syncFolder(path: log.folder), as: .retire(self))
            return
        }
        if let failure { return log.removalFailed(failure) }
        log.removalFinished(self)
    }
}

/// The files of a deleted segment, until nobody can be about to open them any more.
struct RetiredFiles {
    let log: Log
    let paths: [String]
    let due: Timestamp
}

extension SegmentName {
    /// The path that a file has from its deletion to its removal.
    static func deleted(_ path: String) -> String { "\(path).\(Stage.deleted.rawValue)" }
}
