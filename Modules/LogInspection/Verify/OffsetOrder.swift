import Records
import Vocabulary

/// Judges the base offsets of a segment's batches. They lie outside the checksums, so that a
/// changed one shows only beside its neighbours.
///
/// Where nothing was compacted, a batch begins where the one before ends. A wrong base offset makes
/// two comparisons fail: with the batch before and with the one behind. So a batch is judged
/// when the next one is known, and the one is blamed that fits neither.
struct OffsetOrder {
    struct Batch {
        let header: BatchHeader
        let position: Int
    }

    private var waiting: Batch?
    /// Where the batch that waits should begin, if nothing was removed.
    private(set) var expected: Offset
    /// Gaps that the batch behind confirms: compaction leaves them.
    private(set) var hasGaps = false
    /// The batch that waits follows damage: what it should begin with is not known.
    private var followsDamage = false

    init(base: Offset) { expected = base }

    /// Takes the next batch and tells what is wrong with the one before it.
    mutating func take(_ header: BatchHeader, at position: Int) -> (Int, String)? {
        let fault = judge(nextBase: header.baseOffset)
        waiting = Batch(header: header, position: position)
        return fault
    }

    /// Batches are missing behind the one that waits.
    mutating func noteDamage() -> (Int, String)? {
        let fault = judge(nextBase: nil)
        followsDamage = true
        return fault
    }

    /// The end of the segment; `next` is where the next one begins, `nil` for the active one.
    mutating func finish(next: Offset?) -> (Int, String)? { judge(nextBase: next, isLast: true) }

    private mutating func judge(nextBase: Offset?, isLast: Bool = false) -> (Int, String)? {
        guard let batch = waiting else { return nil }
        waiting = nil
        let base = batch.header.baseOffset
        let count = Int64(batch.header.lastOffsetDelta) + 1
        let end = Offset(base.rawValue &+ count)
        let due = expected
        let isBehindDamage = followsDamage
        followsDamage = false
        guard batch.header.hasPossibleOffsets else {
            expected = due + count
            return (batch.position, "\(base) is no offset of a log")
        }
        if base == due {
            expected = end
            guard let nextBase, nextBase < end, isLast else { return nil }
            return (
                batch.position,
                "the batch ends at offset \(end), behind the beginning of the next segment, \(nextBase)"
            )
        }
        if isBehindDamage, base > due, nextBase.map({ $0 >= end }) ?? true {
            expected = end
            return nil
        }
        // Behind a gap the next batch must not begin before this one ends.
        if base > due, let nextBase, nextBase >= end {
            expected = end
            hasGaps = true
            return nil
        }
        expected = due + count
        return (
            batch.position,
            "the batch begins at offset \(base), where \(due) comes next; its header is damaged"
        )
    }
}
