import Glibc
import Testing

@testable import Broker

/// The tables of docs/configuration.md, made from the declared keys.
@Suite("The documentation of the keys")
struct KeyTableTests {
    @Test func `the page lists every key as it is declared`() throws {
        let path = "docs/configuration.md"
        var page = try #require(Self.read(path), "run the tests in the folder of the package")
        let written = page

        for (mark, keys) in [("broker keys", BrokerKeys.all), ("topic keys", TopicKeys.all)] {
            let begin = "<!-- begin: \(mark) -->\n"
            let start = try #require(page.firstRange(of: begin)).upperBound
            let stop = try #require(page.firstRange(of: "<!-- end: \(mark) -->")).lowerBound
            page.replaceSubrange(start..<stop, with: Self.table(keys))
        }

        if getenv("MILLRACE_TEST_WRITE_DOCS") != nil {
            Self.write(page, to: path)
        } else {
            #expect(
                page == written,
                "the page is stale: MILLRACE_TEST_WRITE_DOCS=1 swift test --filter KeyTableTests")
        }
    }

    private static func table(_ keys: [SettingKey]) -> String {
        var text = "| key | default | allowed | meaning |\n|---|---|---|---|\n"
        for key in keys {
            var value = key.defaultValue.map { $0.isEmpty ? "empty" : "`\($0)`" } ?? "none"
            let twins = key.twins.map { "`\($0.name)`" }
            if !twins.isEmpty { value += ", by " + twins.joined(separator: " or ") }
            let kept = key.effect == .kept ? " *Kept, without effect yet.*" : ""
            text += "| `\(key.name)` | \(value) | \(allowed(key)) | \(key.documentation)\(kept) |\n"
        }
        return text
    }

    private static func allowed(_ key: SettingKey) -> String {
        switch (key.type, key.allowed) {
        case (.boolean, .any): "true or false"
        case (.string, .any), (.list, .any): "text"
        case (.long, .any): "a whole number"
        default: "\(key.allowed)"
        }
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private static func write(_ text: some StringProtocol, to path: String) {
        guard let file = fopen(path, "we") else { return }
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        fwrite(bytes, 1, bytes.count, file)
    }
}
