import Vocabulary

/// What of a log could be compacted now, and whether it is worth it.
public struct CompactionCandidate: Sendable, Hashable {
    /// Where the part begins that was not compacted before.
    public let firstDirtyOffset: Offset
    /// Where the part ends that may be compacted, between two segments.
    public let end: Offset
    /// Bytes below `firstDirtyOffset`, in whole segments.
    public let cleanByteCount: Int
    /// Bytes from there to `end`, likewise; more than 0.
    public let dirtyByteCount: Int
    /// Whether the dirty ratio or the longest lag says that it is time.
    public let isDue: Bool

    /// The share that was not compacted before: the log with the largest is compacted first.
    public var dirtyRatio: Double {
        Double(dirtyByteCount) / Double(cleanByteCount + dirtyByteCount)
    }

    init(
        firstDirtyOffset: Offset, end: Offset, cleanByteCount: Int, dirtyByteCount: Int,
        isOverdue: Bool, minDirtyRatio: Double
    ) {
        self.firstDirtyOffset = firstDirtyOffset
        self.end = end
        self.cleanByteCount = cleanByteCount
        self.dirtyByteCount = dirtyByteCount
        let ratio = Double(dirtyByteCount) / Double(cleanByteCount + dirtyByteCount)
        isDue = isOverdue || ratio > minDirtyRatio
    }
}
