import Disk
@testable import SegmentStore
import Simulation
import Testing
import Vocabulary

struct RollTests {
    @Test
    func `a batch that would exceed the segment's size goes to a new one`() throws {
        let batch = TestBatch.make()
        var settings = LogSettings()
        settings.segmentBytes = 3 * batch.count
        let bench = try LogBench(settings: settings)

        for _ in 0..<3 { try bench.append(batch) }
        #expect(bench.log.segmentCount == 1)
        try bench.append(batch)

        #expect(bench.log.segmentCount == 2)
        #expect(
            try bench.names() == [
                "00000000000000000000.index", "00000000000000000000.log",
                "00000000000000000000.timeindex", "00000000000000000003.index",
                "00000000000000000003.log", "00000000000000000003.snapshot",
                "00000000000000000003.timeindex", "leader-epoch-checkpoint",
                "partition.metadata",
            ])
    }

    @Test
    func `a batch larger than a segment may be gets one of its own`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 500
        let bench = try LogBench(settings: settings)

        for _ in 0..<3 { try bench.append(TestBatch.make(valueBytes: 2_000)) }

        #expect(bench.log.segmentCount == 3)
        #expect(try bench.headers(in: bench.readAll()).count == 3)
    }

    @Test
    func `a segment is rolled by the age between its records' timestamps`() throws {
        var settings = LogSettings()
        settings.segmentMilliseconds = 1_000
        let bench = try LogBench(settings: settings)

        try bench.append(TestBatch.make(timestamps: [50_000]))
        try bench.append(TestBatch.make(timestamps: [51_000]))
        #expect(bench.log.segmentCount == 1)
        try bench.append(TestBatch.make(timestamps: [51_001]))
        #expect(bench.log.segmentCount == 2)
        // The clock does not count where records have timestamps.
        bench.now = bench.now + 10_000
        try bench.append(TestBatch.make(timestamps: [51_002]))

        #expect(bench.log.segmentCount == 2)
    }

    @Test
    func `a segment without timestamps is rolled by the clock`() throws {
        var settings = LogSettings()
        settings.segmentMilliseconds = 1_000
        let bench = try LogBench(settings: settings)

        try bench.append(TestBatch.make(timestamps: [-1]))
        bench.now = bench.now + 1_000
        try bench.append(TestBatch.make(timestamps: [-1]))
        #expect(bench.log.segmentCount == 1)
        bench.now = bench.now + 1
        try bench.append(TestBatch.make(timestamps: [-1]))

        #expect(bench.log.segmentCount == 2)
    }

    @Test(arguments: [[50_000, .min], [.max, .min], [.min, .max], [0, .max]] as [[Int64]])
    func `timestamps at the ends of 64 bits are appended like others`(_ stamps: [Int64]) throws {
        let bench = try LogBench()

        for stamp in stamps { try bench.append(TestBatch.make(timestamps: [stamp])) }
        bench.settle()

        #expect(bench.log.durableEnd == Offset(2))
        #expect(try bench.headers(in: bench.readAll()).count == 2)
    }

    @Test
    func `a segment with a full index is rolled`() throws {
        var settings = LogSettings()
        settings.segmentIndexBytes = 10 * 8
        settings.indexIntervalBytes = 1
        let bench = try LogBench(settings: settings)

        // The first batch has no entry, and the time index is full with five of six.
        for tag in 0..<6 { try bench.append(TestBatch.make(tag: tag)) }
        #expect(bench.log.segmentCount == 1)
        try bench.append(TestBatch.make(tag: 6))

        #expect(bench.log.segmentCount == 2)
        bench.settle()
        let index = try bench.disk.readFile(
            "\(LogBench.folder)/00000000000000000000.timeindex")
        #expect(index.count == 6 * 12 - 12)
    }

    @Test
    func `a rolled segment's last time entry is its largest timestamp`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 1_000
        let bench = try LogBench(settings: settings)

        let times: [Int64] = [500, 900, 300, 200]
        for time in times { try bench.append(TestBatch.make(timestamps: [time])) }
        for _ in 0..<4 { try bench.append(TestBatch.make(valueBytes: 400, timestamps: [100])) }

        let bytes = try bench.disk.readFile("\(LogBench.folder)/00000000000000000000.timeindex")
        #expect(bytes == [0, 0, 0, 0, 0, 0, 3, 0x84, 0, 0, 0, 1])
    }

    @Test(arguments: Durability.allCases)
    func `a roll is durable before an acknowledgement depends on it`(
        _ durability: Durability
    ) throws {
        var settings = LogSettings()
        settings.segmentBytes = 400
        settings.durability = durability
        let bench = try LogBench(settings: settings)
        var told: [Offset] = []
        bench.store.onRecoveryPoint = { told.append($0.recoveryPoint) }

        for _ in 0..<5 {
            try bench.append(TestBatch.make())
            bench.settle()
        }

        #expect(bench.log.segmentCount == 3)
        #expect(told == [Offset(2), Offset(4)] || told == [Offset(3), Offset(5)])
        for base in ["00000000000000000000", "00000000000000000002"] {
            for kind in ["log", "index", "timeindex"] {
                let path = "\(LogBench.folder)/\(base).\(kind)"
                let size = try bench.disk.readFile(path).count
                #expect(bench.disk.isDurable(path, upTo: FilePosition(Int64(size))), "\(path)")
            }
        }
    }

    @Test(arguments: [DiskError.inputOutput, DiskError.noSpace])
    func `a roll whose folder could not be synced fails the log, for whatever reason`(
        _ code: Int32
    ) throws {
        var settings = LogSettings()
        settings.segmentBytes = 400
        let bench = try LogBench(settings: settings)
        for tag in 0..<2 { try bench.append(TestBatch.make(tag: tag)) }
        bench.disk.inject(DiskFault("syncFolder", pathPart: LogBench.folder, code: code))

        #expect(throws: StoreError.self) { try bench.append(TestBatch.make(tag: 2)) }

        #expect(bench.log.failure != nil)
        #expect(bench.log.logEnd == Offset(2))
    }

    @Test
    func `a roll that fails behind the making of its file fails the log`() throws {
        let batch = TestBatch.make()
        var settings = LogSettings()
        settings.segmentBytes = 3 * batch.count
        let bench = try LogBench(settings: settings)
        for _ in 0..<3 { try bench.append(batch) }
        bench.settle()
        bench.disk.inject(DiskFault("truncate", pathPart: "003.log", code: DiskError.noSpace))
        bench.disk.inject(DiskFault("removeFile", pathPart: "003.log"))

        #expect(throws: StoreError.self) { try bench.append(batch) }

        // What went to the old file now would lie behind the begin of an empty segment.
        #expect(bench.log.failure != nil)
        #expect(bench.log.logEnd == Offset(3))
    }
}
