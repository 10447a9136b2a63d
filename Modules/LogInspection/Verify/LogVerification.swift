import Disk
import Metadata
import SegmentStore
import Vocabulary

/// How far a check has come.
public struct VerifyProgress: Sendable {
    /// Bytes of segments read so far.
    public var bytesDone: Int
    /// Bytes of all segments that are read, fixed from the beginning.
    public var bytesTotal: Int
}

/// Scrubs a data folder or a partition's folder: reads every byte that has a meaning, compares what
/// must agree, and names file and place of any damage. Changes nothing.
///
/// Not found: changed bytes that no checksum covers and nothing else repeats, such as the id of
/// the folder itself in `meta.properties`, or a topic's id in a folder of Kafka's.
public struct LogVerification {
    private let disk: any Disk
    private let options: VerifyOptions
    private var partitions: [PartitionPlan] = []
    private var dataFolder: DataFolderFiles?
    /// The folder is a data folder: all in it is to be checked.
    private var isDataFolder = false
    private var findings: [Finding] = []
    private var journaled = JournaledOffsets()

    /// Lists the folder and reads its checkpoints.
    ///
    /// - Throws: `disk`, `nothingToInspect`.
    public init(
        _ path: String, on disk: any Disk, options: VerifyOptions = VerifyOptions()
    ) throws(InspectionError) {
        self.disk = disk
        self.options = options
        do throws(DiskError) {
            let entries = try disk.list(path)
            let hasSegments = entries.contains { entry in
                !entry.isFolder && SegmentName.parse(entry.name)?.kind == .log
            }
            if hasSegments {
                try planPartition(path, entries)
            } else {
                try planDataFolder(path, entries)
            }
        } catch {
            throw .disk(error)
        }
        guard isDataFolder || !partitions.isEmpty else { throw .nothingToInspect(path: path) }
    }

    private mutating func planPartition(
        _ path: String, _ entries: [FolderEntry]
    ) throws(DiskError) {
        let parts = path.split(separator: "/")
        let parent = (path.hasPrefix("/") ? "/" : "") + parts.dropLast().joined(separator: "/")
        if parts.count > 1 {
            dataFolder = try DataFolderFiles(parent, on: disk, options: options)
            // What is wrong with the journal is not this partition's damage.
            for entry in try disk.list(parent) where InspectedFile(name: entry.name) == .journal {
                _ = readJournal("\(parent)/\(entry.name)")
            }
        }
        try plan(path, name: parts.last.map(String.init) ?? path, entries)
        guard dataFolder != nil else { return }
        // What is wrong with the metadata is not this partition's damage.
        dataFolder?.cluster = MetadataCheck(dataFolder: parent, log: nil, on: disk).cluster
    }

    private mutating func planDataFolder(
        _ path: String, _ entries: [FolderEntry]
    ) throws(DiskError) {
        dataFolder = try DataFolderFiles(path, on: disk, options: options)
        isDataFolder = dataFolder != nil
        for entry in entries.sorted(by: { $0.name < $1.name }) {
            let inner = "\(path)/\(entry.name)"
            guard entry.isFolder else {
                note(file: entry.name, at: inner)
                continue
            }
            switch PartitionFolderName(entry.name) {
            case .partition:
                let contents = try disk.list(inner)
                guard contents.contains(where: Self.belongsToLog) else {
                    notice(inner, "has the name of a partition's folder and nothing of a log in it")
                    continue
                }
                isDataFolder = true
                try plan(inner, name: entry.name, contents)
            case .deleted:
                notice(inner, "is being deleted; the next start finishes it")
            case .future, .stray:
                notice(inner, "is a copy that Kafka had not put to use; it is left alone")
            case .foreign:
                if entry.name != "lost+found" {
                    notice(inner, "is no partition's folder; it is left alone")
                }
            }
        }
        let log = partitions.first { $0.name?.topic == MetadataTopic.name }
        let check = MetadataCheck(dataFolder: path, log: log, on: disk)
        dataFolder?.cluster = check.cluster
        findings += check.findings
    }

    private static func belongsToLog(_ entry: FolderEntry) -> Bool {
        switch InspectedFile(name: entry.name) {
        case .log, .offsetIndex, .timeIndex, .producerSnapshot, .leaderEpochs, .partitionMetadata:
            !entry.isFolder
        default: false
        }
    }

    private mutating func plan(
        _ folder: String, name: String, _ entries: [FolderEntry]
    ) throws(DiskError) {
        var partition: TopicPartition?
        if case .partition(let found) = PartitionFolderName(name) { partition = found }
        partitions.append(
            try PartitionPlan(
                index: partitions.count, folder: folder, name: partition, entries: entries,
                wasClosed: dataFolder?.wasClosed ?? false, on: disk))
    }

    private mutating func note(file name: String, at path: String) {
        switch InspectedFile(name: name) {
        case .foreign where name != "bootstrap.checkpoint":
            notice(path, "is no file of a broker; it is left alone")
        case .passing: notice(path, "was being written; the next start ignores it")
        case .journal: findings += readJournal(path)
        case .manifest, .changedLogs: checkHints(InspectedFile(name: name), path)
        case .log, .offsetIndex, .timeIndex, .abortedTransactions, .producerSnapshot:
            notice(path, "lies outside of any partition's folder")
        default: break
        }
    }

