import SegmentStore
import Vocabulary

extension EventLog {
    /// Reads whole batches from `offset` on: the first holds it, or is the next there is where
    /// compaction left a gap. Nothing where no record is there yet.
    ///
    /// Bytes that are not in memory are read by a thread that may wait for the device; appends go
    /// on meanwhile.
    ///
    /// - Parameters:
    ///   - offset: not below the log's start and not above its end.
    ///   - maxBytes: the most bytes of all batches; the first comes whatever its size.
    /// - Throws: `store(.offsetOutOfRange)` below the start and above the end, `corrupt`,
    ///   `cancelled`, `closed`, `logDeleted`.
    public func read(
        from offset: Offset, maxBytes: Int = 1 << 20
    ) async throws(EventStoreError) -> ReadBatches {
        let answer = Answer<Result<RawRead, EventStoreError>>()
        let (slot, published) = (slot, published)
        store.executor.mailbox.post(
            .call { core in
                core.read(slot, published, from: offset, maxBytes: maxBytes, answer)
            })
        let raw = try await answer.value(ifCancelled: .failure(.cancelled(.beforeStart))).get()
        return try ReadBatches(raw, verifying: store.settings.verifiesChecksums)
    }

    /// The batches from `offset` on, one after the other.
    ///
    /// - Parameters:
    ///   - offset: as in `read(from:maxBytes:)`, which the sequence calls.
    ///   - following: whether to wait for more at the end of the log instead of ending there. A
    ///     sequence that follows ends when its task is cancelled, and throws where the log failed.
    ///   - maxBytes: how much is read at once.
    public func batches(
        from offset: Offset, following: Bool = false, maxBytes: Int = 1 << 20
    ) -> BatchSequence {
        BatchSequence(log: self, start: offset, isFollowing: following, maxBytes: maxBytes)
    }

    /// Waits until the record at `offset` can be read.
    ///
    /// - Throws: `cancelled`, `closed`, `logDeleted`; `store` where the log fails meanwhile or has
    ///   failed before: no further record will come.
    public func wait(for offset: Offset) async throws(EventStoreError) {
        guard offset >= readEnd else { return }
        let answer = Answer<Result<Void, EventStoreError>>()
        let (slot, published) = (slot, published)
        store.executor.mailbox.post(
            .call { core in
                do throws(EventStoreError) {
                    try core.hosted(slot, published).wait(for: offset, answer)
                } catch {
                    answer.give(.failure(error))
                }
            })
        try await answer.value(ifCancelled: .failure(.cancelled(.beforeStart))).get()
    }

    /// The first record in offset order that is not older than `timestamp`; `nil` if all are.
    public func firstRecord(
        notBefore timestamp: Timestamp
    ) async throws(EventStoreError) -> TimestampedOffset? {
        try await onLog { hosted throws(EventStoreError) in
            do throws(StoreError) {
                return try hosted.log.lookup(timestamp: timestamp, upTo: hosted.readEnd)
            } catch {
                throw EventStoreError(error)
            }
        }
    }
}
