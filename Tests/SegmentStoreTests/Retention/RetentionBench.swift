import Disk
import Records
import Simulation
import Testing
import Vocabulary

@testable import SegmentStore

/// A log bench with a clock, whose log keeps what the test says.
final class RetentionBench {
    static let day: Int64 = 86_400_000

    let bench: LogBench
    let clock = VirtualClock()

    var log: Log { bench.log }
    var store: Store { bench.store }

    init(
        disk: SimulatedDisk? = nil, segmentBytes: Int = 1_000,
        _ change: (inout LogSettings) -> Void
    ) throws {
        var settings = LogSettings()
        settings.segmentBytes = segmentBytes
        settings.segmentMilliseconds = .max
        change(&settings)
        bench = try LogBench(disk: disk, settings: settings)
        bench.now = clock.now
    }

    /// Appends a batch whose records are from `age` milliseconds ago.
    func append(valueBytes: Int = 100, age: Int64 = 0) throws {
        bench.now = clock.now
        try bench.append(
            TestBatch.make(valueBytes: valueBytes, timestamps: [clock.now.rawValue - age]))
    }

    func settle() {
        bench.store.commit()
        bench.settle()
    }

    /// Lets a round of retention begin and everything that follows from it happen.
    func runRound() {
        // The first tick of all plans the first round.
        store.tick(now: clock.now)
        settle()
        clock.advance(by: store.settings.retentionCheckMilliseconds)
        for _ in 0..<3 {
            store.tick(now: clock.now)
            settle()
            clock.advance(by: 100)
        }
    }

    /// The names of files that end so.
    func names(_ ending: String) throws -> [String] {
        try bench.names().filter { $0.hasSuffix(ending) }
    }
}
