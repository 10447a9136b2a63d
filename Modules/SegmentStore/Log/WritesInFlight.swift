import Disk
import Vocabulary

/// The writes of one log that went through the disk's queue, in the order of their offsets.
///
/// They may complete in any order; what is written is what comes before the first that has not.
struct WritesInFlight {
    struct Write {
        let number: UInt64
        let end: Offset
        let endPosition: Int
        var isDone = false
    }

    private var writes: [Write] = []
    private var nextNumber: UInt64 = 0
    /// The first failure; the appends from the earliest unfinished write on are lost.
    private(set) var failure: DiskError?
    private(set) var unfinished = 0

    var isEmpty: Bool { writes.isEmpty }

    mutating func begin(end: Offset, endPosition: Int) -> UInt64 {
        nextNumber += 1
        unfinished += 1
        writes.append(Write(number: nextNumber, end: end, endPosition: endPosition))
        return nextNumber
    }

    /// Returns the last write of those that are now known to be complete with all before them.
    mutating func finish(_ number: UInt64, _ error: DiskError?) -> Write? {
        unfinished -= 1
        if let error {
            failure = failure ?? error
            return nil
        }
        guard let index = writes.firstIndex(where: { $0.number == number }) else { return nil }
        writes[index].isDone = true
        var last: Write?
        while let first = writes.first, first.isDone {
            last = first
            writes.removeFirst()
        }
        return last
    }

    /// Forgets the failed writes and those behind them.
    mutating func reset() {
        precondition(unfinished == 0, "writes are forgotten when none is under way")
        writes.removeAll()
        failure = nil
    }
}
