import Disk
import IORing
import SegmentStore
import Testing
import Vocabulary

@testable import Broker

struct PassedOverLogsTests {
    private let first = PartitionIdentity(
        partition: TopicPartition(topic: "first", partition: PartitionIndex(0)),
        topicID: TopicID(high: 0, low: 1))
    private let second = PartitionIdentity(
        partition: TopicPartition(topic: "second", partition: PartitionIndex(0)),
        topicID: TopicID(high: 0, low: 2))

    static let shortages: [any Error & Sendable] = [
        IORingError.tooManyOpenFiles,
        StoreError.outOfSpace(path: "/data/first-0"),
        StoreError.disk(DiskError(operation: "open", path: "/data/first-0", code: 24)),
    ]

    @Test(arguments: shortages.indices)
    func `a log that lacked something lets the others go first, and tries again`(index: Int) {
        var logs = PassedOverLogs()

        #expect(logs.failed(first, Self.shortages[index]) == .shortage)
        #expect(logs.all == [first])
        #expect(logs.failed(second, Self.shortages[index]) == .nothing)
        #expect(logs.all == [first, second])

        logs.endRound()
        #expect(logs.all.isEmpty)
    }

    @Test
    func `a shortage is told again only after a round without`() {
        var logs = PassedOverLogs()
        let shortage = Self.shortages[1]

        #expect(logs.failed(first, shortage) == .shortage)
        logs.endRound()
        #expect(logs.failed(first, shortage) == .nothing)
        logs.endRound()
        logs.endRound()
        #expect(logs.failed(first, shortage) == .shortage)
    }

    @Test
    func `a log whose files are wrong is passed over for good, and told of once`() {
        var logs = PassedOverLogs()
        let damage = StoreError.corrupt(
            CorruptLog(path: "/data/first-0/0.log", position: .zero, reason: "checksum"))

        #expect(logs.failed(first, damage) == .uncleanable)
        #expect(logs.failed(first, damage) == .nothing)
        logs.endRound()
        logs.endRound()

        #expect(logs.all == [first])
    }
}
