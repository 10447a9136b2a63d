import Vocabulary

/// One fetch's wait on the partitions of one shard. Belongs to that shard's loop.
///
/// It stands on each partition's list of waiting fetches until it is cancelled; every move of a
/// high watermark wakes it.
final class ParkedFetch {
    private let partitions: [Partition]
    private let onWake: () -> Void
    private var isWaiting = true

    init(on partitions: [Partition], onWake: @escaping () -> Void) {
        self.partitions = partitions
        self.onWake = onWake
        for partition in partitions { partition.park(self) }
    }

    func wake() {
        if isWaiting { onWake() }
    }

    func cancel() {
        guard isWaiting else { return }
        isWaiting = false
        for partition in partitions { partition.unpark(self) }
    }
}
