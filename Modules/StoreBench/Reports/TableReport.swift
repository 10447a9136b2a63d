/// The report for a terminal.
public enum TableReport {
    /// Lines of at most about 120 characters.
    public static func lines(_ report: BenchReport) -> [String] {
        var lines = [report.machine.text]
        lines.append(
            """
            \(report.settings.rounds) rounds of \(ByteWords.of(report.settings.roundBytes)) each, \
            after one that does not count; median (least–most)
            """)
        lines += report.notices.map { "note: \($0)" }
        let head = row(
            "", "MB/s", "(least–most)", "CPU s/GB", "device", "p50 µs", "p99", "p99.9", "p99.99",
            "max")
        for result in report.cases {
            lines += ["", result.name, head]
            for series in result.series { lines.append(line(series)) }
            for (limit, ratio) in result.ratios {
                lines.append(
                    """
                      \(Decimals.text(ratio.median, 2)) of \(limit) \
                    (\(Decimals.text(ratio.least, 2))–\(Decimals.text(ratio.most, 2)))
                    """)
            }
            for note in result.series.flatMap(\.notes) { lines.append("  \(note)") }
        }
        lines.append("")
        lines.append("took \(Decimals.text(report.seconds, 0)) s")
        return lines
    }

    private static func line(_ series: CaseResult.Series) -> String {
        let rate = series.throughput
        let latencies = series.latencies
        func percentile(_ value: Double) -> String {
            latencies.count == 0 ? "" : Decimals.short(latencies.microseconds(percentile: value))
        }
        return row(
            series.name, Decimals.short(rate.median / 1e6),
            "(\(Decimals.short(rate.least / 1e6))–\(Decimals.short(rate.most / 1e6)))",
            Decimals.text(series.cpuSecondsPerGB.median, 2),
            series.writeAmplification.map { Decimals.text($0.median, 2) } ?? "",
            percentile(50), percentile(99), percentile(99.9), percentile(99.99),
            latencies.count == 0 ? "" : Decimals.short(latencies.maxMicroseconds))
    }

    private static func row(_ name: String, _ cells: String...) -> String {
        let widths = [8, 14, 9, 7, 9, 9, 9, 9, 9]
        var line = "  " + padded(name, to: 17, isLeft: true)
        for (cell, width) in zip(cells, widths) { line += " " + padded(cell, to: width) }
        return line
    }

    private static func padded(_ text: String, to width: Int, isLeft: Bool = false) -> String {
        let spaces = String(repeating: " ", count: max(0, width - text.count))
        return isLeft ? text + spaces : spaces + text
    }
}
