import Disk
import Logging
import Metadata
import NIOEmbedded
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

@testable import Broker

@Suite("What the operator hears of logs in trouble")
struct TroubleLogTests {
    private let name = TopicPartition(topic: "orders", partition: PartitionIndex(0))
    private let lines = LogLines()

    @Test
    func `a log that fails has one line, however often it is settled`() throws {
        let disk = SimulatedDisk(seed: 1)
        _ = try disk.perform(.createFolder(path: "/data"))
        let store = Store(disk: disk)
        let log = try store.createLog(
            folder: "/data/orders-0", topicID: TopicID(high: 1, low: 2), settings: LogSettings(),
            leaderEpoch: .zero, now: Timestamp(0))
        let partition = Partition(
            topicID: TopicID(high: 1, low: 2), log: log, leaderEpoch: .zero,
            trouble: TroubleLog(logger: lines.logger))
        let outbox = Outbox(eventLoop: EmbeddedEventLoop())
        partition.settle(outbox: outbox)
        disk.inject(DiskFault("sync", pathPart: ".log"))
        let batch = Batch.ofOne(valueByteCount: 10)
        try log.append(
            batch.withUnsafeBytes { try BatchHeader(reading: $0) }, bytes: [OwnedBytes(batch)],
            leaderEpoch: .zero, now: Timestamp(0))
        store.commit()
        while disk.inFlight > 0 {
            disk.wait()
            store.drain()
        }

        partition.settle(outbox: outbox)
        partition.settle(outbox: outbox)
        partition.stop(outbox: outbox)

        #expect(lines.all == ["error partition takes no more records: its log failed"])
    }

    @Test
    func `a log that cannot be read has one line, however many fetches meet it`() throws {
        let disk = SimulatedDisk(seed: 1)
        _ = try disk.perform(.createFolder(path: "/data"))
        let store = Store(disk: disk)
        let log = try store.createLog(
            folder: "/data/orders-0", topicID: TopicID(high: 1, low: 2), settings: LogSettings(),
            leaderEpoch: .zero, now: Timestamp(0))
        let partition = Partition(
            topicID: TopicID(high: 1, low: 2), log: log, leaderEpoch: .zero,
            trouble: TroubleLog(logger: lines.logger))
        let first = CorruptLog(path: "a", position: .zero, reason: "there is no batch")
        let second = CorruptLog(path: "b", position: .zero, reason: "there is no batch")

        for _ in 0..<3 { partition.tell(ofUnreadable: .corrupt(first)) }
        partition.tell(ofUnreadable: .corrupt(second))

        #expect(lines.all == Array(repeating: "error records cannot be read", count: 2))
    }

    @Test
    func `space has one line when it runs out and one when it is back`() {
        let trouble = TroubleLog(logger: lines.logger)
        let full = StoreError.outOfSpace(path: "/data/orders-0")

        trouble.accepted(now: Timestamp(0))
        for now in 0..<3 { trouble.refused(name, full, now: Timestamp(Int64(now))) }
        // At the brim a small append fits, a queued one is cut back.
        trouble.accepted(now: Timestamp(500))
        trouble.cutBack(name, to: .zero, now: Timestamp(501))
        trouble.accepted(now: Timestamp(1_000))
        trouble.accepted(now: Timestamp(1_001))

        #expect(
            lines.all == [
                "error no space left: records are refused until there is some",
                "notice there is space again: records are accepted",
            ])
    }

    @Test
    func `the metadata log's failure has one line`() {
        let trouble = TroubleLog(logger: lines.logger)

        for _ in 0..<3 { trouble.failed(MetadataError.closing) }

        #expect(lines.all.count == 1)
    }

    @Test
    func `other refusals have no line`() {
        let trouble = TroubleLog(logger: lines.logger)

        trouble.refused(name, .closed(path: "/data/orders-0"), now: Timestamp(0))

        #expect(lines.all.isEmpty)
    }
}

/// Keeps what is logged: level and message.
private final class LogLines: Sendable {
    private let lines = Lock<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.lines.withLock { $0.append("\(event.level) \(event.message)") }
        }
    }
}
