/// Keeping the number of open files bounded, whatever the number of logs.
extension Store {
    /// Notes the use of a segment's file or indexes; what was longest unused goes where there are
    /// too many.
    func noteUse(of segment: Segment) {
        segment.isUsed = true
        openSegments.use(segment)
        if isBeyondLimits { evictBeyondLimits(keeping: segment) }
    }

    private var isBeyondLimits: Bool {
        openSegments.count > settings.openSegmentLimit
            || openSegments.indexBytes > settings.indexCacheBytes
    }

    /// How many segments one use looks at: those that are busy make room a little later.
    private static let looksPerUse = 8

    private func evictBeyondLimits(keeping segment: Segment) {
        defer { closeReleased() }
        var looks = Self.looksPerUse
        while isBeyondLimits, looks > 0, let oldest = openSegments.oldest, oldest !== segment {
            looks -= 1
            if oldest.isIdle {
                release(oldest)
            } else {
                // Not before its bytes are durable: a write error that nobody has the file open
                // for may never be told.
                oldest.log?.syncToRest()
                openSegments.use(oldest)
            }
        }
    }

    /// Closes a segment's file until it is used again; a closed segment's indexes go, too.
    private func release(_ segment: Segment) {
        if segment.end == nil { segment.rest() } else { segment.evict() }
        openSegments.remove(segment)
    }

    /// Lets go of a segment that is no more, or whose log is closed.
    func forget(_ segment: Segment) {
        if let file = segment.file { budget.forget(file) }
        segment.evict()
        openSegments.remove(segment)
    }

    // MARK: - Logs

    /// Takes a log among those of the store.
    func add(_ log: Log) {
        log.place = logs.count
        logs.append(log)
        // What its opening read is nobody's use of it yet.
        log.active.isUsed = false
        wake(log)
        // It can be read; to go on with syncs of its own it would have to trust a device that has
        // just refused a write.
        if let error = journal?.failure { _ = log.fail(error) }
    }

    func remove(_ log: Log) {
        guard let place = log.place else { return }
        logs[logs.count - 1].place = place
        logs.swapAt(place, logs.count - 1)
        logs.removeLast()
        log.place = nil
    }
}