    /// The manifest and the lists of changed logs by themselves: what they say is a hint, and that
    /// it is old is no damage.
    private mutating func checkHints(_ kind: InspectedFile, _ path: String) {
        do throws(SideFileFault) {
            guard let bytes = try SideFileCheck.bytes(path, on: disk, isLive: options.isLive)
            else { return }
            _ = try SideFileContents.items(kind, bytes, path: path)
        } catch {
            findings.append(Finding(.damage, path, error.place, error.reason))
        }
    }

    /// Takes in what a file of the journal holds; returns what is wrong with it. A write that is
    /// not whole ends the file: only its header can be damaged.
    private mutating func readJournal(_ path: String) -> [Finding] {
        do throws(DiskError) {
            let window = try FileWindow(path, on: disk)
            do throws(SideFileFault) {
                var reader = try JournalFileReader(window)
                while let write = try reader.next() {
                    for entry in write.entries { journaled.add(entry) }
                }
                return []
            } catch {
                return [Finding(.damage, path, error.place, error.reason)]
            }
        } catch {
            return [Finding(.damage, path, .wholeFile, "cannot be read: \(error)")]
        }
    }

    private mutating func notice(_ path: String, _ reason: String) {
        findings.append(Finding(.notice, path, .wholeFile, reason))
    }

    // MARK: - Running

    /// The bytes of segments that `run` reads.
    public var byteCount: Int {
        partitions.reduce(0) { $0 + $1.segments.reduce(0) { $0 + $1.byteCount } }
    }

    /// Reads the segments on the calling thread.
    public func run(progress: (VerifyProgress) -> Void = { _ in }) -> VerifyReport {
        let queue = SegmentQueue(partitions.flatMap(\.segments))
        let total = byteCount
        queue.work(on: disk, options: options) {
            progress(VerifyProgress(bytesDone: queue.bytesDone, bytesTotal: total))
        }
        return report(queue.finished)
    }

    /// Reads the segments on threads of their own.
    ///
    /// - Parameters:
    ///   - makeDisk: a disk for each thread; called on it.
    ///   - progress: called on the calling thread, every 50 milliseconds.
    public func run(
        threads: Int, makeDisk: @escaping @Sendable () -> any Disk,
        progress: (VerifyProgress) -> Void
    ) -> VerifyReport {
        let queue = SegmentQueue(partitions.flatMap(\.segments))
        let total = byteCount
        let options = options
        WorkerThreads.run(threads) {
            progress(VerifyProgress(bytesDone: queue.bytesDone, bytesTotal: total))
        } body: { _ in
            queue.work(on: makeDisk(), options: options) {}
        }
        return report(queue.finished)
    }

    private func report(_ results: [SegmentResult]) -> VerifyReport {
        var report = VerifyReport()
        report.findings = findings + (dataFolder.map(\.findings) ?? []).filter { _ in isDataFolder }
        report.partitionCount = partitions.count
        report.fileCount = isDataFolder ? dataFolder?.fileCount ?? 0 : 0
        var left = results[...]
        var ids: [String: (id: TopicID, path: String)] = [:]
        for plan in partitions {
            let own = Array(left.prefix(plan.segments.count))
            left = left.dropFirst(plan.segments.count)
            var check = PartitionCheck(
                plan: plan, results: own, options: options, dataFolder: dataFolder,
                journaled: journaled, on: disk)
            check.run()
            report.findings += check.findings
            report.fileCount += plan.fileCount
            for result in own {
                report.byteCount += result.byteCount
                report.batchCount += result.batchCount
                report.recordCount += result.recordCount
            }
            guard let name = plan.name, let id = check.topicID else { continue }
            let path = "\(plan.folder)/\(PartitionMetadataFile.name)"
            if let first = ids[name.topic], first.id != id,
                dataFolder?.topicID(of: name.topic) == nil
            {
                report.findings.append(
                    Finding(
                        .damage, path, .line(2),
                        "the topic's id is \(id), but \(first.path) says \(first.id)"))
            }
            ids[name.topic] = ids[name.topic] ?? (id, path)
        }
        if isDataFolder { checkWhole(&report) }
        report.findings.sort { ($0.path, $0.place.order) < ($1.path, $1.place.order) }
        return report
    }

    /// What the folder should hold by what it says itself.
    private func checkWhole(_ report: inout VerifyReport) {
        guard let dataFolder else { return }
        let there = Set(partitions.compactMap(\.name))
        if let cluster = dataFolder.cluster {
            let severity = options.isLive ? Finding.Severity.notice : .damage
            for partition in cluster.topics.flatMap(\.partitions) where !there.contains(partition) {
                report.findings.append(
                    Finding(
                        severity, "\(dataFolder.path)/\(partition)", .wholeFile,
                        "is missing: the metadata names the partition"))
            }
            if let identity = dataFolder.identity, let clusterID = cluster.clusterID {
                let isSame =
                    identity.clusterID.map { $0 == clusterID } ?? true
                    && identity.nodeID.map { $0 == cluster.nodeID } ?? true
                if !isSame {
                    report.findings.append(
                        Finding(
                            .damage, "\(dataFolder.path)/\(MetaProperties.name)", .wholeFile,
                            "names another cluster or node than the metadata"))
                }
            }
        }
        let missing = dataFolder.named.subtracting(there)
        if !missing.isEmpty {
            report.findings.append(
                Finding(
                    .notice, dataFolder.path, .wholeFile,
                    "the checkpoints name \(missing.count) partitions that have no folder"))
        }
    }
}

extension Finding.Place {
    fileprivate var order: Int {
        switch self {
        case .wholeFile: -1
        case .line(let number): number
        case .byte(let position): position
        }
    }
}
