import SegmentStore
import Testing
import Vocabulary

struct ProducerSnapshotTests {
    @Test(arguments: [
        "clean/codecs-0/00000000000000000600", "clean/codecs-0/00000000000000010000",
        "clean/transactions-0/00000000000000000101", "clean/transactions-0/00000000000000000303",
        "clean/transactions-0/00000000000000000606", "unclean/transactions-0/00000000000000000505",
        "clean/compacted-0/00000000000000000800",
        "clean/__transaction_state-44/00000000000000000012",
    ])
    func `a snapshot that Kafka wrote is written back byte for byte`(_ name: String) throws {
        let bytes = try kafkaFile("\(name).snapshot")

        let snapshot = try ProducerSnapshot(parsing: bytes, path: name)

        #expect(snapshot.encoded == bytes)
        #expect(ProducerStates(snapshot, now: Timestamp(0)).snapshot.encoded == bytes)
    }

    @Test(arguments: [101, 202, 303, 404, 505] as [Int64])
    func `a snapshot says what Kafka's dump says of it`(_ offset: Int64) throws {
        let name = ProducerSnapshot.name(at: Offset(offset))
        let dump = String(decoding: try kafkaFile("dump/transactions-0.txt"), as: UTF8.self)
        let said = dump.split(separator: "\n")
            .drop { $0 != "Dumping \(name)" }.dropFirst()
            .prefix { $0.hasPrefix("producerId") }

        let bytes = try kafkaFile("clean/transactions-0/\(name)")
        let snapshot = try ProducerSnapshot(parsing: bytes, path: name)

        #expect(!said.isEmpty)
        #expect(snapshot.entries.map(dumped) == said.map(String.init))
    }

    @Test
    func `absent fields survive a round trip`() throws {
        let snapshot = ProducerSnapshot(entries: [
            ProducerSnapshot.Entry(
                producerID: ProducerID(.max), epoch: nil, lastBatch: nil,
                lastTimestamp: Timestamp(-1), coordinatorEpoch: nil, ongoingTransactionStart: nil),
            ProducerSnapshot.Entry(
                producerID: ProducerID(0), epoch: ProducerEpoch(.max),
                lastBatch: ProducerSnapshot.Batch(
                    lastSequence: SequenceNumber(.max), lastOffset: .limit, offsetDelta: 4),
                lastTimestamp: Timestamp(.max), coordinatorEpoch: 9,
                ongoingTransactionStart: Offset(0)),
        ])

        #expect(try ProducerSnapshot(parsing: snapshot.encoded, path: "s") == snapshot)
    }

    @Test(
        arguments: [
            (-1, 0, 9, 0), (1, -2, 9, 0), (1, 0, 9, -1), (1, 0, 9, 10), (1, 0, .max, 0),
            (1, 0, Offset.limit.rawValue + 1, .max),
        ] as [(Int64, Int32, Int64, Int32)])
    func `numbers that no producer has are refused, though the checksum is right`(
        _ id: Int64, _ sequence: Int32, _ offset: Int64, _ delta: Int32
    ) {
        let snapshot = ProducerSnapshot(entries: [
            ProducerSnapshot.Entry(
                producerID: ProducerID(id), epoch: .zero,
                lastBatch: ProducerSnapshot.Batch(
                    lastSequence: SequenceNumber(sequence), lastOffset: Offset(offset),
                    offsetDelta: delta),
                lastTimestamp: Timestamp(0), coordinatorEpoch: nil, ongoingTransactionStart: nil)
        ])

        #expect(throws: SideFileError.self) {
            try ProducerSnapshot(parsing: snapshot.encoded, path: "s")
        }
    }

    @Test(arguments: 0..<56)
    func `one flipped bit in any byte is noticed`(_ position: Int) throws {
        var bytes = try kafkaFile("clean/transactions-0/00000000000000000101.snapshot")

        bytes[position] ^= 0x10

        #expect(throws: SideFileError.self) {
            try ProducerSnapshot(parsing: bytes, path: "s")
        }
    }

    @Test(arguments: 0..<56)
    func `a snapshot cut short anywhere is refused`(_ length: Int) throws {
        let bytes = try kafkaFile("clean/transactions-0/00000000000000000101.snapshot")

        let message = complaint {
            _ = try ProducerSnapshot(parsing: Array(bytes[..<length]), path: "s")
        }

        #expect(message.contains("s, byte "))
        #expect(message.contains("delete the file"))
    }

    @Test
    func `a count that the file cannot hold is refused before memory is taken`() throws {
        let bytes: [UInt8] = [0, 1, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF]

        let message = complaint { _ = try ProducerSnapshot(parsing: bytes, path: "s") }

        #expect(message.contains("2147483647 in 10 bytes"))
    }

    @Test
    func `a later version of the snapshot is refused as such`() throws {
        #expect(throws: SideFileError.newerVersion(path: "s", found: 2, supported: 1)) {
            try ProducerSnapshot(parsing: [0, 2] + [UInt8](repeating: 0, count: 8), path: "s")
        }
    }

    @Test(
        arguments: [
            ("00000000000000000101.snapshot", 101), ("101.snapshot", nil),
            ("00000000000000000101.log", nil), ("0000000000000000010x.snapshot", nil),
            ("99999999999999999999.snapshot", nil), ("00000000000000000101.snapshot.tmp", nil),
        ] as [(String, Int64?)])
    func `a snapshot's name tells its offset`(_ name: String, _ offset: Int64?) {
        #expect(ProducerSnapshot.offset(ofName: name)?.rawValue == offset)
    }

    /// One producer as Kafka's dump tool words it.
    private func dumped(_ entry: ProducerSnapshot.Entry) -> String {
        let batch = entry.lastBatch
        let last = batch?.lastSequence.rawValue ?? -1
        let delta = batch?.offsetDelta ?? 0
        let transaction =
            entry.ongoingTransactionStart.map { "OptionalLong[\($0)]" } ?? "OptionalLong.empty"
        return """
            producerId: \(entry.producerID) producerEpoch: \(entry.epoch?.rawValue ?? -1) \
            coordinatorEpoch: \(entry.coordinatorEpoch ?? -1) \
            currentTxnFirstOffset: \(transaction) lastTimestamp: \(entry.lastTimestamp) \
            firstSequence: \(last - delta) lastSequence: \(last) \
            lastOffset: \(batch?.lastOffset.rawValue ?? -1) offsetDelta: \(delta) \
            timestamp: \(entry.lastTimestamp)
            """
    }
}
