import Glibc

/// Seed after seed, until a limit is reached or one fails.
public struct Campaign {
    let first: UInt64
    /// `nil` for as many as the time allows; 100 where neither is given.
    let limit: Int?
    let seconds: Int?
    let isVerbose: Bool
    let keepsGoing: Bool

    public init(
        first: UInt64, limit: Int?, seconds: Int?, isVerbose: Bool, keepsGoing: Bool
    ) {
        self.first = first
        self.limit = limit ?? (seconds == nil ? 100 : nil)
        self.seconds = seconds
        self.isVerbose = isVerbose
        self.keepsGoing = keepsGoing
    }

    /// At once, so that a trap does not take the last lines away.
    private static func show(_ line: String) {
        print(line)
        fflush(nil)
    }

    /// Runs them and prints what came of it; `true` if none failed.
    public func run() -> Bool {
        TrapReport.install()
        let start = ContinuousClock.now
        var total = SeedRun.Outcome()
        var passed = 0
        var failed = 0
        var seed = first
        while passed + failed < limit ?? .max {
            if let seconds, ContinuousClock.now - start >= .seconds(seconds) { break }
            TrapReport.seed.store(seed, ordering: .relaxed)
            do throws(Violation) {
                let outcome = try SeedRun(
                    seed: seed, trace: isVerbose ? { Self.show($0) } : nil
                ).run()
                total.crashes += outcome.crashes
                total.operations += outcome.operations
                total.appendedBatches += outcome.appendedBatches
                passed += 1
            } catch {
                failed += 1
                Self.show("\(TrapReport.prefix)\(seed): \(error)")
                guard keepsGoing else { break }
            }
            seed += 1
            if (passed + failed) % 1_000 == 0 { Self.show("… \(passed + failed) seeds") }
        }
        let time = ContinuousClock.now - start
        print(
            """
            seeds \(first)..<\(seed): \(total.crashes) crashes recovered, \
            \(total.operations) disk operations, \(time.components.seconds) s
            """)
        print("\(passed) passed, \(failed) failed, 0 skipped")
        return failed == 0
    }
}
