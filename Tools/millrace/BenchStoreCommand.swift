import ArgumentParser
import Disk
import LinuxDisk
import SegmentStore
import StoreBench
import Vocabulary

struct BenchStoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Measures the segment store, and the same disk without it.",
        discussion: """
            Works in a folder of its own inside FOLDER and removes it in the end, also after \
            Ctrl-C. Every case is measured beside its raw limit: the same bytes in the same \
            portions by plain system calls, with the same syncs, taking turns with the store.

            Examples:
              millrace bench store --quick
                  all cases, in about a minute
              millrace bench store /mnt/nvme --html report.html
              millrace bench store --cases append --batch-bytes 16K,1M --logs 1,64 \\
                  --durability sync,os --in-flight 1,32
              millrace bench store --cases append --output json | jq '.cases[].ratios'

            Measure on an otherwise idle machine and on the file system that is meant: in memory \
            (tmpfs) a sync costs nothing. Exit status: 0 done, 2 could not run, 130 stopped.
            """)

    @Argument(help: "A folder on the disk that is measured.", completion: .directory)
    var folder = "."

    @Flag(help: "Rounds of 128 MiB, 3 of each: about a minute.")
    var quick = false

    @Option(
        help: "Of append, tail, catchup, mixed, recovery, compaction, codecs; separated by commas.")
    var cases: String?

    @Option(help: "Sizes of the batches, such as 4K,16K,1M.")
    var batchBytes: String?

    @Option(help: "How many logs are appended to in turn, such as 1,64.")
    var logs: String?

    @Option(help: "Of sync, interval, os; separated by commas.")
    var durability: String?

    @Option(help: "How many batches wait for their acknowledgement, such as 1,32.")
    var inFlight: String?

    @Option(help: "How much a round moves, such as 512M.")
    var bytes: String?

    @Option(help: "How many rounds count, 3 or more.")
    var rounds: Int?

    @Option(help: "table or json, on standard output.")
    var output = BenchOutput.table

    @Option(help: "Also write a page with plots to this file.", completion: .file())
    var html: String?

    @Option(help: "Also write all values as JSON to this file.", completion: .file())
    var json: String?

    func run() throws {
        let settings = try settings()
        Interruption.followSignals()
        let line = ProgressLine()
        do throws(BenchError) {
            let runner = BenchRunner(settings: settings) { progress in
                line.show(Self.text(progress))
            }
            let report = try runner.run()
            line.clear()
            try deliver(report)
        } catch {
            line.clear()
            StandardError.write("millrace: \(error)\n")
            if case .interrupted = error { throw ExitCode(130) }
            throw ExitCode(2)
        }
    }

    private func deliver(_ report: BenchReport) throws(BenchError) {
        let terminal = OutputStream()
        switch output {
        case .table: for text in TableReport.lines(report) { terminal.write(line: text) }
        case .json: terminal.write(line: JSONReport.value(report).text)
        }
        do throws(DiskError) {
            try terminal.finish()
        } catch {
            throw .disk(error)
        }
        if let html { try Self.write(HTMLReport.text(report), to: html) }
        if let json { try Self.write(JSONReport.value(report).text + "\n", to: json) }
    }

    private static func write(_ text: String, to path: String) throws(BenchError) {
        do throws(DiskError) {
            try ReportFile.write(Array(text.utf8), to: path)
        } catch {
            throw .disk(error)
        }
    }

    private static func text(_ progress: BenchProgress) -> String {
        let round =
            progress.round == 0 ? "warming up" : "round \(progress.round)/\(progress.rounds)"
        let rate = progress.throughput.map { "  \(Decimals.short($0 / 1e6)) MB/s" } ?? ""
        return """
            \(progress.caseNumber)/\(progress.caseCount) \(progress.caseName): \(round), \
            \(progress.contender)\(rate)
            """
    }
}

enum BenchOutput: String, ExpressibleByArgument, CaseIterable { case table, json }
