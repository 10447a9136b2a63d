import ArgumentParser
import Vocabulary

@main
struct Millrace: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "millrace",
        abstract: "Looks into Millrace's and Kafka's files, and measures disks.",
        version: MillraceVersion.current,
        subcommands: [LogCommand.self, BenchCommand.self])
}

struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Shows and checks the files of logs.",
        subcommands: [LogDumpCommand.self, LogVerifyCommand.self])
}

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures what a disk and the store give.",
        subcommands: [BenchStoreCommand.self])
}
