import Disk

extension DiskError {
    /// Whether the system lacked something that may be there again later: descriptors, memory or
    /// space. What was asked for is refused, and the log goes on.
    ///
    /// Never for a sync: what a failed one covered is in doubt for good.
    var isPassing: Bool {
        guard operation != "sync", operation != "syncFolder" else { return false }
        return isOutOfSpace || Self.shortages.contains(code)
    }

    /// Too many open files, of the process and of the system, and no memory: errno(3).
    private static let shortages: Set<Int32> = [24, 23, 12]
}
