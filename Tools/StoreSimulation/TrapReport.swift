import Glibc
import Synchronization

/// Names the seed when a broken invariant ends the process: the line is written by a signal
/// handler, before the trap's own report.
enum TrapReport {
    static let prefix = "FAILED, repeat with Tools/simulate --seed "

    /// The seed under way. An atomic without a lock is one of the few things that a signal handler
    /// may read, signal-safety(7).
    static let seed = Atomic<UInt64>(0)

    static func install() {
        for number in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE] {
            signal(number) { number in
                TrapReport.report()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    /// Writes the line without allocating.
    private static func report() {
        let text: StaticString = "FAILED by a trap, repeat with Tools/simulate --seed "
        write(1, text.utf8Start, text.utf8CodeUnitCount)
        var digits: InlineArray<21, UInt8> = .init(repeating: 0x0A)
        var index = 20
        var left = seed.load(ordering: .relaxed)
        repeat {
            index -= 1
            digits[index] = 0x30 + UInt8(left % 10)
            left /= 10
        } while left > 0
        for place in index...20 {
            var digit = digits[place]
            write(1, &digit, 1)
        }
    }
}
