import Vocabulary

/// The logs that wait for a time to come, the earliest first.
///
/// A binary heap. A log that asks for an earlier time than before stands in it twice; the later
/// entry says nothing any more.
struct DueLogs {
    private struct Entry {
        let due: Timestamp
        let log: Log
    }

    private var heap: [Entry] = []

    /// Notes that `log` wants to be asked at `due`, unless it will be before.
    mutating func insert(_ log: Log, at due: Timestamp) {
        if let queued = log.queuedTick, queued <= due { return }
        log.queuedTick = due
        heap.append(Entry(due: due, log: log))
        var index = heap.count - 1
        while index > 0, heap[index].due < heap[(index - 1) / 2].due {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes out the next log whose time has come.
    mutating func next(dueBy now: Timestamp) -> Log? {
        while let first = heap.first, first.due <= now {
            removeFirst()
            if first.log.queuedTick == first.due {
                first.log.queuedTick = nil
                return first.log
            }
        }
        return nil
    }

    /// When the first log wants to be asked. Those that want nothing any more, or later, are put
    /// right on the way.
    mutating func earliest() -> Timestamp? {
        while let first = heap.first {
            let log = first.log
            guard log.queuedTick == first.due, !log.isClosed else {
                removeFirst()
                continue
            }
            // What is under way may ask for another try when it ends.
            if log.syncs.isInFlight { return first.due }
            guard let wanted = log.nextTick, wanted <= first.due else {
                removeFirst()
                log.queuedTick = nil
                if let later = log.nextTick { insert(log, at: later) }
                continue
            }
            return first.due
        }
        return nil
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
                if heap[child].due < heap[least].due { least = child }
            }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
