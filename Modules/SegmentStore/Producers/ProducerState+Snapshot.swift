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
}
