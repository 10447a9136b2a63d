import Vocabulary

extension ProducerState {
    var snapshotEntry: ProducerSnapshot.Entry {
        ProducerSnapshot.Entry(
            producerID: producerID, epoch: epoch,
            lastBatch: lastBatch.map {
                ProducerSnapshot.Batch(
                    lastSequence: $0.lastSequence, lastOffset: $0.lastOffset,
                    offsetDelta: $0.offsetDelta)
            },
            lastTimestamp: lastTimestamp, coordinatorEpoch: coordinatorEpoch,
            ongoingTransactionStart: ongoingTransactionStart)
    }

    init(_ entry: ProducerSnapshot.Entry, now: Timestamp) {
        self.init(producerID: entry.producerID, now: now)
        if let epoch = entry.epoch { enter(epoch) }
        if let batch = entry.lastBatch {
            remember(
                Batch(
                    lastSequence: batch.lastSequence, lastOffset: batch.lastOffset,
                    offsetDelta: batch.offsetDelta))
        }
        heard(at: now, timestamp: entry.lastTimestamp)
        coordinatorEpoch = entry.coordinatorEpoch
        ongoingTransactionStart = entry.ongoingTransactionStart
    }

    /// Takes up a later epoch and a later batch that a snapshot knows of.
    mutating func catchUp(with entry: ProducerSnapshot.Entry, now: Timestamp) {
        let knownEnd = lastBatch?.lastOffset ?? Offset(-1)
        if let found = entry.epoch, epoch.map({ found > $0 }) ?? true { enter(found) }
        guard epoch == entry.epoch, let batch = entry.lastBatch, batch.lastOffset > knownEnd
        else { return }
        remember(
            Batch(
                lastSequence: batch.lastSequence, lastOffset: batch.lastOffset,
                offsetDelta: batch.offsetDelta))
        heard(at: now, timestamp: entry.lastTimestamp)
    }
}
