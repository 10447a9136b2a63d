import Glibc

/// Lets a second SIGINT or SIGTERM end the process at once, for people who will not wait.
public enum SecondSignal {
    /// What a shell reports for a process that SIGINT ended.
    static let status: Int32 = 130

    /// From now on SIGINT and SIGTERM exit with status 130, nothing closed.
    ///
    /// Whatever is acknowledged stays: the next start recovers as after a crash.
    public static func exitsAtOnce() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            // Only calls that are safe in a signal handler, signal-safety(7).
            _exit(SecondSignal.status)
        }
        for number in [SIGINT, SIGTERM] {
            sigaction(number, &action, nil)
        }
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
}
