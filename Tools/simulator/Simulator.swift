import ArgumentParser
import StoreSimulation

/// Crashes the store on a simulated disk, seed after seed.
@main
struct Simulator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulator",
        abstract: "Crashes the store on a simulated disk and compares what is left with a model.",
        discussion: """
            Runs seed after seed until one of the limits is reached. A failure prints one line \
            with its seed and the command that repeats it. The last line sums up: N passed, \
            N failed, N skipped.
            """)

    @Option(help: "The seed to begin with.")
    var first: UInt64 = 1

    @Option(help: "Runs this one seed and no other.")
    var seed: UInt64?

    @Option(help: "How many seeds to run.")
    var seeds: Int?

    @Option(help: "Stops after so many seconds.")
    var seconds: Int?

    @Flag(help: "Prints every step and disk operation.")
    var verbose = false

    @Flag(help: "Goes on after a failure.")
    var keepGoing = false

    func run() throws {
        let campaign = Campaign(
            first: seed ?? first, limit: seed == nil ? seeds : 1, seconds: seconds,
            isVerbose: verbose, keepsGoing: keepGoing)
        guard campaign.run() else { throw ExitCode.failure }
    }

    func validate() throws {
        if let seeds, seeds < 1 { throw ValidationError("--seeds must be 1 or more") }
        if let seconds, seconds < 1 { throw ValidationError("--seconds must be 1 or more") }
    }
}
