import Disk
import Records
import Simulation
import Testing
import Vocabulary

@testable import SegmentStore

/// Which records count as aborted while markers and the entries of indexes come and go.
struct AbortedTransactionTests {
    private static let producer: Int64 = 7
    private static let start = Timestamp(1_000_000)
    /// Behind the horizon of markers that got theirs at the start.
    private static let later = Timestamp(1_000_000 + 20_000)
    private static let index = "\(LogBench.folder)/00000000000000000000.txnindex"
    private static let entry = AbortedTransaction(
        producerID: ProducerID(producer), firstOffset: .zero, lastOffset: Offset(1),
        lastStableOffset: Offset(2))

    private static func data(_ key: String, sequence: Int32, base: Int64 = 0) -> [UInt8] {
        var builder = BatchBuilder(
            attributes: BatchAttributes(isTransactional: true), baseOffset: Offset(base),
            producerID: ProducerID(producer), producerEpoch: ProducerEpoch(0),
            baseSequence: SequenceNumber(sequence))
        builder.append(key: Array(key.utf8), value: Array("value".utf8), timestamp: start)
        return builder.build()
    }

    private static func marker(isCommit: Bool, base: Int64 = 0) -> [UInt8] {
        var builder = BatchBuilder(
            attributes: BatchAttributes(isTransactional: true, isControl: true),
            baseOffset: Offset(base), producerID: ProducerID(producer),
            producerEpoch: ProducerEpoch(0))
        let record = ControlRecord.endTransaction(isCommit: isCommit, coordinatorEpoch: 1)
        builder.append(key: record.key, value: record.value, timestamp: start)
        return builder.build()
    }

    /// A log whose first transaction was aborted and the second committed, by the same producer:
    /// of the first one only the marker is left, with a horizon, and the index still names it.
    private func compactedTwice() throws -> (disk: SimulatedDisk, settings: LogSettings) {
        let settings = CompactionBench.settings()
        let bench = try CompactionBench(settings: settings)
        try bench.bench.append(Self.data("lost", sequence: 0))
        try bench.bench.append(Self.marker(isCommit: false))
        for round in 0..<20 {
            if round == 10 {
                try bench.bench.append(Self.data("kept", sequence: 1))
                try bench.bench.append(Self.marker(isCommit: true))
            }
            try bench.put([("a\(round)", String(repeating: "x", count: 300))])
        }
        try bench.bench.disk.replaceFile(Self.index, with: AbortedTransaction.encode([Self.entry]))
        let opened = try bench.reopened()
        for _ in 0..<2 {
            opened.log.cleanedEnd = .zero
            try #require(try opened.compact() != nil)
        }
        let keys = try opened.entries().compactMap(\.key)
        try #require(keys.contains("kept") && !keys.contains("lost"))
        opened.store.close(now: Self.start)
        try opened.bench.disk.replaceFile(Self.index, with: AbortedTransaction.encode([Self.entry]))
        return (opened.bench.disk, settings)
    }

    @Test
    func `a kill at any operation of a compaction makes no committed record an aborted one`()
        throws
    {
        let (simulated, settings) = try compactedTwice()
        let disk = CrashingDisk(simulated)
        let store = Store(disk: disk)
        let log = try store.openLog(
            folder: LogBench.folder, settings: settings,
            hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero), now: Self.later)
        var tried = 0
        disk.afterOperation = {
            tried += 1
            let place = "operation \(tried)"
            do {
                let bench = try CompactionBench(
                    opening: simulated.kill(seed: 1), settings: settings,
                    hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))
                bench.bench.now = Self.later
                try bench.compact()
                #expect(try bench.entries().contains { $0.key == "kept" }, "\(place)")
            } catch {
                Issue.record("\(place): \(error)")
            }
        }

        try store.compact(log, now: Self.later)

        #expect(tried > 20)
    }

    @Test
    func `an aborted transaction without its marker ends where that stood`() throws {
        var walk = TransactionWalk([Self.entry], from: .zero)

        #expect(try walk.passes(TestBatch.header(Self.data("a", sequence: 0, base: 0))))
        #expect(try !walk.passes(TestBatch.header(Self.data("b", sequence: 1, base: 5))))
        let commit = try TestBatch.header(Self.marker(isCommit: true, base: 6))
        #expect(
            walk.passesMarker(commit, .endTransaction(isCommit: true, coordinatorEpoch: 1))
                == .needed)
        let second = AbortedTransaction(
            producerID: ProducerID(Self.producer), firstOffset: Offset(10),
            lastOffset: Offset(12), lastStableOffset: Offset(13))
        walk = TransactionWalk([Self.entry, second], from: .zero)
        #expect(try walk.passes(TestBatch.header(Self.data("c", sequence: 0, base: 10))))
        let abort = try TestBatch.header(Self.marker(isCommit: false, base: 12))
        #expect(
            walk.passesMarker(abort, .endTransaction(isCommit: false, coordinatorEpoch: 1))
                == .needed)
        #expect(walk.takeMarked() == [second])
    }

    @Test(arguments: ["cut", "killed"])
    func `an index names no transaction whose marker was cut off`(_ kind: String) throws {
        let bench = try LogBench()
        for round in 0..<2 as Range<Int32> {
            try bench.append(Self.data("a", sequence: round))
            try bench.append(Self.marker(isCommit: false))
        }
        bench.settle()
        var second = Self.entry
        second.firstOffset = Offset(2)
        second.lastOffset = Offset(3)
        try bench.disk.replaceFile(
            Self.index, with: AbortedTransaction.encode([Self.entry, second]))

        if kind == "cut" {
            try bench.log.truncate(to: Offset(3))
        } else {
            let path = "\(LogBench.folder)/00000000000000000000.log"
            let end = FilePosition(Int64(try bench.disk.byteCount(ofFile: path) - 1))
            try bench.disk.withFile(path, .readWrite) { file throws(DiskError) in
                _ = try bench.disk.perform(.truncate(file, to: end))
            }
            let reopened = try LogBench(
                opening: bench.disk.kill(seed: 1),
                hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero))
            #expect(reopened.log.logEnd == Offset(3))
            #expect(
                try reopened.disk.readFile(Self.index) == AbortedTransaction.encode([Self.entry]))
            return
        }

        #expect(try bench.disk.readFile(Self.index) == AbortedTransaction.encode([Self.entry]))
    }
}
