import ArgumentParser
import Disk
import Glibc
import LinuxDisk
import LogInspection
import Vocabulary

struct LogDumpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Prints files that Millrace or Kafka wrote.",
        discussion: """
            Takes segments (.log, .index, .timeindex, .txnindex, .snapshot), checkpoints, \
            meta.properties, the metadata log, or a folder of these. Batches, records and index \
            entries are told in the words of Kafka's kafka-dump-log.sh.

            Examples:
              millrace log dump data/orders-0/00000000000000000000.log
              millrace log dump data/orders-0 --from 1200 --to 1300
              millrace log dump data/orders-0 --no-records
              millrace log dump data/orders-0 --output json | jq -r 'select(.type=="record").value'

            What is damaged is named with its place and everything else is printed; the exit \
            status is then 1. It is 2 where nothing could be read.
            """)

    @Argument(help: "Files or folders.", completion: .file())
    var paths: [String]

    @Option(help: "text, in the words of Kafka's tool, or json, one object a line.")
    var output = DumpOptions.Format.text

    @Option(help: "Only what has this offset or a later one.")
    var from: Int64?

    @Option(help: "Only what has an offset below this one.")
    var to: Int64?

    @Flag(inversion: .prefixedNo, help: "Show the records of each batch.")
    var records = true

    @Flag(inversion: .prefixedNo, help: "Show the records' keys and values.")
    var values = true

    @Option(
        help: ArgumentHelp(
            "Show so many bytes of a key or value; all by default as json, 128 as text.",
            valueName: "bytes"))
    var valueBytes: Int?

    func validate() throws {
        if let valueBytes, valueBytes < 0 {
            throw ValidationError("--value-bytes takes a number from 0")
        }
        if let from, let to, from >= to {
            throw ValidationError("--from \(from) must lie below --to \(to)")
        }
    }

    func run() throws {
        var options = DumpOptions()
        options.format = output
        options.from = from.map { Offset($0) }
        options.to = to.map { Offset($0) }
        options.showsRecords = records
        options.contentLimit = values ? valueBytes ?? (output == .json ? .max : 128) : nil

        let terminal = OutputStream()
        let disk = try LinuxDisk(.inline)
        defer { disk.close() }
        var dump = LogDump(disk: disk, options: options) { terminal.write(line: $0) }
        do throws(InspectionError) {
            do throws(InspectionError) {
                for path in paths { try dump.dump(Self.trimmed(path)) }
            } catch {
                // The first failure is the one to report.
                try? terminal.finish()
                throw error
            }
            try Self.finish(terminal)
        } catch {
            StandardError.write("millrace: \(error)\n")
            throw ExitCode(2)
        }
        if dump.damageCount > 0 { throw ExitCode(1) }
    }

    /// A report that was cut short is none.
    static func finish(_ terminal: OutputStream) throws(InspectionError) {
        do throws(DiskError) {
            try terminal.finish()
        } catch {
            throw .disk(error)
        }
    }

    /// A folder without the slash that a shell's completion leaves behind it.
    static func trimmed(_ path: String) -> String {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return String(path)
    }
}

extension DumpOptions.Format: ExpressibleByArgument {}
