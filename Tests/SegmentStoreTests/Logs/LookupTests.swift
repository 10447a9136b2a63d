import Compression
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

struct LookupTests {
    @Test(arguments: Codec.allCases)
    func `a timestamp leads to the first record that is not older, inside its batch`(
        _ codec: Codec
    ) throws {
        var settings = LogSettings()
        settings.segmentBytes = 8_000
        var random = SeededRandom(seed: UInt64(codec.rawValue))
        let bench = try LogBench(settings: settings)
        let compressor = Compressor()
        var records: [Int64] = []
        for _ in 0..<80 {
            var builder = BatchBuilder(attributes: BatchAttributes(codec: codec))
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                // Not sorted, and drifting.
                let time = Int64(records.count) * 10 + Int64.random(in: 0...2_000, using: &random)
                builder.append(
                    key: nil, value: Array(repeating: 7, count: 60), timestamp: Timestamp(time))
                records.append(time)
            }
            try bench.append(try builder.build(compressor: compressor))
        }
        #expect(bench.log.logEnd.rawValue == Int64(records.count))

        for wanted in stride(from: 0, to: 6_000, by: 37) as StrideTo<Int64> {
            for end in [records.count, records.count / 2] {
                let expected = records[..<end].firstIndex { $0 >= wanted }
                let found = try bench.log.lookup(
                    timestamp: Timestamp(wanted), upTo: Offset(Int64(end)))
                #expect(found?.offset.rawValue == expected.map(Int64.init), "\(wanted)")
                #expect(found?.timestamp.rawValue == expected.map { records[$0] })
                #expect(found == nil || found?.leaderEpoch == LogBench.epoch)
            }
        }
        let largest = try #require(records.max())
        let found = try bench.log.offsetOfMaxTimestamp(upTo: bench.log.logEnd)
        #expect(found?.offset.rawValue == records.firstIndex(of: largest).map(Int64.init))
        #expect(found?.timestamp == Timestamp(largest))
    }

    @Test
    func `the largest timestamp below a bound is that of a record below it`() throws {
        let bench = try LogBench()
        for time in [500, 900, 300, 2_000, 100] as [Int64] {
            try bench.append(TestBatch.make(timestamps: [time]))
        }

        let found = try bench.log.offsetOfMaxTimestamp(upTo: Offset(3))
        let all = try bench.log.offsetOfMaxTimestamp(upTo: Offset(5))
        let none = try bench.log.offsetOfMaxTimestamp(upTo: Offset(0))

        #expect(found?.offset == Offset(1))
        #expect(all?.offset == Offset(3))
        #expect(none == nil)
    }

    @Test
    func `an empty log has no timestamps`() throws {
        let bench = try LogBench()

        #expect(try bench.log.lookup(timestamp: Timestamp(0), upTo: Offset(9)) == nil)
        #expect(try bench.log.offsetOfMaxTimestamp(upTo: Offset(9)) == nil)
    }

    @Test
    func `leader epochs end where the next began`() throws {
        let bench = try LogBench()
        for _ in 0..<3 { try bench.append(TestBatch.make()) }
        try bench.log.updateLeaderEpoch(LeaderEpoch(7))
        let batch = TestBatch.make()
        try bench.log.append(
            TestBatch.header(batch), bytes: [OwnedBytes(batch)], leaderEpoch: LeaderEpoch(7),
            now: bench.now)

        #expect(bench.log.latestEpoch == LeaderEpoch(7))
        #expect(bench.log.epochEnd(for: LogBench.epoch)?.endOffset == Offset(3))
        #expect(bench.log.epochEnd(for: LeaderEpoch(5))?.epoch == LogBench.epoch)
        #expect(bench.log.epochEnd(for: LeaderEpoch(7))?.endOffset == Offset(4))
        #expect(bench.log.epochEnd(for: LeaderEpoch(8)) == nil)
        #expect(bench.log.leaderEpoch(at: Offset(2)) == LogBench.epoch)
    }
}
