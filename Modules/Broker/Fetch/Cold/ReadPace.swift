import NIOCore
import Vocabulary

/// Says when the next bytes may be read, so that over time no more than a rate are.
///
/// A token bucket, kept as the time at which it is full again: what is asked for is granted in the
/// order of asking, at once while credit is left and later where it is used up. Holds no clock.
struct ReadPace: Equatable {
    /// Unused time counts as credit up to this much.
    static let credit = TimeAmount.milliseconds(20)

    /// `nil` is without bound.
    let bytesPerSecond: Int?
    private var spentUntil = NIODeadline.uptimeNanoseconds(0)

    init(bytesPerSecond: Int?) {
        precondition(bytesPerSecond ?? 1 > 0, "a pace moves")
        self.bytesPerSecond = bytesPerSecond
    }

    /// Reserves `count` bytes; returns when reading them may begin, `now` at the earliest.
    mutating func reserve(_ count: Int, now: NIODeadline) -> NIODeadline {
        guard let bytesPerSecond else { return now }
        let begin = max(spentUntil, now - Self.credit)
        // A second of nanoseconds times 4 GiB stays within 64 bits.
        let (seconds, rest) = count.quotientAndRemainder(dividingBy: bytesPerSecond)
        let nanoseconds =
            Double(seconds) * 1e9 + Double(rest) * 1e9 / Double(bytesPerSecond)
        spentUntil = begin + .nanoseconds(Int64(nanoseconds.rounded()))
        return max(begin, now)
    }
}

/// The pace that the loops of a broker share.
///
/// A lock for a few instructions, taken once for each piece that is read from the device.
final class SharedReadPace: Sendable {
    private let pace: Lock<ReadPace>

    init(bytesPerSecond: Int?) {
        pace = Lock(ReadPace(bytesPerSecond: bytesPerSecond))
    }

    func reserve(_ count: Int, now: NIODeadline) -> NIODeadline {
        pace.withLock { $0.reserve(count, now: now) }
    }
}
