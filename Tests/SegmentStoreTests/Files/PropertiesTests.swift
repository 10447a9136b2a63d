@testable import SegmentStore
import Testing
import Vocabulary

struct PropertiesTests {
    // MARK: - meta.properties

    @Test(arguments: ["clean", "unclean"])
    func `the properties that Kafka wrote are understood and written back byte for byte`(
        _ folder: String
    ) throws {
        let bytes = try kafkaFile("\(folder)/meta.properties")

        let properties = try MetaProperties(parsing: bytes, path: folder)

        #expect(properties.clusterID == "MkU3OEVBNTcwNTJENDM2Qg")
        #expect(properties.nodeID == BrokerID(1))
        #expect(properties.directoryID == TopicID("Z_TNZYcheO5g4fv8UUeBGg"))
        #expect(properties.encoded == bytes)
    }

    @Test
    func `properties of our own are read back`() throws {
        let id = TopicID(high: 1, low: 2)
        let written = MetaProperties(
            clusterID: "a=b: ü#1\\", nodeID: BrokerID(7), directoryID: id)

        let read = try MetaProperties(parsing: written.encoded, path: "meta.properties")

        #expect(read.clusterID == "a=b: ü#1\\")
        #expect(read.nodeID == BrokerID(7))
        #expect(read.directoryID == id)
        #expect(written.encoded.allSatisfy { $0 < 0x7F })
    }

    @Test
    func `version 0 has a broker id, may lack both ids, and is assumed without a version`() throws {
        let old = try parse("version=0\nbroker.id=3\ncluster.id=c\n")
        let bare = try parse("#nothing\n")

        #expect(old.nodeID == BrokerID(3))
        #expect(old.clusterID == "c")
        #expect(bare.nodeID == nil)
        #expect(bare.clusterID == nil)
    }

    @Test
    func `unknown keys are kept`() throws {
        let properties = try parse("version=1\nnode.id=1\ncluster.id=c\nnovel.key=x y\n")

        #expect(text(properties.encoded).contains("novel.key=x y\n"))
    }

    @Test(arguments: [
        "  version : 1\n\tnode.id 1\ncluster.id=c",
        "ver\\\n  sion=1\nnode.id=\\\n1\ncluster.id = c",
        "\\u0076ersion=1\nnode.id=\\u0031\ncluster.id=\\c",
        "! remark\n\n \nversion=1\nnode.id=1\ncluster.id:c\n# remark \\\n",
    ])
    func `the forms that Java reads are read`(_ contents: String) throws {
        let properties = try parse(contents)

        #expect(properties.nodeID == BrokerID(1))
        #expect(properties.clusterID == "c")
    }

    @Test(arguments: [
        ("version=one\n", "key version"), ("version=-1\n", "key version"),
        ("version=1\ncluster.id=c\n", "key node.id"),
        ("version=1\nnode.id=x\ncluster.id=c\n", "key node.id"),
        ("version=1\nnode.id=-1\ncluster.id=c\n", "key node.id"),
        ("version=1\nnode.id=2147483648\ncluster.id=c\n", "key node.id"),
        ("version=1\nnode.id=1\n", "key cluster.id"),
        ("version=1\nnode.id=1\ncluster.id=\n", "key cluster.id"),
        ("version=1\nnode.id=1\ncluster.id=c\ndirectory.id=short\n", "key directory.id"),
        ("version=0\nbroker.id=x\n", "key broker.id"),
        ("version=\\u00g1\n", "line 1"), ("a=b\nc=\\u12", "line 2"),
    ])
    func `damaged properties are refused with the place`(
        _ contents: String, _ place: String
    ) throws {
        let message = complaint { _ = try parse(contents) }

        #expect(message.contains("meta.properties, \(place)"))
    }

    @Test
    func `a later version of the properties is refused as such`() throws {
        #expect(
            throws: SideFileError.newerVersion(path: "meta.properties", found: 2, supported: 1)
        ) {
            try parse("version=2\nnode.id=1\ncluster.id=c\n")
        }
    }

    // MARK: - partition.metadata

    @Test(arguments: [
        ("codecs-0", "kD2oe2-pSAuWZyp_k4fbgA"), ("transactions-0", "xLh8BhqITpSukksMDnyU3Q"),
    ])
    func `the topic id that Kafka wrote is read and written back byte for byte`(
        _ folder: String, _ id: String
    ) throws {
        let bytes = try kafkaFile("clean/\(folder)/partition.metadata")

        let topicID = try PartitionMetadataFile.parse(bytes, path: folder)

        #expect(topicID.description == id)
        #expect(PartitionMetadataFile.encode(topicID) == bytes)
    }

    @Test
    func `a later version with a topic id is accepted`() throws {
        let bytes = Array("version: 1\ntopic_id: kD2oe2-pSAuWZyp_k4fbgA\nmore: 1\n".utf8)

        #expect(
            try PartitionMetadataFile.parse(bytes, path: "p").description
                == "kD2oe2-pSAuWZyp_k4fbgA")
    }

    @Test(arguments: [
        ("", "line 1"), ("version 0 0", "line 1"), ("version: -1\ntopic_id: x", "line 1"),
        ("version: 0", "line 2"), ("version: 0\ntopic_id:", "line 2"),
        ("version: 0\ntopic_id: AAAA", "line 2"),
        ("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA", "line 2"),  // the zero id
        ("version: 0\ntopic_id: kD2oe2-pSAuWZyp_k4fb!A", "line 2"),
    ])
    func `a damaged topic id is refused with the line`(
        _ contents: String, _ place: String
    ) throws {
        let message = complaint {
            _ = try PartitionMetadataFile.parse(
                Array(contents.utf8), path: "t-0/partition.metadata")
        }

        #expect(message.contains("t-0/partition.metadata, \(place)"))
    }

    // MARK: - .kafka_cleanshutdown

    @Test(
        arguments: [
            ("{\"version\":0,\"brokerEpoch\":17}", 17), ("{ \"brokerEpoch\" : 5 }", 5),
            ("", nil), ("{}", nil), ("\"brokerEpoch\"", nil), ("{\"brokerEpoch\":\"x\"}", nil),
            ("{\"brokerEpoch\":99999999999999999999999}", nil), ("\u{0}\u{1}", nil),
        ] as [(String, Int64?)])
    func `the clean mark is read leniently`(_ contents: String, _ epoch: Int64?) {
        #expect(CleanShutdownMark(reading: Array(contents.utf8)).brokerEpoch == epoch)
    }

    private func parse(_ contents: String) throws -> MetaProperties {
        try MetaProperties(parsing: Array(contents.utf8), path: "meta.properties")
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
