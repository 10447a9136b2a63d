import NIOCore
import Testing

@testable import Broker

@Suite("Whose cold records are read next")
struct ColdReadQueueTests {
    @Test
    func `readers take turns, however much each wants`() {
        var queue = ColdReadQueue(pieceBytes: 100)
        _ = queue.add([0..<1_000], for: 1)
        _ = queue.add([0..<150], for: 2)

        let pieces = (0..<5).compactMap { _ in queue.next() }
        let order = pieces.map { [$0.job.number, $0.range.count] }

        #expect(order == [[1, 100], [2, 100], [1, 100], [2, 50], [1, 100]])
    }

    @Test
    func `a second request of one reader does not get it a second turn`() {
        var queue = ColdReadQueue(pieceBytes: 100)
        _ = queue.add([0..<200], for: 1)
        _ = queue.add([0..<200], for: 1)
        _ = queue.add([0..<200], for: 2)

        let order = (0..<6).compactMap { _ in queue.next()?.job.number }

        #expect(order == [1, 3, 1, 3, 2, 2])
    }

    @Test
    func `a job is done when its last piece has come back, and not before`() {
        var queue = ColdReadQueue(pieceBytes: 100)
        _ = queue.add([0..<150, 500..<520], for: 1)
        let pieces = (0..<3).compactMap { _ in queue.next() }
        #expect(pieces.map(\.range) == [0..<100, 100..<150, 500..<520])
        #expect(pieces.map(\.rangeIndex) == [0, 0, 1])

        let another = queue.next()
        let done = [2, 0, 1].map { queue.finished(pieces[$0]) }

        #expect(another == nil)
        #expect(done == [false, false, true])
        #expect(queue.isEmpty)
    }

    @Test
    func `a job with pieces left is not done by those that came back`() {
        var queue = ColdReadQueue(pieceBytes: 100)
        _ = queue.add([0..<200], for: 1)
        var done: [Bool] = []
        while let piece = queue.next() { done.append(queue.finished(piece)) }

        #expect(done == [false, true])
    }

    @Test
    func `nothing is read for a reader that has left`() {
        var queue = ColdReadQueue(pieceBytes: 100)
        let job = queue.add([0..<200], for: 1)
        _ = queue.add([0..<50], for: 2)
        let first = queue.next()

        let given = queue.remove(reader: 1)
        let isDone = first.map { queue.finished($0) }
        let left = (0..<2).map { _ in queue.next()?.job.number }

        #expect(given == [job])
        #expect(isDone == false)
        #expect(left == [2, nil])
    }
}

@Suite("The pace of cold reads")
struct ReadPaceTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test
    func `without a bound everything may begin at once`() {
        var pace = ReadPace(bytesPerSecond: nil)

        let begins = (0..<100).map { _ in pace.reserve(1 << 30, now: start) }

        #expect(begins.allSatisfy { $0 == start })
    }

    @Test
    func `after the credit each piece waits for those before it`() {
        var pace = ReadPace(bytesPerSecond: 1_000_000)

        let begins = (0..<5).map { _ in pace.reserve(10_000, now: start) - start }

        // 20 ms of credit are two pieces of 10 ms; the third begins right behind them.
        let milliseconds = begins.map { $0.nanoseconds / 1_000_000 }
        #expect(milliseconds == [0, 0, 0, 10, 20])
    }

    @Test
    func `idle time gives no more credit than a moment's`() {
        var pace = ReadPace(bytesPerSecond: 1_000_000)
        _ = pace.reserve(100_000, now: start)
        let later = start + .hours(1)

        let begins = (0..<4).map { _ in pace.reserve(10_000, now: later) }

        #expect(begins[..<3].allSatisfy { $0 == later })
        #expect(begins[3] > later)
    }

    @Test(arguments: [1_048_576, 104_857_600, 1 << 40])
    func `over time the rate is met whatever the size of the pieces`(rate: Int) {
        var pace = ReadPace(bytesPerSecond: rate)
        var bytes = 0
        var now = start
        var size = 1

        while now < start + .seconds(10) {
            now = pace.reserve(size, now: now)
            bytes += size
            size = size * 7 % 1_000_003
        }

        let seconds = Double((now - start).nanoseconds) / 1e9
        #expect(abs(Double(bytes) / seconds / Double(rate) - 1) < 0.2)
    }
}

@Suite("What cold reads leave in memory")
struct ColdFootprintTests {
    private final class Pages: CachedPages {
        let range: Range<Int>
        var isLent: Bool

        init(_ range: Range<Int>, isLent: Bool = false) {
            self.range = range
            self.isLent = isLent
        }
    }

    @Test
    func `the oldest leaves when there is more than the limit`() {
        var footprint = ColdFootprint<Pages>(limit: 250)
        for start in 0..<4 { footprint.add(Pages(start * 100..<start * 100 + 100)) }

        let first = footprint.takeExcess()
        let second = footprint.takeExcess()

        #expect(first.map(\.range) == [0..<100, 100..<200])
        #expect(second.isEmpty)
        #expect(footprint.byteCount == 200)
    }

    @Test
    func `what a reader is about to send stays, and leaves when it was sent`() {
        var footprint = ColdFootprint<Pages>(limit: 100)
        let lent = Pages(0..<100, isLent: true)
        footprint.add(lent)
        footprint.add(Pages(100..<200))
        footprint.add(Pages(200..<300))

        let first = footprint.takeExcess()
        footprint.add(Pages(300..<400))
        lent.isLent = false
        let second = footprint.takeExcess()

        #expect(first.map(\.range) == [100..<200, 200..<300])
        #expect(second.map(\.range) == [0..<100])
    }

    @Test
    func `all of it leaves when nobody reads, but for what is being sent`() {
        var footprint = ColdFootprint<Pages>(limit: 1_000)
        footprint.add(Pages(0..<100, isLent: true))
        footprint.add(Pages(100..<200))

        let excess = footprint.takeExcess(all: true)

        #expect(excess.map(\.range) == [100..<200])
        #expect(footprint.byteCount == 100)
    }
}
