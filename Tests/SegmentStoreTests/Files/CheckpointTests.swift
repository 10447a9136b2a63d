import SegmentStore
import Testing
import Vocabulary

struct CheckpointTests {
    // MARK: - Kafka's own files

    @Test(arguments: [
        "cleaner-offset-checkpoint", "log-start-offset-checkpoint",
        "recovery-point-offset-checkpoint", "replication-offset-checkpoint",
    ])
    func `an offset checkpoint that Kafka wrote is written back byte for byte`(
        _ name: String
    ) throws {
        let bytes = try kafkaFile("clean/\(name)")

        let checkpoint = try OffsetCheckpointFile(parsing: bytes, path: name)

        #expect(checkpoint.encoded == bytes)
    }

    @Test
    func `the recovery points that Kafka wrote are found by partition`() throws {
        let bytes = try kafkaFile("clean/recovery-point-offset-checkpoint")

        let checkpoint = try OffsetCheckpointFile(parsing: bytes, path: "checkpoint")

        #expect(checkpoint.count == 104)
        #expect(checkpoint[partition("codecs")] == Offset(10_000))
        #expect(checkpoint[partition("transactions")] == Offset(606))
        #expect(checkpoint[partition("codec")] == nil)
    }

    @Test(arguments: ["codecs-0", "compacted-0", "transactions-0", "__consumer_offsets-29"])
    func `leader epochs that Kafka wrote are written back byte for byte`(_ folder: String) throws {
        let bytes = try kafkaFile("clean/\(folder)/leader-epoch-checkpoint")

        let cache = try LeaderEpochCheckpoint.parse(bytes, path: folder)

        #expect(cache.latestEpoch == .zero)
        #expect(LeaderEpochCheckpoint.encode(cache) == bytes)
    }

    @Test
    func `offsets that no log reaches are refused`() {
        #expect(throws: SideFileError.self) { try parse("0\n1\na 0 \(Int64.max)\n") }
        #expect(throws: SideFileError.self) {
            try LeaderEpochCheckpoint.parse(Array("0\n1\n0 \(Int64.max)\n".utf8), path: "e")
        }
    }

    // MARK: - Changing

    @Test
    func `setting a known partition keeps its place and a new one comes last`() throws {
        var checkpoint = try parse("0\n2\nb 0 5\na 1 7\n")

        checkpoint[partition("b")] = Offset(6)
        checkpoint[partition("c")] = Offset(0)

        #expect(text(checkpoint) == "0\n3\nb 0 6\na 1 7\nc 0 0\n")
    }

    @Test
    func `a removed partition is gone and its return comes last`() throws {
        var checkpoint = try parse("0\n2\nb 0 5\na 0 7\n")

        checkpoint[partition("b")] = nil
        checkpoint[partition("b")] = Offset(9)

        #expect(text(checkpoint) == "0\n2\na 0 7\nb 0 9\n")
    }

    @Test
    func `of two entries for one partition the last counts`() throws {
        let checkpoint = try parse("0\n2\na 0 5\na 0 7\n")

        #expect(checkpoint[partition("a")] == Offset(7))
        #expect(checkpoint.count == 1)
    }

    // MARK: - Bad input

    @Test(arguments: ["", "0", "0\n", "0\n0", "0\r\n0\r\n"])
    func `a file without entries reads as none`(_ contents: String) throws {
        #expect(try parse(contents).count == 0)
    }

    @Test(arguments: [
        ("x\n0\n", "line 1", "version"),
        ("-1\n0\n", "line 1", "version"),
        ("0\nmany\n", "line 2", "number of entries"),
        ("0\n-1\n", "line 2", "number of entries"),
        ("0\n9223372036854775807\na 0 1\n", "line 4", "9223372036854775807 entries, not 1"),
        ("0\n2\na 0 1\n", "line 4", "the end of the file"),
        ("0\n1\na 0 1\nb 0 1\n", "line 4", "the end of the file after 1 entries"),
        ("0\n1\na 0\n", "line 3", "topic partition offset"),
        ("0\n1\na 0 1 2\n", "line 3", "topic partition offset"),
        ("0\n1\na -1 1\n", "line 3", "topic partition offset"),
        ("0\n1\na 0 -1\n", "line 3", "topic partition offset"),
        ("0\n1\na 0 9223372036854775808\n", "line 3", "topic partition offset"),
        ("0\n1\n../../etc 0 1\n", "line 3", "topic partition offset"),
        ("0\n1\n\n", "line 3", "topic partition offset"),
        ("0\n1\n\u{0}\u{1}\u{2}\n", "line 3", "`???`"),
    ])
    func `a damaged checkpoint is refused with the line and what to do`(
        _ contents: String, _ place: String, _ says: String
    ) throws {
        let message = complaint { _ = try parse(contents) }

        #expect(message.contains("folder/checkpoint, \(place)"))
        #expect(message.contains(says))
        #expect(message.contains("delete the file"))
    }

    @Test
    func `a later version is refused as such`() throws {
        #expect(
            throws: SideFileError.newerVersion(path: "folder/checkpoint", found: 1, supported: 0)
        ) {
            try parse("1\n0\n")
        }
    }

    @Test
    func `a huge line is not repeated in the message`() throws {
        let line = String(repeating: "9", count: 1 << 20)

        let message = complaint { _ = try parse("0\n1\na 0 \(line)\n") }

        #expect(message.utf8.count < 400)
    }

    @Test(arguments: ["0\n1\n-1 0\n", "0\n1\n0 -5\n", "0\n1\n0\n", "0\n1\n2147483648 0\n"])
    func `damaged leader epochs are refused`(_ contents: String) throws {
        #expect(throws: SideFileError.self) {
            try LeaderEpochCheckpoint.parse(Array(contents.utf8), path: "epochs")
        }
    }

    private func partition(_ topic: String) -> TopicPartition {
        TopicPartition(topic: topic, partition: PartitionIndex(0))
    }

    private func parse(_ contents: String) throws -> OffsetCheckpointFile {
        try OffsetCheckpointFile(parsing: Array(contents.utf8), path: "folder/checkpoint")
    }

    private func text(_ checkpoint: OffsetCheckpointFile) -> String {
        String(decoding: checkpoint.encoded, as: UTF8.self)
    }
}
