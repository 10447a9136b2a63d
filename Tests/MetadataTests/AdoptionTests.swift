import Disk
import LinuxDisk
import SegmentStore
import Simulation
import TestData
import Testing
import Vocabulary

@testable import Metadata

struct AdoptionTests {
    // MARK: - A folder that Kafka wrote

    @Test
    func `the topics of a Kafka folder are adopted with their ids`() throws {
        let folder = "\(try KafkaFolders.unpacked())/clean"
        let disk = try LinuxDisk()

        let found = try DataFolder(scanning: folder, on: disk)
        let adoption = Adoption(of: found, into: ClusterState())
        var state = ClusterState()
        for record in adoption.records { try state.apply(record) }

        #expect(state.topic(named: "codecs")?.id.description == "kD2oe2-pSAuWZyp_k4fbgA")
        #expect(state.topic(named: "transactions")?.partitionCount == 1)
        #expect(state.topic(named: "__transaction_state")?.partitionCount == 46)
        #expect(state.topicCount == 6)
        #expect(adoption.identities.isEmpty)
        // Snapshots name the ids 0 and 1.
        #expect(state.nextProducerID == ProducerID(1_001_000))
        #expect(
            adoption.notices.contains {
                $0.hasPrefix(
                    "topic __transaction_state lacks the folders of 44 of its 46 partitions")
            })
        #expect(adoption.notices.count == 2)
    }

    @Test
    func `identity comes from the folder and a fresh one is made and kept`() throws {
        let disk = SimulatedDisk(seed: 1)
        try makeFolder("/data", on: disk)

        let made = try ClusterIdentity.establish(in: "/data", configured: BrokerID(5), on: disk)
        let found = try ClusterIdentity.establish(in: "/data", configured: nil, on: disk)

        #expect(made == found)
        #expect(found.nodeID == BrokerID(5))
        #expect(found.clusterID?.utf8.count == 22)
        #expect(throws: MetadataError.self) {
            try ClusterIdentity.establish(in: "/data", configured: BrokerID(6), on: disk)
        }
    }

    @Test
    func `properties of version 0 are completed`() throws {
        let disk = SimulatedDisk(seed: 1)
        try makeFolder("/data", on: disk)
        try disk.replaceFile(
            "/data/meta.properties", with: Array("version=0\nbroker.id=4\nextra=1\n".utf8))

        let identity = try ClusterIdentity.establish(in: "/data", configured: nil, on: disk)

        let written = String(
            decoding: try disk.readFile("/data/meta.properties"), as: UTF8.self)
        #expect(identity.nodeID == BrokerID(4))
        #expect(written.hasPrefix("version=1\nextra=1\nnode.id=4\n"))
        #expect(!written.contains("broker.id"))
    }

    // MARK: - Names

    @Test(
        arguments: [
            ("orders-3", .partition(partition("orders", 3))),
            ("or-ders-0", .partition(partition("or-ders", 0))),
            ("a.b-1", .partition(partition("a.b", 1))),
            ("orders-3.0123456789abcdef0123456789abcdef-delete", .deleted(partition("orders", 3))),
            ("orders-3.1a2b-delete", .foreign), ("orders-3.backup-delete", .foreign),
            ("a.b-3.1a2b-future", .future(partition("a.b", 3))),
            ("orders-3.1a2b-stray", .stray(partition("orders", 3))),
            ("orders-delete", .foreign), ("orders-3-delete", .foreign),
            ("orders-3.-delete", .foreign),
            ("orders", .foreign), ("-3", .foreign), ("orders-", .foreign), ("orders-03", .foreign),
            ("orders-+3", .foreign), ("orders-2147483648", .foreign), ("..-0", .foreign),
            ("lost+found", .foreign), ("größe-0", .foreign),
        ] as [(String, PartitionFolderName)])
    func `a folder's name says what it is`(_ name: String, _ expected: PartitionFolderName) {
        #expect(PartitionFolderName(name) == expected)
    }

    // MARK: - Odd folders

    @Test
    func `a topic without an id gets one that is written to all its folders`() throws {
        let disk = SimulatedDisk(seed: 2)
        try makeFolder("/data", on: disk)
        for folder in ["t-0", "t-1", "u-0", "u-1"] { try makeFolder("/data/\(folder)", on: disk) }
        try PartitionMetadataFile.write(id(7), on: disk, folder: "/data/u-1")

        let adoption = Adoption(
            of: try DataFolder(scanning: "/data", on: disk), into: ClusterState(),
            makeID: { id(9) })
        try adoption.writeIdentities(on: disk)

        #expect(
            adoption.records == [
                .topicCreated(name: "t", id: id(9), partitionCount: 2),
                .topicConfigSet(topicID: id(9), key: "retention.bytes", value: "-1"),
                .topicConfigSet(topicID: id(9), key: "retention.ms", value: "-1"),
                .topicCreated(name: "u", id: id(7), partitionCount: 2),
                .topicConfigSet(topicID: id(7), key: "retention.bytes", value: "-1"),
                .topicConfigSet(topicID: id(7), key: "retention.ms", value: "-1"),
            ])
        #expect(try PartitionMetadataFile.read(on: disk, folder: "/data/t-1") == id(9))
        #expect(try PartitionMetadataFile.read(on: disk, folder: "/data/u-0") == id(7))
    }

    @Test
    func `adopting twice adds nothing and a new partition is noticed`() throws {
        let disk = SimulatedDisk(seed: 3)
        try makeTopicFolders(["t-0": 1, "t-1": 1], on: disk)
        var state = ClusterState()
        try adopt(from: disk, into: &state)

        #expect(Adoption(of: try scan(disk), into: state).records.isEmpty)

        try makeTopicFolders(["t-2": 1], on: disk)
        try adopt(from: disk, into: &state)

        #expect(state.topic(named: "t")?.partitionCount == 3)
    }

    @Test
    func `the folders of a deleted topic do not come back`() throws {
        let disk = SimulatedDisk(seed: 4)
        try makeTopicFolders(["t-0": 1, "t-1": 1], on: disk)
        var state = ClusterState()
        try adopt(from: disk, into: &state)
        try state.apply(.topicDeletionStarted(topicID: id(1)))

        #expect(Adoption(of: try scan(disk), into: state).records.isEmpty)
    }

    @Test
    func `contradicting ids leave a topic out and the others in`() throws {
        let disk = SimulatedDisk(seed: 5)
        try makeTopicFolders(["t-0": 1, "t-1": 2, "u-0": 3], on: disk)

        let adoption = Adoption(of: try scan(disk), into: ClusterState())

        #expect(adoption.records.first == .topicCreated(name: "u", id: id(3), partitionCount: 1))
        #expect(adoption.records.count == 3)
        #expect(adoption.notices.count == 1)
        #expect(adoption.notices[0].contains("topic t is left out"))
    }

    @Test
    func `a folder with another id than the metadata says is left out`() throws {
        let disk = SimulatedDisk(seed: 6)
        try makeTopicFolders(["t-0": 1], on: disk)
        var state = ClusterState()
        try state.apply(.topicCreated(name: "t", id: id(2), partitionCount: 1))

        let adoption = Adoption(of: try scan(disk), into: state)

        #expect(adoption.records.isEmpty)
        #expect(adoption.notices[0].contains("the metadata says \(id(2))"))
    }

    @Test
    func `one id under two names goes to the first only`() throws {
        let disk = SimulatedDisk(seed: 7)
        try makeTopicFolders(["t-0": 1, "u-0": 1], on: disk)

        let adoption = Adoption(of: try scan(disk), into: ClusterState())

        #expect(adoption.records.first == .topicCreated(name: "t", id: id(1), partitionCount: 1))
        #expect(adoption.records.count == 3)
        #expect(adoption.notices[0].contains("topic u is left out"))
    }

    @Test
    func `a partition number beyond the limit is refused and not filled up`() throws {
        let disk = SimulatedDisk(seed: 8)
        try makeTopicFolders(["t-2147483647": 1], on: disk)

        let adoption = Adoption(of: try scan(disk), into: ClusterState())

        #expect(adoption.records.isEmpty)
        #expect(adoption.notices[0].contains("t-2147483647"))
    }

    @Test
    func `foreign and damaged things give notices and leftovers are told apart`() throws {
        let disk = SimulatedDisk(seed: 9)
        try makeTopicFolders(["t-0": 1, "bad-0": 2], on: disk)
        for folder in [
            "lost+found", "photos", "__cluster_metadata-0", "__millrace_metadata-0",
            "old-0.0123456789abcdef0123456789abcdef-delete", "t-0.aa-future",
        ] { try makeFolder("/data/\(folder)", on: disk) }
        try disk.replaceFile("/data/bad-0/partition.metadata", with: [0xFF, 0x00])
        try disk.replaceFile("/data/notes.txt", with: [1])
        try disk.replaceFile("/data/meta.properties", with: [])

        let found = try scan(disk)
        let adoption = Adoption(of: found, into: ClusterState())

        #expect(adoption.records.first == .topicCreated(name: "t", id: id(1), partitionCount: 1))
        #expect(adoption.records.count == 3)
        #expect(found.leftovers == ["/data/old-0.0123456789abcdef0123456789abcdef-delete"])
        for named in ["photos", "__cluster_metadata-0", "t-0.aa-future", "bad-0", "notes.txt"] {
            #expect(adoption.notices.contains { $0.contains("/data/\(named)") }, "\(named)")
        }
        #expect(adoption.notices.count == 5)
    }

    @Test
    func `a damaged producer snapshot gives way to an older one`() throws {
        let disk = SimulatedDisk(seed: 10)
        try makeTopicFolders(["t-0": 1], on: disk)
        let entry = ProducerSnapshot.Entry(
            producerID: ProducerID(4_321), epoch: .zero, lastBatch: nil,
            lastTimestamp: Timestamp(0), coordinatorEpoch: nil, ongoingTransactionStart: nil)
        try ProducerSnapshot(entries: [entry]).write(
            at: Offset(5), on: disk, folder: "/data/t-0")
        try disk.replaceFile("/data/t-0/\(ProducerSnapshot.name(at: Offset(9)))", with: [0, 1, 2])

        let adoption = Adoption(of: try scan(disk), into: ClusterState())

        #expect(adoption.records.last == .producerIDsAllocated(next: ProducerID(1_005_000)))
    }

    // MARK: - Made up

    private func adopt(from disk: SimulatedDisk, into state: inout ClusterState) throws {
        for record in Adoption(of: try scan(disk), into: state).records { try state.apply(record) }
    }

    private func scan(_ disk: SimulatedDisk) throws -> DataFolder {
        try DataFolder(scanning: "/data", on: disk)
    }

    /// Folders in `/data` whose `partition.metadata` names the id with this low half.
    private func makeTopicFolders(_ folders: [String: UInt64], on disk: SimulatedDisk) throws {
        if try !disk.list("/").contains(where: { $0.name == "data" }) {
            try makeFolder("/data", on: disk)
        }
        for (name, low) in folders {
            try makeFolder("/data/\(name)", on: disk)
            try PartitionMetadataFile.write(id(low), on: disk, folder: "/data/\(name)")
        }
    }

    private func makeFolder(_ path: String, on disk: SimulatedDisk) throws {
        _ = try disk.perform(.createFolder(path: path))
    }
}

private func id(_ low: UInt64) -> TopicID { TopicID(high: 0, low: low) }

private func partition(_ topic: String, _ index: Int32) -> TopicPartition {
    TopicPartition(topic: topic, partition: PartitionIndex(index))
}
