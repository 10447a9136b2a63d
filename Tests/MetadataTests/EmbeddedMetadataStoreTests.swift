import Disk
import Records
import SegmentStore
import Simulation
import Testing
import Vocabulary

@testable import Metadata

struct EmbeddedMetadataStoreTests {
    // MARK: - Keeping

    @Test
    func `changes are there after reopening, also without a clean stop`() throws {
        let disk = try dataDisk()
        let metadata = try open(disk)
        try metadata.changeAndWait(now: now) { state throws(MetadataError) in
            try state.decideRegistration(clusterID: "c", nodeID: BrokerID(1))
        }
        try create("orders", on: metadata, configs: ["a": "1"])
        try create("other", on: metadata)
        try metadata.changeAndWait(now: now) { state throws(MetadataError) in
            try state.decideDeletion(of: id(of: "orders"))
        }

        let reopened = try open(disk.crash(seed: 7))

        #expect(reopened.state == metadata.state)
        #expect(reopened.state.topics.map(\.name) == ["other"])
        #expect(reopened.state.topicsBeingDeleted.map(\.configs) == [["a": "1"]])
    }

    @Test
    func `a change shows and is answered only when it is durable`() throws {
        let disk = try dataDisk()
        let metadata = try open(disk)
        let answers = Answers()

        metadata.change(now: now, creation(of: "a"), then: answers.note("a"))
        metadata.change(now: now, creation(of: "b"), then: answers.note("b"))
        let before = (answers.given, metadata.state.topicCount)
        run(metadata)

        #expect(before.0.isEmpty)
        #expect(before.1 == 0)
        #expect(answers.given == ["a kept", "b kept"])
        #expect(metadata.state.topicCount == 2)
    }

    @Test
    func `a change is decided on what those before it will have made`() throws {
        let metadata = try open(try dataDisk())
        let answers = Answers()

        metadata.change(now: now, creation(of: "a"), then: answers.note("first"))
        metadata.change(now: now, creation(of: "a"), then: answers.note("second"))

        #expect(answers.given == ["second refused: a topic named a exists already"])
        run(metadata)
        #expect(answers.given.last == "first kept")
    }

    @Test
    func `a change without records waits for those before it and for nothing else`() throws {
        let metadata = try open(try dataDisk())
        let answers = Answers()

        metadata.change(now: now, { _ in [] }, then: answers.note("idle"))
        metadata.change(now: now, creation(of: "a"), then: answers.note("a"))
        metadata.change(now: now, { _ in [] }, then: answers.note("after a"))

        #expect(answers.given == ["idle kept"])
        run(metadata)
        #expect(answers.given == ["idle kept", "a kept", "after a kept"])
    }

    @Test
    func `producer ids are not given out twice across crashes`() throws {
        var disk = try dataDisk()
        var firsts: [Int64] = []

        for seed in 0..<5 as Range<UInt64> {
            let metadata = try open(disk)
            metadata.allocateProducerIDs(now: now) { result in
                if let block = try? result.get() { firsts.append(block.first.rawValue) }
            }
            run(metadata)
            disk = disk.crash(seed: seed)
        }

        #expect(firsts == [0, 1_000, 2_000, 3_000, 4_000])
    }

    // MARK: - Folding

    @Test
    func `a folded log leads to the same state and stays small`() throws {
        let disk = try dataDisk()
        let metadata = try open(disk, foldBytes: 500)

        for index in 0..<40 {
            try create("t\(index)", on: metadata)
            if index % 3 == 0 {
                try metadata.changeAndWait(now: now) { state throws(MetadataError) in
                    try state.decideDeletion(of: id(of: "t\(index)"))
                }
                try metadata.changeAndWait(now: now) { state throws(MetadataError) in
                    state.decideDeletionFinished(of: id(of: "t\(index)"))
                }
            }
            #expect(metadata.logBytes <= 700)
        }

        #expect(try open(disk.crash(seed: 1)).state == metadata.state)
        #expect(metadata.state.topicCount == 26)
    }

    @Test
    func `a full disk at folding leaves the log as it is`() throws {
        let disk = try dataDisk()
        let metadata = try open(disk, foldBytes: 300)
        disk.inject(DiskFault("write", pathPart: "snapshot.tmp", code: DiskError.noSpace))

        for index in 0..<20 { try create("t\(index)", on: metadata) }

        #expect(try open(disk.crash(seed: 1)).state == metadata.state)
        #expect(metadata.state.topicCount == 20)
    }

