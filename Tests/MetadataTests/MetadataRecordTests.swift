import Testing
import Vocabulary

@testable import Metadata

struct MetadataRecordTests {
    static let topicID = TopicID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10)
    static let idHex = "01020304050607 08090A0B0C0D0E0F10"

    /// The examples of docs/formats/metadata-log.md.
    static let examples: [(MetadataRecord, String)] = [
        (.clusterRegistered(clusterID: "c1", nodeID: BrokerID(7)), "4D520101 0002 6331 00000007"),
        (
            .topicCreated(name: "hi", id: TopicID(high: 0, low: 1), partitionCount: 3),
            "4D520102 0002 6869 0000000000000000 0000000000000001 00000003"
        ),
        (.partitionsAdded(topicID: topicID, partitionCount: 6), "4D520103 \(idHex) 00000006"),
        (.topicDeletionStarted(topicID: topicID), "4D520104 \(idHex)"),
        (.topicDeletionFinished(topicID: topicID), "4D520105 \(idHex)"),
        (
            .topicConfigSet(topicID: topicID, key: "a.b", value: "ü"),
            "4D520106 \(idHex) 0003 612E62 0002 C3BC"
        ),
        (.topicConfigRemoved(topicID: topicID, key: "a.b"), "4D520107 \(idHex) 0003 612E62"),
        (.producerIDsAllocated(next: ProducerID(1_000)), "4D520108 00000000000003E8"),
        (
            .brokerConfigSet(broker: nil, key: "a.b", value: "ü"),
            "4D520109 FFFFFFFF 0003 612E62 0002 C3BC"
        ),
        (
            .brokerConfigRemoved(broker: BrokerID(7), key: "a.b"),
            "4D52010A 00000007 0003 612E62"
        ),
    ]

    @Test(arguments: examples)
    func `each record has the bytes that its format document shows`(
        _ record: MetadataRecord, _ hex: String
    ) throws {
        #expect(record.encoded == bytes(hex))
        #expect(try MetadataRecord(decoding: bytes(hex)) == record)
    }

    @Test(arguments: examples.map(\.0))
    func `a record cut short anywhere or with bytes after it is refused`(
        _ record: MetadataRecord
    ) throws {
        let whole = record.encoded

        for length in 0..<whole.count {
            #expect(throws: RecordFormatError.self) {
                try MetadataRecord(decoding: Array(whole[..<length]))
            }
        }
        #expect(throws: RecordFormatError.trailingBytes(1)) {
            try MetadataRecord(decoding: whole + [0])
        }
    }

    @Test(
        arguments: [
            ("4D530101 0000 00000000", RecordFormatError.badMagic),
            ("4D520201 0000 00000000", .newerVersion(2)),
            ("4D520001 0000 00000000", .unknownVersion(0)),
            ("4D520100", .unknownType(0)), ("4D52010B", .unknownType(11)),
            ("4D5201FF", .unknownType(255)),
            ("4D520101 FFFF 61", .truncated(at: 6)),
            ("4D520101 0002 C328 00000000", .notText(at: 6)),
        ] as [(String, RecordFormatError)])
    func `bytes that are no record are refused with the reason`(
        _ hex: String, _ error: RecordFormatError
    ) {
        #expect(throws: error) { try MetadataRecord(decoding: bytes(hex)) }
    }

    // MARK: - Snapshots

    @Test
    func `a snapshot is read back as it was written`() throws {
        let snapshot = MetadataSnapshot(
            generation: Self.topicID, records: Self.examples.map(\.0))

        #expect(try MetadataSnapshot(decoding: snapshot.encoded, path: "s") == snapshot)
    }

    @Test
    func `any changed or missing byte of a snapshot is noticed`() throws {
        let whole = MetadataSnapshot(generation: Self.topicID, records: [Self.examples[1].0])
            .encoded

        for position in 0..<whole.count {
            var changed = whole
            changed[position] ^= 1
            #expect(throws: MetadataError.self) {
                try MetadataSnapshot(decoding: changed, path: "s")
            }
            #expect(throws: MetadataError.self) {
                try MetadataSnapshot(decoding: Array(whole[..<position]), path: "s")
            }
        }
    }

    @Test
    func `a later snapshot is refused as such`() {
        #expect(throws: MetadataError.newerVersion(path: "s", found: 2, supported: 1)) {
            try MetadataSnapshot(
                decoding: bytes("4D524D53 0002") + [UInt8](repeating: 0, count: 24), path: "s")
        }
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.utf8.filter { $0 != UInt8(ascii: " ") }
        return stride(from: 0, to: digits.count, by: 2).map { index in
            UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) ?? 0
        }
    }
}
