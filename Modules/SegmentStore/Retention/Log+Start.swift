import Disk
import Records
import Vocabulary

/// Where a log begins, and how much it holds from there on.
extension Log {
    /// The bytes of the segments that hold records from `logStartOffset` on, those of appends on
    /// their way included.
    ///
    /// - Complexity: a walk over the segments; the size of one that was never opened is looked up
    ///   once.
    public var byteCount: Int {
        get throws(StoreError) {
            if isClosed { throw .closed(path: folder) }
            var sum = 0
            for segment in segments where segment.end.map({ $0 > logStartOffset }) ?? true {
                sum += try segment.sized()
            }
            return sum
        }
    }

    /// Lets the log begin at `offset`: records below can no longer be read (DeleteRecords).
    ///
    /// Nothing happens if it begins there or later already. Whole segments below go in the
    /// background. What makes a start within a segment durable is the host's checkpoint
    /// (`OpenHint.logStartOffset`): it is asked for by `Store.onRecoveryPoint`, and whoever
    /// promises that the records are gone writes it first.
    /// - Throws: `offsetOutOfRange` behind `writtenEnd`; `closed`; `disk`, nothing changed then.
    public func advanceStart(to offset: Offset) throws(StoreError) {
        if isClosed { throw .closed(path: folder) }
        guard offset <= writtenEnd else {
            throw .offsetOutOfRange(offset, start: logStartOffset, end: writtenEnd)
        }
        guard offset > logStartOffset else { return }
        // After a crash the checkpoint is believed for logs that changed.
        try noteChange()
        moveStart(to: offset)
        store.retention.enqueue(self)
    }

    /// Notes the new start in memory. The epochs stay: a crash may take the start back. Opening
    /// trims them, when the start is durable.
    func moveStart(to offset: Offset) {
        logStartOffset = offset
        hasChanged = true
        hasProgress = true
        recovery.isDue = true
        store.touch(self)
    }
}
