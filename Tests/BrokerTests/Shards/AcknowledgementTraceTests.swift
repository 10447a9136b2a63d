import Disk
import KafkaProtocol
import LinuxDisk
import NIOCore
import SegmentStore
import Simulation
import TestData
import Testing
import Vocabulary

@testable import Broker

/// For every acknowledged record: before its answer left, a sync had completed that covers it.
///
/// io_uring's operations cannot be seen by strace(1), so the trace is taken where the store hands
/// them to its disk, the kernel's own behind it.
@Suite("Traces of acknowledgements")
struct AcknowledgementTraceTests {
    @Test(arguments: [false, true], [0, 64 << 20])
    func `on the kernel's disk a completed sync precedes every answer`(
        _ journals: Bool, _ inlineDirtyBound: Int
    ) throws {
        let folder = try temporaryFolder(named: "millrace-trace")
        try check(
            try LinuxDisk(), folder: folder, seed: 1, journals: journals,
            inlineDirtyBound: inlineDirtyBound)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `on a disk that reorders a completed sync precedes every answer`(_ seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        _ = try disk.perform(.createFolder(path: "/traced"))
        _ = try disk.perform(.syncFolder(path: "/"))
        try check(
            disk, folder: "/traced", seed: seed, journals: seed % 2 == 0,
            inlineDirtyBound: seed % 3 == 0 ? 0 : 64 << 20)
    }

    @Test
    func `without sync the same trace shows answers that no sync precedes`() throws {
        let disk = SimulatedDisk(seed: 1)
        _ = try disk.perform(.createFolder(path: "/traced"))

        let uncovered = try answersWithoutSync(
            disk, folder: "/traced", seed: 1, journals: false, inlineDirtyBound: 64 << 20,
            durability: "os")

        #expect(uncovered.count > 10)
    }

    private func check(
        _ disk: any Disk, folder: String, seed: UInt64, journals: Bool, inlineDirtyBound: Int
    ) throws {
        let uncovered = try answersWithoutSync(
            disk, folder: folder, seed: seed, journals: journals,
            inlineDirtyBound: inlineDirtyBound, durability: "sync")

        #expect(uncovered == [])
    }

    /// Produces to three partitions in turn and at random; the numbers of those requests whose
    /// answer left before their records were durable.
    private func answersWithoutSync(
        _ disk: any Disk, folder: String, seed: UInt64, journals: Bool, inlineDirtyBound: Int,
        durability: String
    ) throws -> [UInt64] {
        var random = SeededRandom(seed: seed)
        let traced = TracedDisk(disk)
        var settings = StoreSettings()
        settings.inlineDirtyBound = inlineDirtyBound
        let embedded = try EmbeddedShard(
            on: traced, folder: folder, durability: durability, settings: settings)
        if journals {
            var journal = JournalSettings(folder: folder, shard: 0)
            journal.fileBytes = 256 << 10
            embedded.shard.store.startJournal(journal)
        }
        for name in ["a", "b", "c"] { try embedded.createTopic(name) }
        var moments: [UInt64: Int] = [:]
        embedded.answers.whenAnswered { moments[$0] = traced.tick() }
        var marks: [UInt64: [UInt8]] = [:]

        for index in 0..<60 {
            let text = "<\(index)-\(random.next())>"
            let padding = String(
                repeating: "x", count: random.chance(oneIn: 4) ? 100_000 : Int(random.next() % 900))
            let topic = ["a", "b", "c"].randomElement(using: &random) ?? "a"
            let number = embedded.send(
                ProduceApi.self, .one(try Batch.of([text + padding]), to: topic, acks: -1),
                version: 9)
            marks[number] = Array(text.utf8)
            if random.chance(oneIn: 3) { embedded.endTick() }
            if random.chance(oneIn: 3) { embedded.shard.drain() }
        }
        embedded.endTick()
        while embedded.answers.count < marks.count, traced.inFlight > 0 {
            traced.wait()
            embedded.shard.drain()
            embedded.endTick()
        }

        #expect(moments.count == marks.count)
        return marks.keys.sorted().filter { number in
            guard let mark = marks[number], let moment = moments[number] else { return true }
            return !traced.isDurable(mark, at: moment)
        }
    }
}
