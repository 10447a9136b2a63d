import Records
import SegmentStore
import Vocabulary

extension EventLog {
    /// Appends one batch and returns the offsets its records got, when they are acknowledged:
    /// under `Durability.sync` on stable storage, under `interval` and `os` written.
    ///
    /// Appends of one task keep their order. Appends that many tasks make at the same time share
    /// a sync, which is what makes them fast.
    ///
    /// Waits first while `EventStoreSettings.appendBytesInFlight` are under way. Cancelling gives
    /// up the wait, not the write: see `EventStoreError.Abandoned`.
    ///
    /// - Throws: `store(.outOfSpace)`: nothing was appended, later appends may work.
    ///   `store(.failed)`: the log takes nothing more. `truncated`: the log was cut in front of the
    ///   records before they were acknowledged. `cancelled`, `closed`, `logDeleted`.
    /// - Complexity: one message to the store's thread and one back; nothing per record.
    @discardableResult
    public func append(_ batch: EventBatch) async throws(EventStoreError) -> AppendedRange {
        try await append(.one(batch), byteCount: batch.byteCount)
    }

    /// Appends several batches, one behind the other and with nothing in between, for the price
    /// of one; otherwise as `append(_:)`. There is at least one.
    ///
    /// - Throws: also `partlyAppended` where some of the batches were refused.
    @discardableResult
    public func append(
        contentsOf batches: [EventBatch]
    ) async throws(EventStoreError) -> AppendedRange {
        precondition(!batches.isEmpty, "an append has at least one batch")
        return try await append(
            .several(batches), byteCount: batches.reduce(0) { $0 + $1.byteCount })
    }

    /// Appends a single record as a batch of its own: convenient, and for many records many times
    /// the work of a batch.
    @discardableResult
    public func append(
        key: [UInt8]?, value: [UInt8]?, headers: [RecordHeader] = [], timestamp: Timestamp? = nil
    ) async throws(EventStoreError) -> AppendedRange {
        var builder = EventBatchBuilder()
        builder.append(key: key, value: value, headers: headers, timestamp: timestamp)
        return try await append(builder.seal())
    }

    private func append(
        _ batches: AppendRequest.Batches, byteCount: Int
    ) async throws(EventStoreError) -> AppendedRange {
        let budget = store.budget
        guard await budget.take(byteCount) else { throw .cancelled(.beforeStart) }
        let answer = Answer<Result<AppendedRange, EventStoreError>>()
        store.executor.mailbox.post(
            .append(
                AppendRequest(
                    slot: slot, log: ObjectIdentifier(published), batches: batches,
                    byteCount: byteCount, budget: budget, answer: answer)))
        return try await answer.value(ifCancelled: .failure(.cancelled(.outcomeUnknown))).get()
    }
}
