import ArgumentParser
import Broker
import FoundationEssentials
import Glibc
import Logging
import ServiceLifecycle
import Vocabulary

@main
struct MillraceBroker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "millrace-broker",
        abstract: "Runs a Millrace broker: an event log that speaks Kafka's protocol.",
        discussion: """
            Examples:
              millrace-broker
                  serves 127.0.0.1:9092, data in ./data
              millrace-broker --port 9093 --data /var/lib/millrace
              millrace-broker --set listeners=PLAINTEXT://0.0.0.0:9092 \\
                  --set advertised.listeners=PLAINTEXT://broker.example:9092
              millrace-broker --config server.properties --set log.durability=os
              MILLRACE_NUM_PARTITIONS=3 millrace-broker

            A setting is taken from the first of: its flag, --set, the environment (MILLRACE_ \
            and the key in capitals, dots as underscores), the file, the default. The keys are \
            Kafka's; docs/configuration.md lists them.

            SIGTERM and SIGINT stop the broker cleanly, a second one at once.
            """,
        version: MillraceVersion.current)

    @Option(help: "Listen on this port of 127.0.0.1; 0 takes any free one.")
    var port: UInt16?

    @Option(help: "Keep the data in this folder.", completion: .directory)
    var data: String?

    @Option(help: "Read settings from this file of key=value lines.", completion: .file())
    var config: String?

    @Option(name: .customLong("set"), help: "Set a key, as key=value. Repeatable.")
    var assignments: [String] = []

    @Option(help: "Log lines of at least this level: trace, debug, info, notice, warning, error.")
    var logLevel: String?

    func run() async throws {
        do {
            let settings = try BrokerConfiguration.load(
                flags: flags, assignments: assignments,
                environment: ProcessInfo.processInfo.environment,
                file: config)
            try await serve(settings)
        } catch let error as ExitCode {
            throw error
        } catch {
            Terminal.write("millrace-broker: \(error)\n", to: STDERR_FILENO)
            throw ExitCode.failure
        }
    }

    private var flags: [(flag: String, key: String, value: String)] {
        var flags: [(String, String, String)] = []
        if let port {
            flags.append(("--port", "listeners", "PLAINTEXT://127.0.0.1:\(port)"))
        }
        if let data { flags.append(("--data", "log.dirs", data)) }
        if let logLevel { flags.append(("--log-level", "log.level", logLevel)) }
        return flags
    }

    private func serve(_ settings: BrokerConfiguration) async throws {
        let level = Logger.Level(rawValue: settings.logLevel) ?? .info
        let logger = Logger(label: "millrace") { _ in StandardErrorLog(level: level) }
        let broker = BrokerService(
            configuration: settings, logger: logger,
            makeCore: { settings, loops, logger in
                try await Node.start(configuration: settings, loops: loops, logger: logger)
            },
            onReady: { Terminal.greet($0.endpoint, dataFolder: settings.dataFolder) })
        // The group's own steps matter to nobody but its developers.
        var quiet = logger
        quiet.logLevel = max(level, .warning)
        let group = ServiceGroup(
            services: [broker, StopWatch()], gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet)
        try await group.run()
    }
}

/// Lets a second signal end the process as soon as the first one has begun the stop.
struct StopWatch: Service {
    func run() async throws {
        try await gracefulShutdown()
        SecondSignal.exitsAtOnce()
    }
}
