import CountedAllocations
import EmbeddedStore
import Glibc
import Scratch

/// Counts what calls of the store cost, and compares with the limits of `thresholds.txt`.
///
///     costs THRESHOLDS       counts allocations; ends with 1 where a limit is passed
///     costs CALL N FOLDER    makes N calls and ends, for counting system calls from outside;
///                            CALL is append, append-8 or read
///
/// A count is taken over many calls after a warm-up, so that what is allocated once, or when
/// something grows, is all but gone from it.
@main
struct Costs {
    static func main() async {
        do {
            let arguments = CommandLine.arguments
            if arguments.count == 4, let count = Int(arguments[2]) {
                try await Workload.run(arguments[1], count, in: arguments[3])
            } else if arguments.count == 2 {
                let isWithin = try await compare(with: Thresholds(reading: arguments[1]))
                exit(isWithin ? 0 : 1)
            } else {
                print("usage: costs THRESHOLDS | costs CALL N FOLDER")
                exit(2)
            }
        } catch {
            print("costs: \(error)")
            exit(1)
        }
    }

    /// Counts all cases and says which are within their limits.
    private static func compare(with thresholds: Thresholds) async throws -> Bool {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        var isWithin = true
        for (name, found) in try await counts(in: scratch.path) {
            let limit = try thresholds.limit(of: name)
            let holds = limit.contains(found)
            isWithin = isWithin && holds
            print(
                "\(holds ? "passed" : "FAILED")  \(name): \(rounded(found)) allocations,",
                "allowed \(rounded(limit.lowerBound)) to \(rounded(limit.upperBound))")
        }
        return isWithin
    }

    private static func rounded(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
