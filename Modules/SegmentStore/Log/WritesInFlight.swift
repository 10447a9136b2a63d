import Disk
import Vocabulary

/// The writes of one log that go through the disk's queue: one at a time.
///
/// What is appended while one is under way is gathered and written after it, all at once. With
/// two under way the later one could be done and the earlier one not when the process is killed:
/// a hole, with sound batches behind it, that nothing tells from damage.
struct WritesInFlight {
    /// A run of batches in one segment.
    struct Write {
        let position: Int
        var bytes: [OwnedBytes]
        var byteCount: Int
        /// The offset behind the last of them.
        var end: Offset
    }

    /// The one that the disk has.
    private var current: Write?
    /// The next one.
    private var gathered: Write?

    var isEmpty: Bool { current == nil }

    /// Takes a write up, which follows the last one; returns it if it can start at once.
    mutating func add(_ write: Write) -> Write? {
        guard current != nil else {
            current = write
            return write
        }
        if gathered == nil {
            gathered = write
        } else {
            gathered?.bytes += write.bytes
            gathered?.byteCount += write.byteCount
            gathered?.end = write.end
        }
        return nil
    }

    /// The one under way is done; returns it and the next one to start.
    mutating func finish() -> (done: Write, next: Write?) {
        guard let done = current else { preconditionFailure("a write ends that was begun") }
        current = gathered
        gathered = nil
        return (done, current)
    }

    /// The one under way failed and is forgotten with those behind it; returns how many bytes
    /// were gathered.
    mutating func fail() -> Int {
        defer {
            current = nil
            gathered = nil
        }
        return gathered?.byteCount ?? 0
    }
}
