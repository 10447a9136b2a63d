import ProtocolGeneration
import Testing

@Suite struct GenerationTests {
    @Test func `the generated files are those of the grammar`() throws {
        let fresh = try generate(from: try Grammar.files(in: "Messages"))

        let present = try Grammar.files(in: "Generated")

        #expect(present.map(\.name) == fresh.map(\.name).sorted())
        for file in fresh {
            #expect(present.contains(file), "\(file.name) is stale: swift run protocol-generator")
        }
    }

    @Test(arguments: [
        ("    a: int33", 6, "unknown type 'int33'"),
        ("    a int32", 6, "a field reads 'name: type'"),
        ("    A: int32", 6, "lower camel case"),
        ("    a: [int32", 6, "closing bracket"),
        ("    a: [[int32]]", 6, "arrays of arrays"),
        ("    a: int32?", 6, "cannot be null"),
        ("    a: string?7+", 6, "the first version that allows null"),
        ("    a: int32, 0-9", 6, "outside those of the enclosing structure"),
        ("    a: int32, soon", 6, "neither versions"),
        ("    a: int32, tag 0", 6, "not flexible"),
        ("    a: int32, 3+, tag x", 6, "a tag is a number"),
        ("    a: int32 = soon", 6, "no default"),
        ("    a: string = 5", 6, "no default"),
        ("    a: int32\n    a: int64", 7, "declared twice"),
        ("    a: int32, 3+, tag 0\n    b: int32, 3+, tag 0", 7, "tag 0 is used twice"),
        ("    a: [Topic]", 6, "declared neither here nor above"),
        ("    a: int32\n        b: int32", 7, "indented too far"),
        ("   a: int32", 6, "four blanks"),
        ("    a: T\n        b: int32\n    c: T\n        d: int32", 8, "declared twice in this"),
        ("    a: T, 2+\n        b: int32\n    c: T", 8, "declared for fewer versions"),
    ])
    func `a mistake is named with its file and line`(
        fields: String, line: Int, reason: String
    ) throws {
        let text = """
            // Sample.
            api 7 Sample
            versions 0-4
            flexible 3+
            request
            \(fields.split(separator: "\n").joined(separator: "\n"))
            response
            """

        let error = #expect(throws: GrammarError.self) {
            try GrammarParser.parse(text, file: "007-Sample.message")
        }

        #expect(error?.file == "007-Sample.message")
        #expect(error?.line == line)
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test(arguments: [
        ("", "the file ends before 'api'"),
        ("api seven Sample", "an API's key is a number"),
        ("api 8 Sample", "'008-Sample.message'"),
        ("api 7 Sample\nversions 4-2", "is not a range"),
        ("api 7 Sample\nversions 0+", "have an end"),
        ("api 7 Sample\nversions 0-4\nresponse", "expected 'request'"),
        ("api 7 Sample\nversions 0-4\nrequest", "the file ends before 'response'"),
        ("api 7 Sample\nversions 0-4\nrequest\nresponse\nrequest", "nothing follows"),
    ])
    func `a file without its frame is refused`(text: String, reason: String) {
        let error = #expect(throws: GrammarError.self) {
            try GrammarParser.parse(text, file: "007-Sample.message")
        }

        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test func `an API that is not in the table of keys is refused`() throws {
        var sources = try Grammar.files(in: "Messages")
        sources.append(
            SourceFile(
                name: "099-Sample.message",
                text: "api 99 Sample\nversions 0-1\nrequest\nresponse\n"))

        let error = #expect(throws: GrammarError.self) { try generate(from: sources) }

        #expect(error?.description == "099-Sample.message:0: 99 Sample is not in api-keys.table")
    }

    @Test func `a table with a row out of order is refused`() throws {
        var sources = try Grammar.files(in: "Messages").filter { $0.name != "error-codes.table" }
        sources.append(SourceFile(name: "error-codes.table", text: "0 NONE\n-1 OTHER\n"))

        let error = #expect(throws: GrammarError.self) { try generate(from: sources) }

        #expect(error?.file == "error-codes.table")
        #expect(error?.line == 2)
    }
}
