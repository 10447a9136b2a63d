import NIOCore

/// Things that happen at their time unless something else happened first; the earliest comes out
/// first.
///
/// Nothing is ever taken out of the middle: who no longer waits says so when its time comes. One
/// task of the event loop serves the whole queue, where one task per parked fetch cost about a
/// microsecond and several allocations each. A binary heap; both operations are O(log n).
struct DeadlineQueue<Element> {
    private var heap: [(deadline: NIODeadline, element: Element)] = []

    var isEmpty: Bool { heap.isEmpty }
    var count: Int { heap.count }
    var earliest: NIODeadline? { heap.first?.deadline }

    mutating func insert(_ element: Element, at deadline: NIODeadline) {
        heap.append((deadline, element))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// The earliest element whose time has come.
    mutating func next(dueAt now: NIODeadline) -> Element? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first.element }
        heap[0] = last
        var parent = 0
        while true {
            var smallest = parent
            for child in (2 * parent + 1)...(2 * parent + 2)
            where child < heap.count && heap[child].deadline < heap[smallest].deadline {
                smallest = child
            }
            guard smallest != parent else { break }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
        return first.element
    }

    /// Forgets the elements that no longer wait, once they outnumber the others.
    mutating func removeAll(where isDone: (Element) -> Bool) {
        let kept = heap.filter { !isDone($0.element) }
        heap.removeAll(keepingCapacity: true)
        for (deadline, element) in kept { insert(element, at: deadline) }
    }
}
