import SegmentStore
import Vocabulary

/// Batches on their way to one log, and the answer that their appender waits for.
struct AppendRequest: Sendable {
    enum Batches: Sendable {
        case one(EventBatch)
        case several([EventBatch])
    }

    let slot: Int
    /// Tells the log from a later one in its slot.
    let log: ObjectIdentifier
    let batches: Batches
    let byteCount: Int
    let budget: AppendBudget
    let answer: Answer<Result<AppendedRange, EventStoreError>>

    /// Answers, and lets the next append have the bytes. Called once for each request.
    func finish(_ result: Result<AppendedRange, EventStoreError>) {
        budget.giveBack(byteCount)
        answer.give(result)
    }
}
