import LogInspection
import TestData
import Testing
import Vocabulary

/// Compares our dump of the folders that Kafka wrote with what Kafka's own tool printed of them.
@Suite struct KafkaDumpTests {
    static let topics = ["codecs-0", "transactions-0", "compacted-0", "shapes-0"]
    static let internals = [
        "__consumer_offsets-29", "__transaction_state-44", "__transaction_state-45",
    ]

    @Test(arguments: topics + internals)
    func `every line is the one that Kafka's tool prints`(folder: String) throws {
        let root = try KafkaFolders.unpacked()
        let expected = try KafkaDump(reading: "\(root)/dump/\(folder).txt")
        var options = DumpOptions()
        options.contentLimit = nil

        let dump = try Dumped("\(root)/clean/\(folder)", options)

        #expect(dump.damageCount == 0)
        #expect(!expected.sections.isEmpty)
        for (file, lines) in expected.sections {
            let found = dump.sections[file] ?? []
            #expect(found.count == lines.count, "\(file)")
            for (ours, kafkas) in zip(found, lines) { #expect(ours == kafkas, "\(file)") }
        }
        // Kafka's tool was not shown the empty files that compaction leaves.
        for (file, lines) in dump.sections where file.hasSuffix(".log") && !lines.isEmpty {
            #expect(expected.sections[file] != nil, "\(file)")
        }
    }

    @Test func `the file that a broker still wrote to ends before its zeros`() throws {
        let root = try KafkaFolders.unpacked()
        let folder = "\(root)/unclean/transactions-0"

        let dump = try Dumped(folder, DumpOptions())

        #expect(dump.damageCount == 0)
        #expect(dump.sections["00000000000000000505.index"] == ["offset: 605 position: 33811"])
        #expect(dump.sections["00000000000000000505.timeindex"]?.count == 1)
    }
}

/// The lines that Kafka's tool printed, per file.
struct KafkaDump {
    private(set) var sections: [String: [String]] = [:]

    /// The tool was told to decode the keys and values of internal topics: those parts are left
    /// out, since we print the bytes.
    init(reading path: String) throws {
        let text = String(decoding: try readFile(path), as: UTF8.self)
        var file: String?
        for line in text.split(separator: "\n") {
            if line.hasPrefix("## ") {
                file = String(line.dropFirst(3).prefix { $0 != " " })
                if let file { sections[file] = [] }
            } else if let file, !line.hasPrefix("Dumping "), !line.hasPrefix("Log starting") {
                let end = line.firstRange(of: " key: ")?.lowerBound ?? line.endIndex
                sections[file]?.append(String(line[..<end]))
            }
        }
    }
}
