import JSONText

/// The report as one page that opens without a network: style and plots are in it, and the
/// measured values as JSON at its end.
public enum HTMLReport {
    /// The whole page, in UTF-8.
    public static func text(_ report: BenchReport) -> String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>Millrace: the store against the disk</title>
        <style>\(style)</style></head><body>
        <h1>The store against the disk</h1>
        <p>\(escaped(report.machine.text)).</p>
        <p>\(report.settings.rounds) rounds of \(ByteWords.of(report.settings.roundBytes)) each, after
        one that does not count; contenders take turns. Figures are medians, thin lines reach from the
        least to the most.</p>
        \(report.notices.map { "<p class=\"notice\">\(escaped($0))</p>" }.joined(separator: "\n"))
        <p class="legend">\(legend)</p>
        \(overview(report))
        \(report.cases.map(section).joined(separator: "\n"))
        <script type="application/json" id="values">\(JSONReport.value(report).text)</script>
        </body></html>

        """
    }

    private static var legend: String {
        Contender.allCases.enumerated().map { index, contender in
            "<span class=\"key b\(index)\"></span>\(escaped(contender.rawValue))"
        }.joined(separator: " &#160; ")
    }

    // MARK: - The overview

    private static func overview(_ report: BenchReport) -> String {
        let rows = report.cases.filter { !$0.ratios.isEmpty }.map { result in
            let raw = result.ratios.first { $0.limit == Contender.raw.rawValue }
            let direct = result.ratios.first { $0.limit == Contender.direct.rawValue }
            let store = result.series[0]
            return """
                <tr><th>\(escaped(result.name))</th>\
                <td>\(Decimals.short(store.throughput.median / 1e6))</td>\
                <td>\(cell(raw?.ratio))</td><td>\(cell(direct?.ratio))</td>\
                <td>\(Decimals.text(store.cpuSecondsPerGB.median, 2))</td></tr>
                """
        }
        guard !rows.isEmpty else { return "" }
        return """
            <h2>Overview</h2><table><thead><tr><th>case</th><th>store, MB/s</th>\
            <th>of raw buffered</th><th>of raw O_DIRECT</th><th>store, CPU s/GB</th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table>
            """
    }

    private static func cell(_ ratio: Spread?) -> String {
        guard let ratio else { return "–" }
        return """
            <b>\(Decimals.text(ratio.median, 2))</b> <small>\(Decimals.text(ratio.least, 2))–\
            \(Decimals.text(ratio.most, 2))</small>
            """
    }

    // MARK: - One case

    private static func section(_ result: CaseResult) -> String {
        let series = result.series.map { ($0, color(of: $0)) }
        let rates = series.map { series, color in
            let rate = series.throughput
            return SVGChart.Bar(
                label: series.name, value: rate.median / 1e6, least: rate.least / 1e6,
                most: rate.most / 1e6, color: color)
        }
        let processor = series.map { series, color in
            let cost = series.cpuSecondsPerGB
            return SVGChart.Bar(
                label: series.name, value: cost.median, least: cost.least, most: cost.most,
                color: color)
        }
        let curves = series.filter { $0.0.latencies.count > 0 }.map { series, color in
            var values = Latencies.percentiles.map { series.latencies.microseconds(percentile: $0) }
            values.append(series.latencies.maxMicroseconds)
            return SVGChart.Line(
                label: series.name,
                points: values.enumerated().map { (Double($0.offset), $0.element) }, color: color)
        }
        let places = Latencies.percentiles.map { "p\(JSONReport.label($0))" } + ["max"]
        let notes = result.series.flatMap(\.notes)
        return """
            <section><h2>\(escaped(result.name))</h2>
            <figure><figcaption>Throughput</figcaption>\
            \(SVGChart.bars(rates, unit: "MB/s", digits: 1))</figure>
            <figure><figcaption>Processor time for a GB</figcaption>\
            \(SVGChart.bars(processor, unit: "s", digits: 3))</figure>
            \(curves.isEmpty ? "" : """
                <figure><figcaption>Latency by percentile</figcaption>\
                \(SVGChart.curves(curves, places: places, unit: "µs"))</figure>
                """)
            \(table(result))
            \(notes.map { "<p>\(escaped($0))</p>" }.joined())
            </section>
            """
    }

    /// The same for a contender in all plots.
    private static func color(of series: CaseResult.Series) -> Int {
        Contender.allCases.firstIndex { $0.rawValue == series.name } ?? 0
    }

    private static func table(_ result: CaseResult) -> String {
        let heads = Latencies.percentiles.map { "<th>p\(JSONReport.label($0)), µs</th>" }.joined()
        let rows = result.series.map { series in
            let latencies = series.latencies
            let values =
                Latencies.percentiles.map { latencies.microseconds(percentile: $0) }
                + [latencies.maxMicroseconds]
            // Where nothing was timed one by one there is no latency.
            let cells = values.map {
                "<td>\(latencies.count == 0 ? "–" : Decimals.short($0))</td>"
            }
            let device = series.writeAmplification.map { Decimals.text($0.median, 2) } ?? "–"
            return """
                <tr><th>\(escaped(series.name))</th>\
                <td>\(Decimals.short(series.throughput.median / 1e6))</td><td>\(device)</td>\
                \(cells.joined())</tr>
                """
        }
        return """
            <table><thead><tr><th></th><th>MB/s</th><th>device bytes/byte</th>\(heads)\
            <th>max</th></tr></thead><tbody>\(rows.joined())</tbody></table>
            """
    }

    private static func escaped(_ text: String) -> String { SVGChart.escaped(text) }

    private static let style = """
        :root{--c0:#0b6e8f;--c1:#d98e04;--c2:#7a5195;--c3:#4d9e6a;--ink:#1c2326;--soft:#6b7880;--grid:#d7dde0}
        body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:#fff;max-width:60rem;
        margin:2rem auto;padding:0 1rem}
        h1{font-size:1.7rem;margin:0 0 .5rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}
        section{border-top:1px solid var(--grid)}figure{margin:.6rem 0}
        figcaption{color:var(--soft);font-size:.85rem}
        table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.6rem 0}
        th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px solid var(--grid)}
        tbody th,thead th:first-child{text-align:left;font-weight:500}thead th{font-weight:600}
        small{color:var(--soft)}.notice{background:#fff4d6;padding:.4rem .8rem}
        .key{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.4rem}
        .b0{background:var(--c0)}.b1{background:var(--c1)}.b2{background:var(--c2)}.b3{background:var(--c3)}
        svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:var(--ink)}
        .c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}
        polyline{fill:none;stroke-width:2}.s0{stroke:var(--c0)}.s1{stroke:var(--c1)}
        .s2{stroke:var(--c2)}.s3{stroke:var(--c3)}.grid{stroke:var(--grid)}.spread{stroke:var(--ink);stroke-width:1.5}
        """
}
