import NIOCore
import Vocabulary

/// One partition's share of a produce request that waits for its records to be acknowledged.
struct WaitingProduce {
    /// The high watermark that releases it.
    let end: Offset
    let deadline: NIODeadline
    let base: Offset
    let logAppendTime: Timestamp?
    /// The request, which lives on its connection's loop.
    let exchange: ProduceExchange.Handle
    /// Which share of the request.
    let share: Int

    func succeed(logStartOffset: Offset, outbox: Outbox) {
        finish(
            .stored(base: base, logAppendTime: logAppendTime, logStartOffset: logStartOffset),
            outbox: outbox)
    }

    func fail(_ refusal: ProduceRefusal, outbox: Outbox) {
        finish(.refused(refusal), outbox: outbox)
    }

    private func finish(_ outcome: ProduceExchange.Outcome, outbox: Outbox) {
        exchange.complete(share, outcome, outbox: outbox)
    }
}
