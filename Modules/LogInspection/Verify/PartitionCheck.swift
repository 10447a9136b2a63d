import Disk
import Metadata
import SegmentStore
import Vocabulary

/// Puts the results of a partition's segments together and compares them with the small files
/// beside them and with the checkpoints of the data folder.
struct PartitionCheck {
    let plan: PartitionPlan
    let results: [SegmentResult]
    let options: VerifyOptions
    /// What the data folder says; `nil` for a partition's folder by itself.
    let dataFolder: DataFolderFiles?
    let journaled: JournaledOffsets
    let disk: any Disk

    private(set) var findings: [Finding] = []
    /// The offset behind the last record.
    private(set) var logEnd: Offset
    private(set) var topicID: TopicID?
    /// Batches are missing between segments.
    private var lacksRecords = false
    /// What the log's cuts say of checkpoints.
    private var cuts: LogCuts?

    init(
        plan: PartitionPlan, results: [SegmentResult], options: VerifyOptions,
        dataFolder: DataFolderFiles?, journaled: JournaledOffsets, on disk: any Disk
    ) {
        self.plan = plan
        self.results = results
        self.options = options
        self.dataFolder = dataFolder
        self.journaled = journaled
        self.disk = disk
        logEnd = results.last?.end ?? plan.segments.last?.base ?? .zero
    }

    mutating func run() {
        findings += plan.findings
        if plan.segments.isEmpty {
            findings.append(Finding(.damage, plan.folder, .wholeFile, "has no segments"))
        }
        checkIdentity()
        checkIncarnation()
        for (segment, result) in zip(plan.segments, results) { take(result, of: segment) }
        checkSnapshots()
        checkEpochs()
        if let dataFolder, let name = plan.name { checkpoints(dataFolder, name) }
    }

    var isCompacted: Bool {
        let isCleaned = plan.name.flatMap { dataFolder?.offset(.cleaner, of: $0) } != nil
        return isCleaned || results.contains(where: \.isCompacted)
    }

    // MARK: - Segments

    private mutating func take(_ result: SegmentResult, of segment: SegmentPlan) {
        let path = segment.path(.log)
        findings += result.findings
        if result.leftOut > 0 {
            findings.append(
                Finding(.damage, path, .wholeFile, "\(result.leftOut) more findings are left out"))
        }
        if let sparse = result.sparseIndex, !isCompacted { findings.append(sparse) }
        for doubt in result.doubts { findings.append(judge(doubt, path)) }
        let end = result.end ?? segment.base
        let isDamaged = result.findings.contains { $0.path == path }
        if let next = segment.next, end < next, !isCompacted, !isDamaged {
            lacksRecords = true
            findings.append(
                Finding(
                    .damage, path, .byte(result.byteCount),
                    "the records from offset \(end) up to the next segment, at \(next), are missing"
                ))
        }
    }

    /// A crash may leave a torn tail beyond what was durable, and holes that the journal fills: the
    /// next start mends both.
    private func judge(_ doubt: SegmentResult.Doubt, _ path: String) -> Finding {
        if options.isLive, doubt.isTail {
            return Finding(
                .notice, path, .byte(doubt.position),
                "\(doubt.reason); the broker may be writing it at this moment")
        }
        var point = plan.name.flatMap { dataFolder?.offset(.recoveryPoint, of: $0) } ?? .zero
        if let cuts { point = cuts.believed(point) }
        guard let dataFolder, !dataFolder.wasClosed, doubt.offset >= point,
            (doubt.isTail && doubt.looksTorn) || isJournaled(doubt)
        else { return Finding(.damage, path, .byte(doubt.position), doubt.reason) }
        return Finding(
            .notice, path, .byte(doubt.position),
            "\(doubt.reason): as a crash leaves it; the next start mends it")
    }

    private func isJournaled(_ doubt: SegmentResult.Doubt) -> Bool {
        guard let name = plan.name, let id = topicID ?? dataFolder?.topicID(of: name.topic)
        else { return false }
        return journaled.cover(
            from: doubt.offset, to: doubt.nextOffset,
            of: JournaledPartition(topicID: id, partition: name.partition))
    }

    // MARK: - Small files

    /// All batches were read: what the small files say can be compared with them.
    private var isWhole: Bool {
        !lacksRecords && results.allSatisfy { $0.findings.isEmpty && $0.doubts.isEmpty }
    }

