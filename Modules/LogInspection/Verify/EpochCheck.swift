import SegmentStore
import Vocabulary

/// Compares the leader epochs in the batches with `leader-epoch-checkpoint`. Neither has a
/// checksum, so that the one is blamed which stands alone.
struct EpochCheck {
    let runs: [SegmentResult.EpochRun]
    let checkpoint: LeaderEpochCache
    let checkpointPath: String
    let logEnd: Offset
    let isCompacted: Bool

    var findings: [Finding] {
        var findings: [Finding] = []
        for (index, run) in runs.enumerated() {
            let due = checkpoint.epoch(at: run.start)?.rawValue ?? -1
            if isOutOfOrder(index) {
                // The runs around a changed one are whole: it alone does not agree with the file.
                if due != run.epoch { findings.append(blame(run, due: due)) }
            } else if due != run.epoch, run.epoch < 0 {
                findings.append(blame(run, due: due))
            } else if due != run.epoch {
                let isKnown = checkpoint.entries.contains { $0.epoch.rawValue == run.epoch }
                let standsAlone = run.batchCount == 1 && runs.count > 1
                findings.append(
                    standsAlone && !isKnown ? blame(run, due: due) : blameCheckpoint(run, due: due))
            }
        }
        // Beside a batch whose epoch is wrong, where the others begin says nothing.
        if findings.isEmpty, !isCompacted { findings += misplacedStarts }
        if let last = checkpoint.entries.last, last.startOffset > logEnd {
            findings.append(
                Finding(
                    .damage, checkpointPath, .wholeFile,
                    "epoch \(last.epoch) begins at offset \(last.startOffset), behind the log's end, \(logEnd)"
                ))
        }
        return findings
    }

    /// Epochs that begin elsewhere in the file than in the batches.
    private var misplacedStarts: [Finding] {
        runs.compactMap { run in
            guard let entry = entry(of: run), entry.startOffset != run.start,
                entry.startOffset > runs[0].start
            else { return nil }
            return Finding(
                .damage, checkpointPath, .wholeFile,
                """
                epoch \(run.epoch) begins at offset \(entry.startOffset), the first batch that \
                carries it at \(run.start)
                """)
        }
    }

    /// Whether a run breaks the order of those around it, which ascend without it.
    private func isOutOfOrder(_ index: Int) -> Bool {
        let before = index > 0 ? runs[index - 1].epoch : Int32.min
        let behind = index + 1 < runs.count ? runs[index + 1].epoch : Int32.max
        return before <= behind && (runs[index].epoch < before || runs[index].epoch > behind)
    }

    /// The entry that a run should begin with, if it is the first with its epoch.
    private func entry(of run: SegmentResult.EpochRun) -> LeaderEpochCache.Entry? {
        guard runs.first(where: { $0.epoch == run.epoch })?.start == run.start else { return nil }
        return checkpoint.entries.first { $0.epoch.rawValue == run.epoch }
    }

    private func blame(_ run: SegmentResult.EpochRun, due: Int32) -> Finding {
        Finding(
            .damage, run.path, .byte(run.position),
            """
            the batch at offset \(run.start) has leader epoch \(run.epoch), where the partition \
            was in epoch \(due); its header is damaged
            """)
    }

    private func blameCheckpoint(_ run: SegmentResult.EpochRun, due: Int32) -> Finding {
        Finding(
            .damage, checkpointPath, .wholeFile,
            """
            says that epoch \(due) was current at offset \(run.start), where the batches have \
            epoch \(run.epoch)
            """)
    }
}
