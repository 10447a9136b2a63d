import Glibc
import Testing

extension ExitTest.Condition {
    /// A precondition that does not hold, told apart from an error thrown on the way to it.
    static var trap: ExitTest.Condition {
        #if arch(x86_64)
            .signal(SIGILL)
        #else
            .signal(SIGTRAP)
        #endif
    }
}
