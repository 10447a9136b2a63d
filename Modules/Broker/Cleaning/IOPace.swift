/// Keeps reading and writing at a pace: tells how long to rest after so many bytes.
///
/// Time is the caller's, so that tests need none. What was done too slowly is not made up for
/// later.
struct IOPace {
    private let bytesPerSecond: Double?
    /// When what was done so far should have taken until, at the pace.
    private var due: ContinuousClock.Instant

    init(bytesPerSecond: Double?, now: ContinuousClock.Instant) {
        self.bytesPerSecond = bytesPerSecond
        due = now
    }

    /// How many bytes to do at a time: a tenth of a second's worth, and a mebibyte at most.
    var pieceByteCount: Int {
        let limit = 1 << 20
        guard let bytesPerSecond, bytesPerSecond / 10 < Double(limit) else { return limit }
        return max(4_096, Int(bytesPerSecond / 10))
    }

    /// Notes that `byteCount` bytes were read or written by `now`.
    mutating func rest(after byteCount: Int, now: ContinuousClock.Instant) -> Duration {
        guard let bytesPerSecond else { return .zero }
        due = max(due, now - .milliseconds(100))
        due += .seconds(Double(byteCount) / bytesPerSecond)
        return max(.zero, due - now)
    }
}