    @Test
    func `a topic can be deleted on a disk that is full for everything else`() throws {
        let disk = try dataDisk()
        let metadata = try open(disk)
        try create("orders", on: metadata)
        disk.capacity = StoreSettings().reservedBytes

        try metadata.changeAndWait(now: now) { state throws(MetadataError) in
            try state.decideDeletion(of: id(of: "orders"))
        }

        #expect(throws: StoreError.outOfSpace(path: "/data/more-0")) {
            _ = try metadata.store.createLog(
                folder: "/data/more-0", topicID: id(of: "more"), settings: LogSettings(),
                leaderEpoch: .zero, now: now)
        }
        #expect(metadata.state.topicsBeingDeleted.map(\.name) == ["orders"])
        #expect(try open(disk.crash(seed: 1)).state == metadata.state)
    }

    @Test
    func `a failed rename or sync at folding stops the store and loses nothing`() throws {
        for (operation, path) in [
            ("syncFolder", "/data"), ("rename", "__millrace"), ("createFolder", "__millrace"),
        ] {
            let disk = try dataDisk()
            let metadata = try open(disk, foldBytes: 300)
            for index in 0..<2 { try create("t\(index)", on: metadata) }
            disk.inject(DiskFault(operation, pathPart: path))

            var kept = 2
            while (try? create("t\(kept)", on: metadata)) != nil { kept += 1 }

            #expect(kept < 10, "\(operation)")
            let reopened = try open(disk.crash(seed: 3))
            #expect(reopened.state == metadata.state, "\(operation)")
            try create("more", on: reopened)
        }
    }

    // MARK: - Power cuts

    @Test(arguments: 0..<6 as Range<UInt64>)
    func `after a power cut at any operation all that was answered is there`(
        _ seed: UInt64
    ) throws {
        let disk = TappedDisk(try dataDisk(seed: seed))
        let script = PowerCutScript(seed: seed)
        disk.onOperation = {
            script.cuts += 1
            let after = disk.base.crash(seed: script.cuts &* 31 &+ seed)
            do {
                let found = try self.open(after, foldBytes: 400).state
                if !script.models[script.answered...].contains(found) {
                    script.failures.append("cut \(script.cuts): unknown state")
                }
            } catch {
                script.failures.append("cut \(script.cuts): \(error)")
            }
        }

        let metadata = try open(disk, foldBytes: 400)
        while let (decide, model) = try script.next() {
            script.models.append(model)
            metadata.change(now: now, decide) { result in
                if case .success = result { script.answered += 1 }
            }
            if script.models.count % 3 == 0 { run(metadata) }
        }
        run(metadata)

        #expect(script.failures.isEmpty)
        #expect(script.answered == script.models.count - 1)
        #expect(metadata.state == script.models.last)
        #expect(script.cuts > 100)
    }

    // MARK: - Failures

    @Test
    func `a full disk refuses a change and later ones are kept`() throws {
        let disk = try dataDisk()
        let metadata = try open(disk)
        try create("a", on: metadata)

        disk.inject(DiskFault("write", pathPart: ".log", code: DiskError.noSpace))
        #expect(throws: MetadataError.self) { try create("b", on: metadata) }
        try create("c", on: metadata)

        #expect(metadata.state.topics.map(\.name) == ["a", "c"])
        #expect(try open(disk.crash(seed: 1)).state == metadata.state)
    }

    @Test
    func `after a failed sync nothing more is accepted`() throws {
        let disk = try dataDisk()
        let metadata = try open(disk)
        try create("a", on: metadata)
        let answers = Answers()
        disk.inject(DiskFault("sync", pathPart: ".log"))

        metadata.change(now: now, creation(of: "b"), then: answers.note("b"))
        metadata.change(now: now, creation(of: "c"), then: answers.note("c"))
        run(metadata)
        metadata.change(now: now, creation(of: "d"), then: answers.note("d"))

        #expect(answers.given.count == 3)
        #expect(
            answers.given.allSatisfy { $0.contains("refused: the metadata log accepts nothing") })
        #expect(metadata.state.topics.map(\.name) == ["a"])
    }

    @Test
    func `a closing store finishes what is on its way and refuses the rest`() throws {
        let metadata = try open(try dataDisk())
        let answers = Answers()

        metadata.change(now: now, creation(of: "a"), then: answers.note("a"))
        metadata.close()
        metadata.change(now: now, creation(of: "b"), then: answers.note("b"))
        run(metadata)

        #expect(answers.given == ["b refused: the broker is stopping", "a kept"])
    }

    // MARK: - Hostile files

    @Test(
        arguments: [
            ([0x4D, 0x52, 2, 2, 0], "has version 2, this program knows versions up to 1"),
            ([0x4D, 0x52, 1, 99], "no record has type 99"),
            ([0x4D, 0x52, 1, 2, 0, 5, 1], "the record ends too early"),
            ([], "the record ends too early"), ([0x7B, 0x7D], "does not begin with MR"),
            (
                MetadataRecord.topicDeletionStarted(topicID: TopicID(high: 1, low: 1)).encoded,
                "there is no topic with the id"
            ),
        ] as [([UInt8], String)])
    func `a log with what no record can be is refused with the place`(
        _ value: [UInt8], _ says: String
    ) throws {
        let disk = try dataDisk()
        try create("a", on: try open(disk))
        try append(value, toLogOn: disk)

        let message = complaint { _ = try open(disk) }

        #expect(message.contains(says))
        #expect(message.contains("/data/__millrace_metadata-0/00000000000000000000.log"))
    }

    @Test
    func `a damaged snapshot is refused and not taken for an empty one`() throws {
        let disk = try dataDisk()
        let metadata = try open(disk, foldBytes: 100)
        for index in 0..<5 { try create("t\(index)", on: metadata) }
        disk.flip(bit: 0, at: FilePosition(40), of: "/data/millrace-metadata.snapshot")

        let message = complaint { _ = try open(disk) }

        #expect(message.contains("/data/millrace-metadata.snapshot, byte 6: the checksum is"))
        #expect(message.contains("restore the folder from a backup"))
    }

    @Test
    func `a log that lost its identity but holds records is refused and not removed`() throws {
        let disk = try dataDisk()
        try create("a", on: try open(disk))
        _ = try disk.perform(
            .removeFile(path: "/data/__millrace_metadata-0/partition.metadata"))

        let message = complaint { _ = try open(disk) }

        #expect(message.contains("holds records"))
        #expect(try disk.list("/data/__millrace_metadata-0").contains { $0.name.hasSuffix(".log") })
    }

    // MARK: - Made up

    private let now = Timestamp(1_700_000_000_000)

    private func dataDisk(seed: UInt64 = 42) throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: seed, settings: SimulatedDiskSettings(traces: false))
        _ = try disk.perform(.createFolder(path: "/data"))
        _ = try disk.perform(.syncFolder(path: "/"))
        return disk
    }

    private func open(
        _ disk: any Disk, foldBytes: Int = 1 << 20
    ) throws -> EmbeddedMetadataStore {
        var settings = MetadataStoreSettings()
        settings.foldBytes = foldBytes
        return try EmbeddedMetadataStore(
            in: "/data", store: Store(disk: disk), settings: settings, now: now)
    }

    /// Drives the store until nothing is on its way.
    private func run(_ metadata: EmbeddedMetadataStore) {
        metadata.store.commit()
        metadata.settle()
        while metadata.store.disk.inFlight > 0 {
            metadata.store.disk.wait()
            metadata.store.drain()
            metadata.settle()
        }
    }

    private func create(
        _ name: String, on metadata: EmbeddedMetadataStore, configs: [String: String] = [:]
    ) throws(MetadataError) {
        try metadata.changeAndWait(now: now) { state throws(MetadataError) in
            try state.decideTopicCreation(
                name: name, id: id(of: name), partitionCount: 1, configs: configs)
        }
    }

    private func append(_ value: [UInt8], toLogOn disk: SimulatedDisk) throws {
        let store = Store(disk: disk)
        let log = try store.openLog(
            folder: "/data/__millrace_metadata-0", settings: LogSettings(),
            hint: OpenHint(cleanShutdown: false, recoveryPoint: .zero), now: now)
        var builder = BatchBuilder()
        builder.append(key: nil, value: value, timestamp: now)
        let bytes = builder.build()
        let header = try bytes.withUnsafeBytes { try BatchHeader(reading: $0) }
        try log.append(header, bytes: [OwnedBytes(bytes)], leaderEpoch: .zero, now: now)
        store.close(now: now)
    }

    private func complaint(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }
}

