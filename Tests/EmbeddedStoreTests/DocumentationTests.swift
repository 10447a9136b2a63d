import EmbeddedStore
import TestData
import Testing

/// What the documentation shows is what the store does.
struct DocumentationTests {
    private static let start: Int64 = 1_700_000_000_000

    @Test
    func `the bytes of the page on file formats are those of a log with the same records`()
        async throws
    {
        let folder = try freshFolder()
        var settings = EventStoreSettings()
        settings.log.indexIntervalBytes = 50
        try await withEventStore(at: folder, settings) { store in
            let log = try await store.log("orders")
            var batch = EventBatchBuilder()
            batch.append(
                key: Array("17".utf8), value: Array("two chairs".utf8),
                timestamp: Timestamp(Self.start))
            try await log.append(batch.seal())
            batch.append(
                key: Array("18".utf8), value: Array("a lamp".utf8),
                timestamp: Timestamp(Self.start + 500))
            batch.append(
                key: Array("17".utf8), value: nil, timestamp: Timestamp(Self.start + 1_000))
            try await log.append(batch.seal())
        }

        for kind in ["log", "index", "timeindex"] {
            let documented = try Catalog.hex(named: kind, of: "FileFormats.md")
            #expect(!documented.isEmpty)
            #expect(
                try readFile("\(folder)/orders-0/00000000000000000000.\(kind)") == documented,
                "\(kind)")
        }
    }

    @Test
    func `the documented batches decode to the documented records`() throws {
        let bytes = try Catalog.hex(named: "log", of: "FileFormats.md")
        var records: [Record] = []
        var position = 0
        while position < bytes.count {
            let decoded = bytes[position...].withUnsafeBytes { rest in
                Result {
                    let batch = try BatchView(reading: rest)
                    return (
                        batch.hasValidChecksum, batch.header.byteCount,
                        try batch.records(decompressor: Decompressor())
                    )
                }
            }
            let (isSound, byteCount, found) = try decoded.get()
            #expect(isSound)
            records += found
            position += byteCount
        }

        #expect(records.map(\.offset) == [Offset(0), Offset(1), Offset(2)])
        #expect(records.map(\.timestamp.rawValue) == [0, 500, 1_000].map { Self.start + $0 })
        #expect(records.map(\.key) == ["17", "18", "17"].map { Array($0.utf8) })
        #expect(records.map(\.value) == [Array("two chairs".utf8), Array("a lamp".utf8), nil])
    }

    @Test
    func `the documented code is compiled, and does what is said`() async throws {
        let compiled = Catalog.significantLines(
            of: try Catalog.text(of: "\(Catalog.tests)/DocumentedCode.swift"))
        for page in ["GettingStarted.md"] {
            let blocks = try Catalog.blocks(of: page).filter { $0.kind == "swift" }
            #expect(!blocks.isEmpty)
            for block in blocks {
                let wanted = Catalog.significantLines(of: block.text)
                let isThere = compiled.indices.contains { start in
                    compiled[start...].starts(with: wanted)
                }
                #expect(isThere, "\(page) has code that is not in DocumentedCode.swift: \(block)")
            }
        }

        let bytes = try await documentedCode(
            in: try freshFolder(), batches: [batch(["one"]), batch(["two"])], seen: { _ in })
        #expect(bytes == "two chairs".utf8.count + "a lamp".utf8.count)
    }
}

/// The pages of the documentation catalog.
private enum Catalog {
    struct Block {
        /// What follows the three backticks.
        var kind: String
        var text: String
    }

    static var tests: String {
        let file = #filePath
        return String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
    }

    static func text(of path: String) throws -> String {
        String(decoding: try readFile(path), as: UTF8.self)
    }

    static func blocks(of page: String) throws -> [Block] {
        let path = "\(tests)/../../Modules/EmbeddedStore/EmbeddedStore.docc/\(page)"
        var blocks: [Block] = []
        var open: Block?
        for line in try text(of: path).split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(block)
                    open = nil
                } else {
                    open = Block(kind: String(line.dropFirst(3)), text: "")
                }
            } else {
                open?.text += "\(line)\n"
            }
        }
        return blocks
    }

    /// The bytes of all blocks of a name: the digits before two blanks in each line.
    static func hex(named name: String, of page: String) throws -> [UInt8] {
        var digits: [UInt8] = []
        for block in try blocks(of: page) where block.kind == "hex \(name)" {
            for line in block.text.split(separator: "\n") {
                let end = line.firstRange(of: "  ")?.lowerBound ?? line.endIndex
                digits += line[..<end].utf8.filter { $0 != UInt8(ascii: " ") }
            }
        }
        try #require(digits.count.isMultiple(of: 2))
        return try stride(from: 0, to: digits.count, by: 2).map { index in
            try #require(
                UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16))
        }
    }

    static func significantLines(of text: String) -> [String] {
        text.split(separator: "\n")
            .map { line in String(line.drop { $0 == " " }) }
            .filter { !$0.isEmpty }
    }
}
