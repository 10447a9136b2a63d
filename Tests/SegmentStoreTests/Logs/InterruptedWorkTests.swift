import Disk
import Records
@testable import SegmentStore
import Simulation
import Testing
import Vocabulary

/// What compactions and deletions leave that a crash cut short.
struct InterruptedWorkTests {
    private static let path = "\(LogBench.folder)/00000000000000000000.log"

    @Test
    func `what an interrupted compaction or deletion left is removed or finished`() throws {
        var settings = LogSettings()
        settings.segmentBytes = 400
        let bench = try LogBench(settings: settings)
        for tag in 0..<7 { try bench.append(TestBatch.make(tag: tag)) }
        bench.store.close(now: bench.now)
        let folder = LogBench.folder
        let first = "\(folder)/00000000000000000000"
        let second = "\(folder)/00000000000000000002"
        // A compaction that had merged the first two segments and not yet deleted the old ones.
        let merged =
            try bench.disk.readFile("\(first).log") + bench.disk.readFile("\(second).log")
        try bench.disk.replaceFile("\(first).log.swap", with: merged)
        try bench.disk.replaceFile("\(first).index.swap", with: [])
        try bench.disk.replaceFile("\(folder)/00000000000000000099.log.deleted", with: [1])
        try bench.disk.replaceFile("\(folder)/00000000000000000055.index", with: [1])
        try bench.disk.replaceFile("\(folder)/leader-epoch-checkpoint.tmp", with: [1])

        let reopened = try LogBench(
            opening: bench.disk, settings: settings, hint: bench.hint(clean: true))

        #expect(reopened.log.logEnd == Offset(7))
        #expect(reopened.log.segmentCount == 3)
        #expect(try reopened.headers(in: reopened.readAll()).count == 7)
        let names = try reopened.names()
        #expect(!names.contains { $0.contains(".swap") || $0.hasSuffix(".tmp") })
        #expect(!names.contains { $0.contains("0055") || $0.contains("0099") })
    }

    @Test
    func `new segments that were not all named are thrown away with the ones that were`() throws {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.store.close(now: bench.now)
        let path = "\(LogBench.folder)/00000000000000000000.log"
        try bench.disk.replaceFile("\(path).swap", with: [])
        try bench.disk.replaceFile("\(path).cleaned", with: [])

        let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: true))

        #expect(try reopened.headers(in: reopened.readAll()).count == 3)
        #expect(try !reopened.names().contains { $0.contains("cleaned") || $0.contains("swap") })
    }

    @Test(arguments: ["garbage", "flipped", "short", "descending"])
    func `a swap file that is not all sound batches replaces nothing`(_ kind: String) throws {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.store.close(now: bench.now)
        let sound = try bench.disk.readFile(Self.path)
        var swap = sound
        switch kind {
        case "garbage": swap = [UInt8](repeating: 0x5A, count: 300)
        case "flipped": swap[sound.count - 1] ^= 1
        case "short": swap.removeLast()
        default: swap += sound
        }
        try bench.disk.replaceFile("\(Self.path).swap", with: swap)

        let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: true))

        #expect(try reopened.headers(in: reopened.readAll()).count == 3)
        #expect(try bench.disk.readFile("\(Self.path).swap") == swap)
        #expect(reopened.log.openingNotices.contains { $0.contains(".swap is not") })
    }

    @Test
    func `what a swap file that is not sound was to replace is kept, and the log refused`() throws {
        let bench = try LogBench()
        for tag in 0..<3 { try bench.append(TestBatch.make(tag: tag)) }
        bench.store.close(now: bench.now)
        var swap = try bench.disk.readFile(Self.path)
        swap[swap.count - 1] ^= 1
        try bench.disk.replaceFile("\(Self.path).swap", with: swap)
        _ = try bench.disk.perform(.rename(from: Self.path, to: "\(Self.path).deleted"))
        let before = try bench.names()

        #expect(throws: StoreError.self) {
            try LogBench(opening: bench.disk, hint: bench.hint(clean: true))
        }

        #expect(try bench.names() == before)
        _ = try bench.disk.perform(.rename(from: "\(Self.path).deleted", to: Self.path))
        let reopened = try LogBench(opening: bench.disk, hint: bench.hint(clean: true))
        #expect(try reopened.headers(in: reopened.readAll()).count == 3)
    }

    @Test(arguments: [Int64(0), 5, 7, 10])
    func `an empty segment amid another one's batches is removed after a crash`(
        _ recoveryPoint: Int64
    ) throws {
        let bench = try LogBench()
        for tag in 0..<10 { try bench.append(TestBatch.make(tag: tag)) }
        bench.settle()
        for kind in ["index", "timeindex", "log"] {
            let path = "\(LogBench.folder)/00000000000000000005.\(kind)"
            try bench.disk.replaceFile(path, with: [])
        }

        let reopened = try LogBench(
            opening: bench.disk.kill(seed: 1),
            hint: OpenHint(cleanShutdown: false, recoveryPoint: Offset(recoveryPoint)))

        #expect(reopened.log.logEnd == Offset(10))
        #expect(reopened.log.segmentCount == 1)
        #expect(try reopened.headers(in: reopened.readAll()).count == 10)
        #expect(try !reopened.names().contains { $0.contains("005.") })
    }

    @Test
    func `segments that hold the same offsets are damage`() throws {
        let bench = try LogBench()
        for tag in 0..<10 { try bench.append(TestBatch.make(tag: tag)) }
        bench.settle()
        let tail = try bench.readAll(from: Offset(5))
        try bench.disk.replaceFile("\(LogBench.folder)/00000000000000000005.log", with: tail)

        #expect(throws: StoreError.self) {
            try LogBench(
                opening: bench.disk.kill(seed: 1),
                hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))
        }
    }
}
