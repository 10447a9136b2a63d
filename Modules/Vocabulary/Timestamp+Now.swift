import Glibc

extension Timestamp {
    /// The system's clock, CLOCK_REALTIME; about 20 ns.
    ///
    /// For the edges of the program: what decides is given the time.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
