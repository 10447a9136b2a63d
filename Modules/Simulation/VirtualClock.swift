import Vocabulary

/// A clock that stands still until it is told to move on: what tests give as `now`.
public final class VirtualClock {
    /// Moved by `advance` alone.
    public private(set) var now: Timestamp

    /// Stands at `start`, by default in November 2023.
    public init(at start: Timestamp = Timestamp(1_700_000_000_000)) { now = start }

    /// Moves on by `milliseconds`, which are not negative.
    public func advance(by milliseconds: Int64) {
        precondition(milliseconds >= 0, "time does not go back")
        now = now + milliseconds
    }
}
