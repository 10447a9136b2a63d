import LogInspection
import Testing
import Vocabulary

@Suite struct DumpOutputTests {
    @Test func `offsets choose files, batches, records and index entries`() throws {
        let folder = try SmallFolder()
        var options = DumpOptions()
        options.from = Offset(31)
        options.to = Offset(33)

        let dump = try Dumped(SmallFolder.orders, options, on: folder.disk)

        let logs = dump.sections.keys.filter { $0.hasSuffix(".log") }
        #expect(logs.count == 1)
        let lines = dump.sections[logs[0]] ?? []
        #expect(lines.count { $0.hasPrefix("baseOffset: 30 lastOffset: 32") } == 1)
        #expect(lines.count { $0.hasPrefix("| offset: ") } == 2)
        #expect(lines.allSatisfy { !$0.hasPrefix("| offset: 30 ") })
    }

    @Test func `the metadata log tells what its records mean`() throws {
        let folder = try SmallFolder()

        let dump = try Dumped("/data/__millrace_metadata-0", DumpOptions(), on: folder.disk)

        #expect(
            dump.lines.contains {
                $0 == "| metadata at offset 0: clusterRegistered cluster: a-cluster node: 1"
            })
    }

    @Test func `each line of JSON is an object with the values of the text`() throws {
        let folder = try SmallFolder()
        var options = DumpOptions()
        options.format = .json

        let dump = try Dumped(SmallFolder.orders, options, on: folder.disk)

        #expect(dump.lines.allSatisfy { $0.hasPrefix(#"{"type":""#) && $0.hasSuffix("}") })
        let record = try #require(dump.lines.first { $0.hasPrefix(#"{"type":"record""#) })
        #expect(
            record
                == #"{"type":"record","file":"/data/orders-0/00000000000000000000.log","#
                + #""offset":0,"timestamp":1700000000000,"keySize":5,"valueSize":100,"sequence":0,"#
                + #""headers":[{"key":"h","value":"\\xff"}],"key":"key 0","value":""#
                + String(repeating: "a", count: 100) + #""}"#)
        #expect(
            dump.lines.contains { $0.contains(#""type":"epoch""#) && $0.contains(#""epoch":3"#) })
        #expect(dump.lines.contains { $0.contains(#""type":"producer""#) })
    }

    @Test func `keys and values can be cut or left out`() throws {
        let folder = try SmallFolder()
        let log = "/data/orders-0/00000000000000000000.log"
        var options = DumpOptions()

        options.contentLimit = 3
        let cut = try Dumped(log, options, on: folder.disk)
        options.contentLimit = nil
        let without = try Dumped(log, options, on: folder.disk)
        options.showsRecords = false
        let batches = try Dumped(log, options, on: folder.disk)

        #expect(
            cut.lines.contains {
                $0.hasSuffix("key: key… (2 bytes more) payload: aaa… (97 bytes more)")
            })
        #expect(without.lines.allSatisfy { !$0.contains(" key: ") })
        #expect(without.lines.contains { $0.hasPrefix("| offset: 0 ") })
        #expect(batches.lines.allSatisfy { !$0.hasPrefix("|") })
    }

    @Test func `files of our own are told with what they hold`() throws {
        let folder = try SmallFolder()
        // The worked examples of docs/formats.
        try folder.overwrite(
            "/data/millrace.changed.0",
            with: bytes(
                "4D52434C 0001 00000000000000000000000000000007 0000 0002"
                    + "0002 6869 00000003 DC4E558D"))
        try folder.overwrite(
            "/data/orders-0/millrace-incarnation",
            with: bytes(
                "4D52494E 0002 0000000000000001 0000000000000028 000000000000005A DC6D882E"))
        var journal = [UInt8](repeating: 0, count: 64 << 10)
        let parts = [
            (0, "4D524A4F55524E4C 0002 0000 00001000"),
            (16, "0000000000010000 9A3C51E8702DB64F 0000000000000002 B87576EC"),
            (4_096, "4D524A57 00000096 9A3C51E8702DB651 0000000000000005"),
            (4_120, "0000000000000004 00000001 30C9ADDC 0000000000000007 0000000000000009"),
            (4_152, "00000003 00000046 0000000000000000 0000000000000028"),
            (4_176, "0000000000000028 0000003A 00000003 02 09F1B519"),
            (4_197, "0000 00000000 000001A1FC9C7400 000001A1FC9C7400"),
            (4_219, "FFFFFFFFFFFFFFFF FFFF FFFFFFFF 00000001 100000000104686900"),
        ]
        for (position, hex) in parts {
            let piece = bytes(hex)
            journal.replaceSubrange(position..<position + piece.count, with: piece)
        }
        try folder.overwrite("/data/journal-0.1", with: journal)

        let dump = try Dumped("/data", DumpOptions(), on: folder.disk)

        #expect(dump.damageCount == 0)
        #expect(dump.sections["millrace.changed.0"]?.last == "topic: hi partition: 3")
        #expect(
            dump.sections["millrace-incarnation"]
                == ["incarnation: 1", "durableEnd: 40", "staleEnd: 90"])
        #expect(
            dump.sections["millrace.manifest"]?.last?.hasPrefix("topic: orders partition: 0 ")
                == true)
        #expect(
            dump.sections["journal-0.1"] == [
                "journal: 11113848039199848015 generation: 2 size: 65536",
                "sequence: 5 settled: 4 position: 4096 size: 150 entries: 1",
                "| topicId: AAAAAAAAAAcAAAAAAAAACQ partition: 3 incarnation: 0 baseOffset: 40 "
                    + "lastOffset: 40 size: 70",
            ])
        #expect(try LogVerification("/data", on: folder.disk).run().damageCount == 0)
        try folder.overwrite(
            "/data/orders-0/millrace-incarnation",
            with: bytes("4D52494E 0001 0000000000000001 80BEF6E6"))
        let old = try Dumped("/data", DumpOptions(), on: folder.disk)
        #expect(old.sections["millrace-incarnation"] == ["incarnation: 1"])
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.filter { $0 != " " }
        return stride(from: 0, to: digits.count, by: 2).compactMap { index in
            let start = digits.index(digits.startIndex, offsetBy: index)
            return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16)
        }
    }
}