    private mutating func checkSnapshots() {
        for offset in plan.snapshots {
            let path = "\(plan.folder)/\(ProducerSnapshot.name(at: offset))"
            do throws(SideFileFault) {
                guard let bytes = try SideFileCheck.bytes(path, on: disk, isLive: options.isLive)
                else { continue }
                let snapshot = try SideFileCheck.snapshot(bytes, path: path)
                for (index, entry) in snapshot.entries.enumerated() {
                    let last = entry.lastBatch?.lastOffset ?? entry.ongoingTransactionStart
                    guard let last, max(last, entry.ongoingTransactionStart ?? last) >= offset
                    else { continue }
                    throw SideFileFault(
                        .byte(10 + index * 46),
                        "producer \(entry.producerID) is at offset \(last), behind the snapshot's")
                }
                // Those above the end are left by a cut: the next start removes them.
                if offset > logEnd, isWhole, !options.isLive {
                    throw SideFileFault(
                        .wholeFile, "lies behind the log's end, offset \(logEnd)")
                }
            } catch {
                findings.append(Finding(.damage, path, error.place, error.reason))
            }
        }
    }

    private mutating func checkEpochs() {
        let runs = results.flatMap(\.epochRuns).reduce(into: [SegmentResult.EpochRun]()) {
            if let last = $0.last, last.epoch == $1.epoch {
                $0[$0.count - 1].batchCount += $1.batchCount
            } else {
                $0.append($1)
            }
        }
        guard let path = plan.sideFiles[.leaderEpochs] else {
            if !runs.isEmpty {
                findings.append(
                    Finding(
                        .notice, plan.folder, .wholeFile,
                        "has no \(LeaderEpochCheckpoint.name); it is made anew from the batches"))
            }
            return
        }
        do throws(SideFileFault) {
            guard let bytes = try SideFileCheck.bytes(path, on: disk, isLive: options.isLive)
            else { return }
            let epochs = try SideFileCheck.epochs(bytes, path: path)
            // What a damaged batch says of its offset and epoch is worth nothing.
            guard isWhole else { return }
            findings +=
                EpochCheck(
                    runs: runs, checkpoint: epochs, checkpointPath: path,
                    logEnd: options.isLive ? .limit : logEnd, isCompacted: isCompacted
                ).findings
        } catch {
            findings.append(Finding(.damage, path, error.place, error.reason))
        }
    }

    private mutating func checkIncarnation() {
        guard let path = plan.sideFiles[.incarnation] else { return }
        do throws(SideFileFault) {
            if let bytes = try SideFileCheck.bytes(path, on: disk, isLive: options.isLive) {
                do throws(SideFileError) {
                    cuts = try LogCuts(parsing: bytes, path: path)
                } catch {
                    throw SideFileFault(error)
                }
            }
        } catch {
            findings.append(Finding(.damage, path, error.place, error.reason))
        }
    }

    private mutating func checkIdentity() {
        guard let path = plan.sideFiles[.partitionMetadata] else { return }
        do throws(SideFileFault) {
            guard let bytes = try SideFileCheck.bytes(path, on: disk, isLive: options.isLive)
            else { return }
            let id = try SideFileCheck.topicID(bytes, path: path)
            topicID = id
            guard let name = plan.name, let due = dataFolder?.topicID(of: name.topic), due != id
            else { return }
            throw SideFileFault(
                .line(2), "the topic's id is \(id), the metadata names \(due)")
        } catch {
            findings.append(Finding(.damage, path, error.place, error.reason))
        }
    }

    // MARK: - Checkpoints

    private mutating func checkpoints(_ dataFolder: DataFolderFiles, _ name: TopicPartition) {
        guard isWhole, !options.isLive else {
            return  // what is missing at the end is told of already, or is still being written
        }
        if dataFolder.wasClosed, dataFolder.has(.recoveryPoint), name.topic != MetadataTopic.name,
            dataFolder.offset(.recoveryPoint, of: name) == nil
        {
            findings.append(
                Finding(
                    .damage, dataFolder.path(.recoveryPoint), .wholeFile,
                    "does not name \(name), though the folder was left in order"))
        }
        for kind in [OffsetCheckpointFile.Kind.recoveryPoint, .highWatermark, .logStart, .cleaner] {
            guard let offset = dataFolder.offset(kind, of: name) else { continue }
            let isWrong =
                offset > logEnd
                || (kind == .recoveryPoint && dataFolder.wasClosed && offset != logEnd)
            guard isWrong else { continue }
            findings.append(
                Finding(
                    .damage, dataFolder.path(kind), .wholeFile,
                    "says \(offset) of \(name), whose log ends at offset \(logEnd)"))
        }
    }
}
