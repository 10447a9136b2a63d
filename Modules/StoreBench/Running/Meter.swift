import Glibc

/// What one round took.
public struct Cost: Sendable, Equatable {
    /// Bytes that the case appends, reads or compresses, as they are before compression.
    public var bytes: Int
    /// Appends, reads or batches, whichever the case counts.
    public var operations: Int
    /// How long the round took; of codecs, the compressing alone.
    public var seconds: Double
    /// Of the process, its kernel workers for io_uring included: getrusage(2).
    public var cpuSeconds: Double
    /// Written to the device until everything was there; `nil` where the system does not say.
    public var deviceBytes: Int?

    /// 0 where no time passed.
    public var bytesPerSecond: Double { seconds > 0 ? Double(bytes) / seconds : 0 }
    /// For a GB of 10⁹ bytes.
    public var cpuSecondsPerGB: Double { bytes > 0 ? cpuSeconds / (Double(bytes) / 1e9) : 0 }
    /// Bytes on the device for each byte that was appended.
    public var writeAmplification: Double? {
        deviceBytes.map { bytes > 0 ? Double($0) / Double(bytes) : 0 }
    }
}

/// Measures time and processor time between two moments.
struct Meter {
    private let start = ContinuousClock.now
    private let cpu = Self.cpuSeconds()

    func cost(bytes: Int, operations: Int) -> Cost {
        Cost(
            bytes: bytes, operations: operations, seconds: Self.seconds(since: start),
            cpuSeconds: Self.cpuSeconds() - cpu, deviceBytes: nil)
    }

    static func seconds(since start: ContinuousClock.Instant) -> Double {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double {
            Double(time.tv_sec) + Double(time.tv_usec) / 1e6
        }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}

/// A clock for single operations, in nanoseconds.
enum Nanoseconds {
    @inline(__always)
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
