import SegmentStore
import Vocabulary

/// Which offsets the journals of a data folder hold batches of: what a crash left unsound in a
/// segment, the next start writes again from there.
struct JournaledOffsets: Sendable {
    /// Behind its last offset, by each batch's first.
    private var ends: [JournaledPartition: [Offset: Offset]] = [:]

    mutating func add(_ entry: JournalFileReader.Entry) {
        guard let header = entry.header, header.byteCount == entry.byteCount else { return }
        let partition = JournaledPartition(topicID: entry.topicID, partition: entry.partition)
        // The header's own base offset may not be filled in.
        ends[partition, default: [:]][entry.baseOffset] =
            entry.baseOffset + Int64(header.lastOffsetDelta) + 1
    }

    /// Whether journaled batches begin at `start` and reach up to the sound batch at `end`; `nil`
    /// where none follows: then the first is enough.
    func cover(from start: Offset, to end: Offset?, of partition: JournaledPartition) -> Bool {
        guard let batches = ends[partition], var next = batches[start] else { return false }
        guard let end else { return true }
        while next < end {
            guard let further = batches[next], further > next else { return false }
            next = further
        }
        return next == end
    }
}
