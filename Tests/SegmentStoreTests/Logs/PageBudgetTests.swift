import Disk
import Testing

@testable import SegmentStore

struct PageBudgetTests {
    private let closer = FileCloser()

    private func file(_ number: Int32) -> SegmentFile {
        SegmentFile(id: FileID(number), path: "/\(number).log", descriptor: nil, closer: closer)
    }

    @Test
    func `files that are synced in turn have a piece each that grows`() {
        var budget = PageBudget(limit: 1 << 20, pieceBytes: 10_000)
        let files = (0..<10).map { file($0) }

        for round in 0..<1_000 {
            for file in files { budget.add(file, round * 100..<round * 100 + 100) }
        }

        #expect(budget.byteCount == 1_000_000)
        #expect(budget.pieceCount <= 110)
        budget.forget(files[3])
        #expect(budget.byteCount == 900_000)
    }

    @Test
    func `the oldest pages go first, each once, and what is forgotten not at all`() {
        var budget = PageBudget(limit: 1_000, pieceBytes: 400)
        let files = (0..<3).map { file($0) }
        for round in 0..<10 {
            for file in files { budget.add(file, round * 100..<round * 100 + 100) }
        }
        budget.forget(files[1])

        var dropped: [(FileID, Range<Int>)] = []
        while let (file, range) = budget.next() { dropped.append((file.id, range)) }

        #expect(budget.byteCount <= 1_000)
        #expect(dropped.map(\.0) == [FileID(0), FileID(2), FileID(0)])
        #expect(dropped.map(\.1) == [0..<400, 0..<400, 400..<800])
        // What follows a piece that went is another piece.
        budget.add(files[0], 1_000..<2_000)
        budget.add(files[1], 1_000..<1_100)
        while let (file, range) = budget.next() { dropped.append((file.id, range)) }
        #expect(dropped.count == 5)
        #expect(Set(dropped.map { "\($0)" }).count == 5)
    }

    @Test
    func `pages of a file that was closed count until their turn comes`() {
        var budget = PageBudget(limit: 500, pieceBytes: 100)
        var first: SegmentFile? = file(1)
        let second = file(2)
        if let first { budget.add(first, 0..<400) }
        budget.add(second, 0..<300)
        first = nil

        #expect(budget.byteCount == 700)
        #expect(budget.next() == nil)
        #expect(budget.byteCount == 300)
    }

    @Test
    func `files that are opened for each small write leave few pieces`() {
        var budget = PageBudget(limit: 1 << 20, pieceBytes: 10_000)
        let lasting = file(0)

        for round in 0..<20_000 {
            budget.add(file(1), round * 10..<round * 10 + 10)
            let forgotten = file(2)
            budget.add(forgotten, 0..<10)
            budget.forget(forgotten)
            budget.add(lasting, round * 10..<round * 10 + 10)
        }

        #expect(budget.byteCount == 400_000)
        #expect(budget.pieceCount < 2_000)
    }
}
