import Vocabulary

/// What reading one segment gave: as much as the check of its partition needs.
struct SegmentResult: Sendable {
    /// Batches one behind the other that carry the same leader epoch.
    struct EpochRun: Sendable, Equatable {
        /// −1 where the batches carry none.
        var epoch: Int32
        var start: Offset
        var path: String
        /// Of the first batch, in the file.
        var position: Int
        var batchCount: Int
    }

    /// Bytes of the active segment that are no sound batch: whether that is damage depends on what
    /// was durable.
    struct Doubt: Sendable, Equatable {
        var position: Int
        /// The offset that a batch would have there.
        var offset: Offset
        /// That of the sound batch that follows, if one does.
        var nextOffset: Offset?
        var reason: String
        /// Nothing sound follows.
        var isTail: Bool
        /// Bytes that a crash may leave: the file ends too early, or a sector never reached the
        /// device.
        var looksTorn: Bool
    }

    var batchCount = 0
    var recordCount = 0
    var byteCount = 0
    /// The base offset of the first batch.
    var first: Offset?
    /// The offset behind the last batch; `nil` without any.
    var end: Offset?
    /// Batches or offsets are missing in the way that compaction leaves them.
    var isCompacted = false
    var epochRuns: [EpochRun] = []
    var doubts: [Doubt] = []
    /// That the index leaves out entries, unless the log turns out to be compacted.
    var sparseIndex: Finding?
    /// A batch that overlaps what follows it or lies behind a gap that nothing confirms.
    var findings: [Finding] = []
    /// Findings beyond the limit.
    var leftOut = 0

    mutating func note(_ finding: Finding, limit: Int) {
        if findings.count < limit { findings.append(finding) } else { leftOut += 1 }
    }

    mutating func noteEpoch(
        _ epoch: LeaderEpoch?, at offset: Offset, _ path: String, _ position: Int
    ) {
        let number = epoch?.rawValue ?? -1
        if let last = epochRuns.last, last.epoch == number {
            epochRuns[epochRuns.count - 1].batchCount += 1
        } else if epochRuns.count < Self.runLimit {
            epochRuns.append(
                EpochRun(
                    epoch: number, start: offset, path: path, position: position, batchCount: 1))
        }
    }

    /// More leader epochs than that in one segment are not compared.
    private static let runLimit = 100_000
}
