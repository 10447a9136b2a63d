import NIOCore

/// Remembers what reading cold data brought into memory, and says what should leave it again.
///
/// A backfill reads everything once. Left alone, its pages would push out the tail of the logs,
/// which everybody reads. So a bounded amount stays, for another reader close behind; beyond it
/// the oldest is let go, but nothing that a region of any reader still covers. What was in memory
/// before is not entered here and never dropped. Pure.
struct ColdFootprint<Pages: CachedPages> {
    let limit: Int
    private var pages = CircularBuffer<Pages>()
    private(set) var byteCount = 0

    init(limit: Int) { self.limit = limit }

    mutating func add(_ added: Pages) {
        pages.append(added)
        byteCount += added.range.count
    }

    /// Takes out what should leave memory now: the oldest beyond the limit, or all of it where
    /// nobody has read for a while.
    mutating func takeExcess(all: Bool = false) -> [Pages] {
        let limit = all ? 0 : limit
        var excess: [Pages] = []
        var looks = pages.count
        while byteCount > limit, looks > 0, let oldest = pages.popFirst() {
            looks -= 1
            if oldest.isLent {
                pages.append(oldest)
            } else {
                byteCount -= oldest.range.count
                excess.append(oldest)
            }
        }
        return excess
    }
}

/// A range of a file in the page cache.
protocol CachedPages {
    /// In bytes.
    var range: Range<Int> { get }
    /// Whether somebody is about to send bytes of it.
    var isLent: Bool { get }
}
