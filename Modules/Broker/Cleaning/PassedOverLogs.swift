import IORing
import SegmentStore

/// The logs that the cleaner passes over: some until the next start, and those that lacked space or
/// descriptors until the others had their turn. Pure.
struct PassedOverLogs {
    /// What is to be told of a failure.
    enum News: Equatable {
        case nothing
        /// Something is short; told once until a round goes by without.
        case shortage
        /// The log is not compacted until the next start.
        case uncleanable
    }

    private var uncleanable: Set<PartitionIdentity> = []
    private var short: Set<PartitionIdentity> = []
    private var isShortageTold = false

    /// Those to leave out of the search.
    var all: Set<PartitionIdentity> { uncleanable.union(short) }

    /// A log could not be looked at or compacted.
    mutating func failed(_ log: PartitionIdentity, _ error: any Error) -> News {
        guard Self.isShortage(error) else {
            return uncleanable.insert(log).inserted ? .uncleanable : .nothing
        }
        short.insert(log)
        defer { isShortageTold = true }
        return isShortageTold ? .nothing : .shortage
    }

    /// No other log is due: those that lacked something may try again.
    mutating func endRound() {
        if short.isEmpty { isShortageTold = false }
        short = []
    }

    /// Whether it may work later without anybody looking after the log.
    private static func isShortage(_ error: any Error) -> Bool {
        switch error {
        // A disk of the cleaner's own needs a descriptor.
        case is IORingError: true
        case let error as StoreError:
            switch error {
            case .outOfSpace: true
            case .disk: !error.isLasting
            default: false
            }
        default: false
        }
    }
}
