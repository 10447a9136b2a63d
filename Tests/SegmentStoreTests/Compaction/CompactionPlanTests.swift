import Testing
import Vocabulary

@testable import SegmentStore

struct CompactionPlanTests {
    private func sources(_ sizes: [Int], offsets: Int64 = 10) -> [CompactionPlan.Source] {
        sizes.enumerated().map { index, size in
            CompactionPlan.Source(
                number: UInt64(index), base: Offset(Int64(index) * offsets),
                end: Offset(Int64(index + 1) * offsets), byteCount: size)
        }
    }

    private func groups(
        _ sources: [CompactionPlan.Source], below end: Int64 = .max, segmentBytes: Int = 100,
        indexBytes: Int = 10 << 20, interval: Int = 4_096
    ) -> [[UInt64]] {
        CompactionPlan.groups(
            of: sources, below: Offset(end),
            CompactionPlan.GroupLimits(
                segmentBytes: segmentBytes, indexBytes: indexBytes, indexInterval: interval)
        ).map { $0.map(\.number) }
    }

    @Test
    func `neighbours are grouped up to segment bytes`() {
        #expect(groups(sources([40, 60, 1, 99, 100, 30])) == [[0, 1], [2, 3], [4], [5]])
    }

    @Test
    func `a segment that is too large by itself stays alone`() {
        #expect(groups(sources([10, 500, 10])) == [[0], [1], [2]])
    }

    @Test
    func `segments that begin behind what was mapped are left out`() {
        #expect(groups(sources([10, 10, 10]), below: 20) == [[0, 1]])
        #expect(groups(sources([10, 10, 10]), below: 21) == [[0, 1, 2]])
        #expect(groups(sources([10]), below: 0) == [])
    }

    @Test
    func `a group's offsets are told from its base with 32 bits`() {
        let far: Int64 = 1 << 30

        #expect(groups(sources([10, 10, 10], offsets: far)) == [[0, 1], [2]])
        // Without batches no offset has to be told.
        #expect(groups(sources([10, 10, 0, 0], offsets: far)) == [[0, 1, 2, 3]])
        #expect(groups(sources([0, 0, 0, 10], offsets: far)) == [[0, 1, 2], [3]])
    }

    @Test
    func `a group's index keeps its limit whatever its batches are`() {
        #expect(
            groups(sources([61, 61, 61]), segmentBytes: 1_000, indexBytes: 24, interval: 0)
                == [[0, 1], [2]])
        #expect(groups(sources([61, 61, 61]), segmentBytes: 1_000, indexBytes: 24) == [[0, 1, 2]])
    }
}
