import Disk
import Vocabulary

extension Log {
    /// How often forgotten producers are looked for, in milliseconds.
    static let expirationInterval: Int64 = 60_000
    /// How long a tick leaves for what could not be synced for want of descriptors, likewise.
    private static let retryInterval: Int64 = 100

    /// Does what is due and returns when it wants to be asked again, if nothing is appended.
    func tick(now: Timestamp) -> Timestamp? {
        var next: Timestamp?
        if syncs.isHeldBack {
            syncs.isHeldBack = false
            startSync()
            next = now + Self.retryInterval
        }
        if let flushInterval, syncedEnd < writtenEnd, failure == nil {
            let due = syncs.due ?? now + flushInterval
            syncs.due = due
            if due <= now {
                syncs.due = now + flushInterval
                startSync()
            }
            let wanted = syncs.due ?? now + flushInterval
            next = min(next ?? wanted, wanted)
        }
        if producers.count > 0 {
            let due = expirationDue ?? now + Self.expirationInterval
            expirationDue = due
            if due <= now {
                producers.expire(
                    now: now, expiration: settings.producerIDExpirationMilliseconds)
                expirationDue = now + Self.expirationInterval
            }
            let wanted = expirationDue ?? due
            next = min(next ?? wanted, wanted)
        }
        return next
    }

    /// When `tick` has something to do next. A producer that came since the last tick is looked
    /// at then, which is soon enough.
    var nextTick: Timestamp? {
        let isSyncDue = flushInterval != nil && syncedEnd < writtenEnd && failure == nil
        let sync = isSyncDue ? syncs.due : nil
        let expiration = producers.count > 0 ? expirationDue : nil
        guard let sync, let expiration else { return sync ?? expiration }
        return min(sync, expiration)
    }

    /// Starts a sync of what is not durable yet, whatever the policy.
    func gatherLastSync() {
        guard syncedEnd < writtenEnd else { return }
        startSync()
    }

    /// Writes what a closed log has: the last time index entry and the snapshot of its producers.
    /// A log that is as it was found has them.
    func finish() {
        guard failure == nil, !isClosed, hasChanged else { return }
        do throws(StoreError) {
            while syncedEnd < writtenEnd {
                // Closed segments that were not synced come first, one at a time.
                syncs.isHeldBack = false
                startSync()
                store.settle(self)
                if failure != nil { return }
                guard !syncs.isHeldBack else { throw .outOfSpace(path: folder) }
            }
            if try !active.finishResting() {
                var indexes = try active.loadedIndexes(interval: settings.indexIntervalBytes)
                indexes.finish()
                try active.writeIndexes(indexes)
            }
            try active.syncIndexes()
            if hasUnsavedEpochs { try save(epochs) }
            try onSideFiles { () throws(SideFileError) in
                try producers.snapshot.write(at: logEnd, on: store.disk, folder: folder)
            }
        } catch {
            failure = error
        }
    }
}
