import SegmentStore
import Testing
import Vocabulary

struct LeaderEpochCacheTests {
    @Test
    func `only a new epoch is news`() {
        var cache = LeaderEpochCache()

        let news = [(2, 10), (2, 10), (2, 11), (3, 12)].map { epoch, offset in
            cache.assign(LeaderEpoch(epoch), at: Offset(offset))
        }

        #expect(news == [true, false, false, true])
        #expect(pairs(cache) == [[2, 10], [3, 12]])
    }

    @Test
    func `an epoch that begins again earlier takes the earlier start`() {
        var cache = cache((2, 10))

        let isNews = cache.assign(LeaderEpoch(2), at: Offset(8))

        #expect(isNews)
        #expect(pairs(cache) == [[2, 8]])
    }

    @Test(arguments: [
        (4, 15, [[1, 0], [3, 10], [4, 15]]),  // epoch 5 began later and is contradicted
        (6, 20, [[1, 0], [3, 10], [6, 20]]),  // nothing was written in epoch 5
        (3, 5, [[1, 0], [3, 5]]),
        (2, 30, [[1, 0], [2, 30]]),
        (0, 0, [[0, 0]]),
        (9, 0, [[9, 0]]),
    ])
    func `an assignment drops what contradicts it`(
        _ epoch: Int32, _ offset: Int64, _ expected: [[Int64]]
    ) {
        var cache = cache((1, 0), (3, 10), (5, 20))

        cache.assign(LeaderEpoch(epoch), at: Offset(offset))

        #expect(pairs(cache) == expected)
    }

    @Test(arguments: [
        (0, 0, 4),  // before the first known epoch: that epoch, ending where the first begins
        (1, 1, 10), (2, 1, 10), (3, 3, 20), (4, 3, 20), (5, 5, 99),
    ])
    func `an epoch ends where the next known one begins`(
        _ requested: Int32, _ epoch: Int32, _ end: Int64
    ) throws {
        let cache = cache((1, 4), (3, 10), (5, 20))

        let answer = try #require(cache.endOffset(for: LeaderEpoch(requested), logEnd: Offset(99)))

        #expect(answer.epoch == LeaderEpoch(epoch))
        #expect(answer.endOffset == Offset(end))
    }

    @Test
    func `an epoch above the latest has no end and neither has any of an empty log`() {
        #expect(cache((1, 4)).endOffset(for: LeaderEpoch(2), logEnd: Offset(9)) == nil)
        #expect(LeaderEpochCache().endOffset(for: .zero, logEnd: .zero) == nil)
    }

    @Test(arguments: [(3, nil), (4, 1), (9, 1), (10, 3), (500, 5)] as [(Int64, Int32?)])
    func `an offset belongs to the epoch that began at or before it`(
        _ offset: Int64, _ epoch: Int32?
    ) {
        let cache = cache((1, 4), (3, 10), (5, 20))

        #expect(cache.epoch(at: Offset(offset)) == epoch.map { LeaderEpoch($0) })
    }

    @Test(arguments: [
        (25, false, [[1, 0], [3, 10], [5, 20]]), (20, true, [[1, 0], [3, 10]]),
        (11, true, [[1, 0], [3, 10]]), (10, true, [[1, 0]]), (0, true, []),
    ])
    func `cutting the end drops the epochs that began there or later`(
        _ end: Int64, _ changes: Bool, _ expected: [[Int64]]
    ) {
        var cache = cache((1, 0), (3, 10), (5, 20))

        let changed = cache.truncateFromEnd(Offset(end))

        #expect(changed == changes)
        #expect(pairs(cache) == expected)
    }

    @Test(arguments: [
        (0, false, [[1, 0], [3, 10], [5, 20]]), (9, true, [[1, 9], [3, 10], [5, 20]]),
        (10, true, [[3, 10], [5, 20]]), (15, true, [[3, 15], [5, 20]]), (99, true, [[5, 99]]),
    ])
    func `cutting the start keeps the epoch that goes on there`(
        _ start: Int64, _ changes: Bool, _ expected: [[Int64]]
    ) {
        var cache = cache((1, 0), (3, 10), (5, 20))

        let changed = cache.truncateFromStart(Offset(start))

        #expect(changed == changes)
        #expect(pairs(cache) == expected)
    }

    @Test
    func `cutting the start before the first epoch changes nothing`() {
        var cache = cache((1, 5))

        let changed = cache.truncateFromStart(Offset(3))

        #expect(!changed)
        #expect(pairs(cache) == [[1, 5]])
    }

    @Test(arguments: [
        (0, false, [[1, 0], [3, 10], [5, 20]]), (10, false, [[1, 0], [3, 10], [5, 20]]),
        (11, true, [[3, 10], [5, 20]]), (20, true, [[3, 10], [5, 20]]), (99, true, [[5, 20]]),
    ])
    func `forgetting keeps the epoch of the last offset below the start`(
        _ start: Int64, _ changes: Bool, _ expected: [[Int64]]
    ) {
        var cache = cache((1, 0), (3, 10), (5, 20))

        let changed = cache.forget(before: Offset(start))

        #expect(changed == changes)
        #expect(pairs(cache) == expected)
    }

    private func cache(_ entries: (Int32, Int64)...) -> LeaderEpochCache {
        LeaderEpochCache(
            entries.map {
                LeaderEpochCache.Entry(epoch: LeaderEpoch($0.0), startOffset: Offset($0.1))
            })
    }

    private func pairs(_ cache: LeaderEpochCache) -> [[Int64]] {
        cache.entries.map { [Int64($0.epoch.rawValue), $0.startOffset.rawValue] }
    }
}
