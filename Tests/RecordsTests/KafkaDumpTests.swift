import Compression
import Records
import TestData
import Testing
import Vocabulary

/// Compares our reading of the logs that Kafka wrote with what Kafka's dump tool printed of them:
/// our values are put into the tool's own words, and the lines must be the same.
@Suite struct KafkaDumpTests {
    static let folders = [
        "codecs-0", "transactions-0", "compacted-0", "shapes-0", "__consumer_offsets-29",
        "__transaction_state-44", "__transaction_state-45",
    ]

    @Test(arguments: folders)
    func `every batch and record reads as Kafka's dump tool says`(folder: String) throws {
        let root = try KafkaFolders.unpacked()
        let dump = try Dump(reading: "\(root)/dump/\(folder).txt")
        let logs = try namesInFolder("\(root)/clean/\(folder)").filter { $0.hasSuffix(".log") }

        for log in logs {
            let bytes = try readFile("\(root)/clean/\(folder)/\(log)")
            let found = try bytes.withUnsafeBytes { try describe($0) }
            // Compaction emptied the first segments: there is nothing to say of them.
            let expected = dump.sections[log] ?? []

            #expect(found.count == expected.count, "\(log)")
            for (mine, kafkas) in zip(found, expected) {
                #expect(mine == kafkas, "\(log)")
            }
        }

        #expect(Set(logs).isSuperset(of: dump.sections.keys))
    }

    @Test func `the folders hold every codec, control batches and null fields`() throws {
        let root = try KafkaFolders.unpacked()
        var codecs: Set<Codec> = []
        var controls = 0
        var nullKeys = 0

        for folder in Self.folders {
            for name in try namesInFolder("\(root)/clean/\(folder)") where name.hasSuffix(".log") {
                let bytes = try readFile("\(root)/clean/\(folder)/\(name)")
                try bytes.withUnsafeBytes { bytes in
                    try forEachBatch(in: bytes) { batch, _ in
                        codecs.insert(batch.header.attributes.codec)
                        controls += batch.header.attributes.isControl ? 1 : 0
                        let records = try batch.records(decompressor: Decompressor())
                        nullKeys += records.count { $0.key == nil }
                    }
                }
            }
        }

        #expect(codecs == Set(Codec.allCases))
        #expect(controls > 0)
        #expect(nullKeys > 0)
    }

    @Test func `what clients produced to Kafka passes our validation, unchanged`() throws {
        let root = try KafkaFolders.unpacked()
        let validator = BatchValidator(decompressor: Decompressor())
        var validated = 0

        for folder in ["codecs-0", "transactions-0", "shapes-0"] {
            for name in try namesInFolder("\(root)/clean/\(folder)") where name.hasSuffix(".log") {
                let bytes = try readFile("\(root)/clean/\(folder)/\(name)")
                try bytes.withUnsafeBytes { bytes in
                    try forEachBatch(in: bytes) { batch, _ in
                        let rules = BatchRules(
                            allowsControlBatches: batch.header.attributes.isControl)
                        let summary = try validator.validate(batch.bytes, rules: rules)
                        #expect(!summary.hasWrongMaxTimestamp)
                        #expect(summary.header == batch.header)
                        validated += 1
                    }
                }
            }
        }

        #expect(validated > 50)
    }

    private func describe(_ bytes: UnsafeRawBufferPointer) throws -> [String] {
        let decompressor = Decompressor()
        var lines: [String] = []
        try forEachBatch(in: bytes) { batch, position in
            lines.append(DumpWords.line(for: batch, at: position))
            try batch.forEachRecord(decompressor: decompressor) { record in
                lines.append(DumpWords.line(for: record, of: batch.header))
                return true
            }
        }
        return lines
    }

    private func forEachBatch(
        in bytes: UnsafeRawBufferPointer, _ body: (BatchView, Int) throws -> Void
    ) throws {
        var position = 0
        while position < bytes.count {
            let batch = try BatchView(
                reading: UnsafeRawBufferPointer(rebasing: bytes[position...]))
            try body(batch, position)
            position += batch.header.byteCount
        }
    }
}
