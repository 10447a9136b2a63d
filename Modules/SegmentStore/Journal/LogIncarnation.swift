import Vocabulary

/// Counts how often a log was cut back: journaled batches of an earlier incarnation are void.
/// Kept with the log, see `LogCuts`.
package struct LogIncarnation: Quantity {
    static let first = LogIncarnation(0)

    package let rawValue: UInt64

    package init(_ rawValue: UInt64) { self.rawValue = rawValue }

    var next: LogIncarnation { LogIncarnation(rawValue + 1) }
}
