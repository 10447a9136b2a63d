import Glibc
import Vocabulary

extension Timestamp {
    /// The system's clock, CLOCK_REALTIME; about 20 ns.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
