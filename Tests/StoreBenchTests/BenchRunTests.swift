import Compression
import Glibc
import JSONText
import SegmentStore
import StoreBench
import TestData
import Testing

/// Runs all cases at a size that takes no time: the figures mean nothing, the reports must hold.
@Suite(.serialized) struct BenchRunTests {
    static func settings(_ folder: String) -> BenchSettings {
        var settings = BenchSettings(folder: folder)
        settings.roundBytes = 1 << 20
        settings.rounds = 3
        settings.batchBytes = [4 << 10, 64 << 10]
        settings.logs = [1, 3]
        settings.inFlight = [4]
        settings.durabilities = Durability.allCases
        settings.reservedBytes = 0
        settings.writeBehindBytes = 128 << 10
        settings.pageCacheBudget = 256 << 10
        settings.syncBytes = 256 << 10
        return settings
    }

    @Test func `every case is measured, and nothing is left behind`() throws {
        let folder = try temporaryFolder()
        var steps = 0

        let report = try BenchRunner(settings: Self.settings(folder)) { _ in steps += 1 }.run()

        #expect(try namesInFolder(folder).isEmpty)
        #expect(report.cases.map(\.name) == Self.settings(folder).cases.map(\.name))
        #expect(Set(report.cases.map(\.name)).count == report.cases.count)
        for result in report.cases {
            for series in result.series {
                #expect(series.rounds.count == 3, "\(result.name)")
                #expect(series.throughput.median > 0, "\(result.name)")
            }
            #expect(result.kind == .codecs || result.ratios.count == result.series.count - 1)
        }
        // Where the system tells what reached the device, it does so for every case that has files.
        let told = report.cases.filter { $0.kind != .codecs }.flatMap(\.series)
            .map { $0.writeAmplification != nil }
        #expect(Set(told).count == 1)
        let appends = report.cases.filter { $0.kind == .append }
        #expect(appends.allSatisfy { $0.series[0].latencies.count == $0.series[1].latencies.count })
        #expect(Set(appends.map(\.series.count)) == [2, 3, 4])
        #expect(steps > report.cases.count * 4)
        check(report)
    }

    /// All three forms of the report say what was measured.
    private func check(_ report: BenchReport) {
        let lines = TableReport.lines(report)
        let html = HTMLReport.text(report)
        let json = JSONReport.value(report).text

        for result in report.cases {
            #expect(lines.contains(result.name))
            #expect(html.contains("<h2>\(result.name)</h2>"))
            #expect(json.contains(JSONValue.text(result.name).text))
        }
        #expect(Balance.fault(in: html) == nil)
        #expect(
            !html.contains("http://")
                || html.components(of: "http://")
                    == html.components(of: "http://www.w3.org/2000/svg")
        )
        #expect(!html.contains("src=") && !html.contains("href=") && !html.contains("NaN"))
        #expect(html.components(of: "<svg ") >= report.cases.count * 2)
    }

    @Test func `a disk that is too full is left alone`() throws {
        let folder = try temporaryFolder()
        var settings = Self.settings(folder)
        settings.reservedBytes = 1 << 60

        #expect(throws: BenchError.self) {
            try BenchRunner(settings: settings) { _ in }.run()
        }

        #expect(try namesInFolder(folder).isEmpty)
    }

    @Test func `a folder that is not there is refused by its name`() throws {
        let settings = Self.settings("/no/such/folder")

        do {
            _ = try BenchRunner(settings: settings) { _ in }.run()
            Issue.record("measured in a folder that is not there")
        } catch {
            #expect(error.description.contains("/no/such/folder"))
        }
    }

    @Test func `what a killed measurement left is removed, what lives is not`() throws {
        let folder = try temporaryFolder()
        // Numbers of processes end below this one (PID_MAX_LIMIT).
        mkdir("\(folder)/millrace-bench-4194999", 0o755)
        mkdir("\(folder)/millrace-bench-4194999/case", 0o755)
        mkdir("\(folder)/millrace-bench-\(getppid())", 0o755)
        // In a container each measurement has the number of the last one.
        mkdir("\(folder)/millrace-bench-\(getpid())", 0o755)
        mkdir("\(folder)/millrace-bench-\(getpid())/case", 0o755)
        mkdir("\(folder)/mine", 0o755)
        var settings = Self.settings(folder)
        settings.kinds = [.recovery]

        let report = try BenchRunner(settings: settings) { _ in }.run()

        // Nothing is timed one by one in a recovery: five percentiles and the largest are unknown.
        let cells = String(repeating: "<td>–</td>", count: 6)
        #expect(HTMLReport.text(report).contains(cells))
        #expect(try namesInFolder(folder) == ["millrace-bench-\(getppid())", "mine"])
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}

/// Checks that a page's elements close in the order in which they were opened.
enum Balance {
    /// The first place that is wrong; `nil` for none.
    static func fault(in html: String) -> String? {
        var open: [Substring] = []
        var rest = html[...]
        while let start = rest.firstIndex(of: "<") {
            rest = rest[rest.index(after: start)...]
            guard let end = rest.firstIndex(of: ">") else { return "an unfinished tag" }
            let tag = rest[..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("!") || tag.hasSuffix("/") { continue }
            if tag.hasPrefix("/") {
                guard let last = open.popLast(), last == tag.dropFirst() else { return "</\(tag)>" }
            } else {
                open.append(tag.prefix { $0 != " " })
            }
        }
        return open.last.map { "<\($0)> stays open" }
    }
}
