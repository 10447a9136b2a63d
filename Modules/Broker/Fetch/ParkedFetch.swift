import Vocabulary

/// One fetch's wait on the partitions of one shard. Belongs to that shard's loop.
///
/// It stands on each partition's list of waiting fetches until it is cancelled; every move of a
/// high watermark is told to it, with the want that the partition is there for.
final class ParkedFetch {
    struct Place {
        let partition: Partition
        let want: FetchWant
    }

    private let places: [Place]
    private let onMove: (FetchWant) -> Void
    private var isWaiting = true

    init(on places: [Place], onMove: @escaping (FetchWant) -> Void) {
        self.places = places
        self.onMove = onMove
        for (index, place) in places.enumerated() { place.partition.park(self, at: index) }
    }

    /// The partition at a place moved.
    func moved(_ place: Int) {
        if isWaiting { onMove(places[place].want) }
    }

    func cancel() {
        guard isWaiting else { return }
        isWaiting = false
        for place in places { place.partition.unpark(self) }
    }
}
