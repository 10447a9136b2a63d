import Vocabulary

/// What one compaction of a log works on: values only, fit for another thread.
public struct CompactionPlan: Sendable {
    /// A closed segment as it was when the plan was made.
    struct Source: Sendable, Hashable {
        /// The segment's number in its store: another segment in its place has another.
        let number: UInt64
        let base: Offset
        /// The base offset of the segment that follows.
        let end: Offset
        let byteCount: Int
    }

    /// The last a log knows of a producer.
    struct LastOfProducer: Sendable, Hashable {
        /// The last offset of its last batch; `nil` if only a marker is known.
        let lastOffset: Offset?
        let epoch: ProducerEpoch?
    }

    /// What a group of segments may have to be merged into one.
    struct GroupLimits: Sendable, Hashable {
        let segmentBytes: Int
        let indexBytes: Int
        let indexInterval: Int
    }

    /// The log that the plan is for.
    public let topicPartition: TopicPartition
    /// What is compacted, and why; `Log.beginCompaction` was given it.
    public let candidate: CompactionCandidate
    /// Tells the plan from the log's other ones.
    let number: UInt64
    let folder: String
    /// The log's first segment and all that follow below `candidate.end`.
    let sources: [Source]
    let producers: [ProducerID: LastOfProducer]
    let limits: GroupLimits
    /// The horizon of tombstones that have none yet.
    let newHorizon: Timestamp
    let now: Timestamp
    let decompressedBatchLimit: Int
    let reservedBytes: Int

    /// Neighbours that make one segment: those that begin below `end`, the first of a group with as
    /// many of the following as keep size, index and span of offsets within their limits.
    static func groups(
        of sources: [Source], below end: Offset, _ limits: GroupLimits
    ) -> [[Source]] {
        var groups: [[Source]] = []
        var byteCount = 0
        let byteLimit = min(limits.segmentBytes, Int(Int32.max))
        for source in sources where source.base < end {
            if let first = groups.last?.first {
                let merged = byteCount + source.byteCount
                // Without batches no offset has to be told from the base.
                let spanFits =
                    source.byteCount == 0 || source.end - first.base - 1 <= Int64(Int32.max)
                if merged <= byteLimit, indexByteCount(merged, limits) <= limits.indexBytes,
                    spanFits
                {
                    groups[groups.count - 1].append(source)
                    byteCount = merged
                    continue
                }
            }
            groups.append([source])
            byteCount = source.byteCount
        }
        return groups
    }

    /// The most bytes that an index of so many bytes of batches can have: the entries lie more
    /// than the interval apart, and no two lead to the same batch, of at least 61 bytes.
    private static func indexByteCount(_ byteCount: Int, _ limits: GroupLimits) -> Int {
        byteCount / max(61, limits.indexInterval + 1) * TimeIndex.entryByteCount
    }
}

/// A group of segments that was compacted and waits to be put in place, by `Log.replace`.
public struct CompactedGroup: Sendable {
    let plan: UInt64
    let sources: [CompactionPlan.Source]
    /// Which files the new segment has, ending in `.cleaned`.
    let kinds: [SegmentName.Kind]
    let byteCount: Int
}

/// What a compaction did.
public struct CompactionResult: Sendable, Hashable {
    /// Everything below was compacted; the log's next candidate begins here.
    public var cleanedEnd: Offset
    /// Records of the segments that were gone through, markers and aborted ones included.
    public var recordsRead = 0
    /// Those that stay, markers included.
    public var recordsKept = 0
    /// Records without a key, which no compacted topic takes: they are dropped, as Kafka does.
    public var recordsWithoutKey = 0
    /// Batches as often as they were read: once for their keys, once or twice for what stays.
    public var bytesRead = 0
    /// Batches in new segments; their indexes are not counted.
    public var bytesWritten = 0
    /// How many segments there were, and how many take their place.
    public var segmentsBefore = 0
    /// The ones that stay as they were included.
    public var segmentsAfter = 0
}
