import Testing

@testable import Broker

@Suite("Files of settings")
struct PropertiesFileTests {
    private func parse(_ text: String) throws -> [PropertiesFile.Entry] {
        try PropertiesFile.parse(Array(text.utf8), path: "f")
    }

    @Test(arguments: [
        ("a=b", "a", "b"), ("a = b ", "a", "b "), ("a:b", "a", "b"), ("a b", "a", "b"),
        ("a\t:  b", "a", "b"), ("  a=b", "a", "b"), ("a", "a", ""), ("a=", "a", ""),
        ("a==b", "a", "=b"), ("a\\=b=c", "a=b", "c"), ("a\\ b=c", "a b", "c"),
        ("a=x\\ty\\nz\\\\", "a", "x\ty\nz\\"), ("a=\\u00e9", "a", "é"), ("a=b#c", "a", "b#c"),
        ("a=C:\\\\data", "a", "C:\\data"), ("a=\\q", "a", "q"), ("a=é", "a", "é"),
    ])
    func `one line is one setting`(line: String, key: String, value: String) throws {
        #expect(try parse(line) == [.init(key: key, value: value, line: 1)])
    }

    @Test func `comments and empty lines are skipped, lines are counted`() throws {
        let entries = try parse("# one\n\n  ! two\r\na=1\n   \nb=2")

        #expect(
            entries == [.init(key: "a", value: "1", line: 4), .init(key: "b", value: "2", line: 6)])
    }

    @Test func `a backslash at the end joins lines`() throws {
        let entries = try parse("a=x,\\\n   y,\\\n# z\nb=1\\\\\nc=2\\")

        #expect(
            entries == [
                .init(key: "a", value: "x,y,# z", line: 1), .init(key: "b", value: "1\\", line: 4),
                .init(key: "c", value: "2", line: 5),
            ])
    }

    @Test func `of a repeated key the last one wins`() throws {
        #expect(try parse("a=1\nb=2\na=3").map(\.value) == ["2", "3"])
    }

    @Test(arguments: ["a=\\u12", "a=\\uzzzz", "a=\\ud800"])
    func `a broken character is named with its line`(line: String) {
        #expect(
            throws: ConfigurationError.badFile(
                path: "f", line: 2,
                reason: "\\u is followed by the four hexadecimal digits of a character")
        ) {
            try parse("x=y\n" + line)
        }
    }

    @Test func `a file that is not text is refused`() {
        #expect(
            throws: ConfigurationError.badFile(path: "f", line: 1, reason: "it is not UTF-8 text")
        ) {
            try PropertiesFile.parse([0x61, 0xFF, 0xFE], path: "f")
        }
    }

    @Test func `a file that is not there is named`() {
        let error = #expect(throws: ConfigurationError.self) {
            try PropertiesFile.read(path: "/nowhere/server.properties")
        }

        #expect(
            error?.description
                == "cannot read the configuration file /nowhere/server.properties: there is no such file"
        )
    }

    @Test func `a folder is not a file of settings`() {
        let error = #expect(throws: ConfigurationError.self) {
            try PropertiesFile.read(path: "/")
        }

        #expect(error?.description == "cannot read the configuration file /: it is a folder")
    }
}
