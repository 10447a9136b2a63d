import KafkaProtocol
import NIOCore
import Vocabulary

/// One partition's share of a produce request on its way to the partition's shard.
struct ProduceShare: Sendable {
    let exchange: ProduceExchange.Handle
    let index: Int
    let place: PartitionPlace
    let topicID: TopicID
    let batch: AdmittedBatch
    /// With acks=0 nobody waits for the device.
    let waits: Bool
    let deadline: NIODeadline
}

extension Shard {
    /// How many bytes of appends may wait in the disk's queue before acks=0 waits for them.
    private static let unwaitedBytes = 32 << 20

    /// Appends the batch and hands in the outcome: now, or when it is acknowledged.
    func produce(_ share: ProduceShare, now: Timestamp) {
        guard let partition = partition(slot: share.place.slot, topicID: share.topicID) else {
            share.exchange.complete(
                share.index, .refused(ProduceRefusal(.unknownTopicOrPartition)), outbox: outbox)
            return
        }
        let appended: Appended
        do throws(ProduceRefusal) {
            appended = try partition.append(share.batch, now: now)
        } catch {
            share.exchange.complete(share.index, .refused(error), outbox: outbox)
            return
        }
        let waiting = WaitingProduce(
            end: appended.end, deadline: share.deadline, base: appended.base,
            // A duplicate was stamped when it came first; that time is not kept.
            logAppendTime: appended.isDuplicate ? nil : share.batch.logAppendTime,
            exchange: share.exchange, share: share.index)
        // Frames stay in memory until they are written. Where the disk cannot follow, acks=0 waits
        // too, so that the connection's limits slow the sender down.
        let mustWait = share.waits || store.bytesInFlight > Self.unwaitedBytes
        if mustWait && appended.end > partition.highWatermark {
            partition.park(waiting)
        } else {
            waiting.succeed(logStartOffset: partition.logStartOffset, outbox: outbox)
        }
    }
}
