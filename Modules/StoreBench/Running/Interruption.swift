import Glibc
import Synchronization

/// Whether the user asked to stop: rounds look at it between operations.
public enum Interruption {
    private static let flag = Atomic(false)

    /// Once `true`, it stays so; any thread.
    public static var isAsked: Bool { flag.load(ordering: .relaxed) }

    /// Lets the measurement end after the operation under way; any thread.
    public static func ask() { flag.store(true, ordering: .relaxed) }

    /// Lets SIGINT and SIGTERM ask; a second one ends the process at once.
    public static func followSignals() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                Interruption.ask()
                signal(number, SIG_DFL)
            }
        }
    }

    static func check() throws(BenchError) {
        if isAsked { throw .interrupted }
    }
}
