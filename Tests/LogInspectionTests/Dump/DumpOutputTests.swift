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
}
