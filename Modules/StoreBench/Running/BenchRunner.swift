/// How far a measurement has come.
public struct BenchProgress: Sendable {
    /// That of the case being measured.
    public var caseName: String
    /// Counted from 1.
    public var caseNumber: Int
    /// How many cases there are.
    public var caseCount: Int
    /// Whose turn it is; see `CaseResult.Series.name`.
    public var contender: String
    /// 0 for the one that does not count.
    public var round: Int
    /// How many rounds count.
    public var rounds: Int
    /// Of the round that ended last, in bytes a second.
    public var throughput: Double?
}

/// Measures the store and, in between, the same disk without it.
///
/// Each case begins with a round that does not count. Then the contenders take turns, another one
/// first in each round, so that a disk or a neighbour that changes its pace meets all of them.
/// Memory is in the same state for all: they drop their pages by the same rule, and what one
/// round's files held is free again for the next.
public struct BenchRunner {
    private let settings: BenchSettings
    private let progress: (BenchProgress) -> Void

    public init(settings: BenchSettings, progress: @escaping (BenchProgress) -> Void) {
        self.settings = settings
        self.progress = progress
    }

    /// Makes a folder, measures in it, and removes it, also after `Interruption.ask`.
    public func run() throws(BenchError) -> BenchReport {
        let folder = try BenchFolder(settings)
        defer { folder.removeAll() }
        let start = ContinuousClock.now
        var report = BenchReport(machine: Machine(folder: folder.path), settings: settings)
        report.notices = folder.notices
        let cases = settings.cases
        for (number, bench) in cases.enumerated() {
            report.cases.append(
                try measure(bench, number: number + 1, of: cases.count, in: folder))
        }
        report.seconds = Meter.seconds(since: start)
        return report
    }

    private func measure(
        _ bench: BenchCase, number: Int, of count: Int, in folder: BenchFolder
    ) throws(BenchError) -> CaseResult {
        let runner = try CaseRunner(bench, settings: settings, in: folder)
        defer { runner.cleanUp() }
        let contenders = runner.contenders
        var result = CaseResult(
            name: bench.name, kind: bench.kind,
            series: contenders.map { CaseResult.Series(name: $0.rawValue) })
        var state = BenchProgress(
            caseName: bench.name, caseNumber: number, caseCount: count, contender: "", round: 0,
            rounds: settings.rounds, throughput: nil)
        for round in 0...settings.rounds {
            for turn in contenders.indices {
                let index = (turn + round) % contenders.count
                state.contender = contenders[index].rawValue
                state.round = round
                progress(state)
                let outcome = try runner.round(contenders[index])
                state.throughput = outcome.cost.bytesPerSecond
                guard round > 0 else { continue }
                result.series[index].rounds.append(outcome.cost)
                result.series[index].latencies.add(outcome.latencies)
                result.series[index].notes = outcome.notes
                try Interruption.check()
            }
        }
        return result
    }
}