typealias Decide = (ClusterState) throws(MetadataError) -> [MetadataRecord]

/// A topic's id made of its name, so that a test can name both.
private func id(of name: String) -> TopicID {
    TopicID(high: 1, low: name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
}

private func creation(of name: String) -> Decide {
    { state throws(MetadataError) in
        try state.decideTopicCreation(name: name, id: id(of: name), partitionCount: 1)
    }
}

/// What callers were told, in order.
private final class Answers {
    private(set) var given: [String] = []

    func note(_ name: String) -> (Result<Void, MetadataError>) -> Void {
        { [unowned self] result in
            switch result {
            case .success: given.append("\(name) kept")
            case .failure(let error): given.append("\(name) refused: \(error)")
            }
        }
    }
}

/// Changes drawn by a seed, each with the state it leads to.
private final class PowerCutScript {
    var models = [ClusterState()]
    var answered = 0
    var cuts: UInt64 = 0
    var failures: [String] = []
    private var random: SeededRandom
    private var left = 25

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    func next() throws -> (Decide, ClusterState)? {
        guard left > 0, var model = models.last else { return nil }
        left -= 1
        let records: [MetadataRecord]
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where !model.topics.isEmpty:
            records = try model.decideDeletion(of: model.topics[0].id)
        case 1 where !model.topicsBeingDeleted.isEmpty:
            records = model.decideDeletionFinished(of: model.topicsBeingDeleted[0].id)
        case 2:
            records = model.decideProducerIDBlock().records
        default:
            records = try model.decideTopicCreation(
                name: "t\(left)", id: id(of: "t\(left)"), partitionCount: 3, configs: ["k": "v"])
        }
        for record in records { try model.apply(record) }
        return ({ _ in records }, model)
    }
}
