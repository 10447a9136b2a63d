import Vocabulary

/// Where the newest batches of the active segment begin, so that readers at the tail need not
/// look into the file.
///
/// A ring without growth: 256 batches take 4 KiB.
struct RecentBatches {
    struct Place: Equatable {
        let baseOffset: Offset
        let position: Int
    }

    static let capacity = 256

    private var places: ContiguousArray<Place> = []
    /// Where the oldest place stands once the ring is full.
    private var oldest = 0

    var count: Int { places.count }

    subscript(index: Int) -> Place { places[(oldest + index) % places.count] }

    mutating func append(_ place: Place) {
        if places.count < Self.capacity {
            if places.isEmpty { places.reserveCapacity(Self.capacity) }
            places.append(place)
        } else {
            places[oldest] = place
            oldest = (oldest + 1) % Self.capacity
        }
    }

    mutating func removeAll() {
        places.removeAll()
        oldest = 0
    }

    /// The number of the batch that holds `offset`, the newest that does not begin behind it;
    /// `nil` when that batch is older than all here.
    func index(holding offset: Offset) -> Int? {
        let above = firstIndex { self[$0].baseOffset > offset }
        return above == 0 ? nil : above - 1
    }

    /// The newest batch that begins at `position` or before; `nil` when it is older than all.
    func floor(position: Int) -> Place? {
        let above = firstIndex { self[$0].position > position }
        return above == 0 ? nil : self[above - 1]
    }

    private func firstIndex(where isAbove: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isAbove(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
