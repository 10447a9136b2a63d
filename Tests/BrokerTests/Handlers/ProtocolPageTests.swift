import Glibc
import Testing

@testable import Broker

/// The table of docs/protocol.md, made from the table of handlers.
@Suite("The documentation of the protocol")
struct ProtocolPageTests {
    @Test
    func `the page lists every API that is served`() throws {
        let path = "docs/protocol.md"
        let written = try #require(Self.read(path), "run the tests in the folder of the package")
        var page = written
        let start = try #require(page.firstRange(of: "<!-- begin: APIs -->\n")).upperBound
        let stop = try #require(page.firstRange(of: "<!-- end: APIs -->")).lowerBound

        page.replaceSubrange(start..<stop, with: Self.table)

        if getenv("MILLRACE_TEST_WRITE_DOCS") != nil {
            Self.write(page, to: path)
        } else {
            #expect(
                page == written,
                "the page is stale: MILLRACE_TEST_WRITE_DOCS=1 swift test --filter ProtocolPageTests"
            )
        }
    }

    private static var table: String {
        var text = "| key | request | offered | answered | flexible from |\n|---|---|---|---|---|\n"
        for handler in ApiTable.handlers {
            let api = handler.declaration
            let flexible = api.flexibleSince.map(String.init) ?? "–"
            text += "| \(api.apiKey.rawValue) | \(api.apiKey) | \(range(api.advertisedVersions)) "
            text += "| \(range(api.versions)) | \(flexible) |\n"
        }
        return text
    }

    private static func range(_ versions: ClosedRange<Int16>) -> String {
        versions.count == 1
            ? "\(versions.lowerBound)" : "\(versions.lowerBound)–\(versions.upperBound)"
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private static func write(_ text: String, to path: String) {
        guard let file = fopen(path, "we") else { return }
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        fwrite(bytes, 1, bytes.count, file)
    }
}
