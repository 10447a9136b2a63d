import Disk
import SegmentStore
import Vocabulary

/// One segment to be checked: a unit of work for one thread.
struct SegmentPlan: Sendable {
    let partition: Int
    let folder: String
    let base: Offset
    /// The base offset of the next segment; `nil` for the active one.
    let next: Offset?
    /// The files that lie beside the `.log`.
    let kinds: Set<SegmentName.Kind>
    /// Whether the index files of an active segment say what is in it: after an orderly stop.
    let wasClosed: Bool
    let byteCount: Int

    func path(_ kind: SegmentName.Kind) -> String { "\(folder)/\(SegmentName.of(base, kind))" }
}

/// One partition's folder, as listed.
struct PartitionPlan: Sendable {
    let folder: String
    /// `nil` for a folder whose name names none.
    let name: TopicPartition?
    let segments: [SegmentPlan]
    let snapshots: [Offset]
    let sideFiles: [InspectedFile: String]
    var findings: [Finding] = []

    init(
        index: Int, folder: String, name: TopicPartition?, entries: [FolderEntry],
        wasClosed: Bool, on disk: any Disk
    ) throws(DiskError) {
        self.folder = folder
        self.name = name
        var kinds: [Offset: Set<SegmentName.Kind>] = [:]
        var snapshots: [Offset] = []
        var sideFiles: [InspectedFile: String] = [:]
        var findings: [Finding] = []
        for entry in entries.sorted(by: { $0.name < $1.name }) {
            let path = "\(folder)/\(entry.name)"
            guard !entry.isFolder else {
                findings.append(
                    Finding(.notice, path, .wholeFile, "is no file of a log; it is left alone"))
                continue
            }
            let kind = InspectedFile(name: entry.name)
            if let parts = SegmentName.parse(entry.name), parts.stage == nil {
                if parts.kind == .snapshot {
                    snapshots.append(parts.base)
                } else {
                    kinds[parts.base, default: []].insert(parts.kind)
                }
                continue
            }
            switch kind {
            case .leaderEpochs, .partitionMetadata, .incarnation: sideFiles[kind] = path
            case .passing:
                findings.append(
                    Finding(
                        .notice, path, .wholeFile,
                        "was being written or deleted; the next start finishes or removes it"))
            default:
                findings.append(
                    Finding(.notice, path, .wholeFile, "is no file of a log; it is left alone"))
            }
        }
        for (base, found) in kinds where !found.contains(.log) {
            for kind in found {
                findings.append(
                    Finding(
                        .notice, "\(folder)/\(SegmentName.of(base, kind))", .wholeFile,
                        "belongs to no segment; the next start removes it"))
            }
            kinds[base] = nil
        }
        let bases = kinds.keys.sorted()
        var segments: [SegmentPlan] = []
        for (number, base) in bases.enumerated() {
            let path = "\(folder)/\(SegmentName.of(base, .log))"
            segments.append(
                SegmentPlan(
                    partition: index, folder: folder, base: base,
                    next: number + 1 < bases.count ? bases[number + 1] : nil,
                    kinds: kinds[base] ?? [], wasClosed: wasClosed,
                    byteCount: try disk.byteCount(ofFile: path)))
        }
        self.segments = segments
        self.snapshots = snapshots.sorted()
        self.sideFiles = sideFiles
        self.findings = findings
    }

    /// How many files are read.
    var fileCount: Int {
        segments.reduce(snapshots.count + sideFiles.count) { $0 + $1.kinds.count }
    }
}
