import JSONText

/// The report for programs: everything that was measured, each round by itself.
public enum JSONReport {
    /// One object of `"format": 1`.
    public static func value(_ report: BenchReport) -> JSONValue {
        [
            "format": 1,
            "machine": [
                "processor": .text(report.machine.processor),
                "cores": .integer(Int64(report.machine.cores)),
                "memoryBytes": .integer(Int64(report.machine.memoryBytes)),
                "kernel": .text(report.machine.kernel),
                "fileSystem": .text(report.machine.fileSystem),
                "loadAverage": .text(report.machine.loadAverage),
                "time": .integer(Int64(report.machine.time)),
            ],
            "roundBytes": .integer(Int64(report.settings.roundBytes)),
            "rounds": .integer(Int64(report.settings.rounds)),
            "pageCacheBudget": .integer(Int64(report.settings.pageCacheBudget)),
            "seconds": .number(report.seconds),
            "notices": .list(report.notices.map { .text($0) }),
            "cases": .list(report.cases.map(value)),
        ]
    }

    private static func value(_ result: CaseResult) -> JSONValue {
        [
            "name": .text(result.name), "kind": .text(result.kind.rawValue),
            "series": .list(result.series.map(value)),
            "ratios": .object(
                result.ratios.map { JSONMember($0.limit, value($0.ratio)) }),
        ]
    }

    private static func value(_ series: CaseResult.Series) -> JSONValue {
        let latencies = series.latencies
        var percentiles = Latencies.percentiles.map {
            JSONMember("p\(Self.label($0))", .number(latencies.microseconds(percentile: $0)))
        }
        percentiles.append(JSONMember("max", .number(latencies.maxMicroseconds)))
        return [
            "name": .text(series.name), "bytesPerSecond": value(series.throughput),
            "cpuSecondsPerGB": value(series.cpuSecondsPerGB),
            "deviceBytesPerByte": series.writeAmplification.map(value) ?? .null,
            "operations": .integer(Int64(latencies.count)),
            "microseconds": latencies.count == 0 ? .null : .object(percentiles),
            "notes": .list(series.notes.map { .text($0) }),
            "rounds": .list(series.rounds.map(value)),
        ]
    }

    static func label(_ percentile: Double) -> String {
        percentile == percentile.rounded() ? "\(Int(percentile))" : "\(percentile)"
    }

    private static func value(_ spread: Spread) -> JSONValue {
        [
            "median": .number(spread.median), "least": .number(spread.least),
            "most": .number(spread.most),
        ]
    }

    private static func value(_ cost: Cost) -> JSONValue {
        [
            "bytes": .integer(Int64(cost.bytes)), "operations": .integer(Int64(cost.operations)),
            "seconds": .number(cost.seconds), "cpuSeconds": .number(cost.cpuSeconds),
            "deviceBytes": .optional(cost.deviceBytes),
        ]
    }
}
