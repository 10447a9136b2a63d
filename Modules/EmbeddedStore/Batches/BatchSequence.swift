import Vocabulary

/// The batches of a log from an offset on; see `EventLog.batches`.
///
/// Each iterator reads for itself, one read at a time, so that a slow reader costs no memory.
public struct BatchSequence: AsyncSequence, Sendable {
    public typealias Element = StoredBatch
    public typealias Failure = EventStoreError

    let log: EventLog
    let start: Offset
    let isFollowing: Bool
    let maxBytes: Int

    public func makeAsyncIterator() -> Iterator { Iterator(of: self) }

    /// Reads on when the batches of its last read are used up; for one task at a time.
    public struct Iterator: AsyncIteratorProtocol {
        private let sequence: BatchSequence
        private var held: ReadBatches.Iterator?
        /// Where reading goes on.
        public private(set) var nextOffset: Offset

        init(of sequence: BatchSequence) {
            self.sequence = sequence
            nextOffset = sequence.start
        }

        /// The next batch; `nil` at the end of a log that is not followed, and when the task was
        /// cancelled.
        ///
        /// - Throws: as `EventLog.read(from:maxBytes:)`.
        public mutating func next() async throws(EventStoreError) -> StoredBatch? {
            try await next(isolation: #isolation)
        }

        /// The same, on the actor that the caller names.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(EventStoreError) -> StoredBatch? {
            if let batch = held?.next() { return pass(batch) }
            do throws(EventStoreError) {
                while true {
                    let read = try await sequence.log.read(
                        from: nextOffset, maxBytes: sequence.maxBytes)
                    var batches = read.makeIterator()
                    if let batch = batches.next() {
                        held = batches
                        return pass(batch)
                    }
                    guard sequence.isFollowing else { return nil }
                    try await sequence.log.wait(for: nextOffset)
                }
            } catch {
                if case .cancelled = error { return nil }
                throw error
            }
        }

        private mutating func pass(_ batch: StoredBatch) -> StoredBatch {
            nextOffset = batch.nextOffset
            return batch
        }
    }
}
