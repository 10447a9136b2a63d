import Vocabulary

/// What a log must know of its idempotent producers, told from its batches.
extension ModelLog {
    /// What asking for a batch must answer.
    enum Expected: Equatable {
        case inOrder
        case duplicate(base: Int64, last: Int64)
        case refused
        /// The batches that would tell are below the log's start.
        case anything
    }

    /// The batches of a producer's newest epoch, the last five.
    func window(of producer: Int64) -> [ModelBatch] {
        var found: [ModelBatch] = []
        for batch in batches.reversed() where batch.sequence?.producer == producer {
            if let newest = found.first, newest.sequence?.epoch != batch.sequence?.epoch { break }
            found.append(batch)
            if found.count == 5 { break }
        }
        return found.reversed()
    }

    /// What the log must answer when asked whether `sequence` may be appended.
    ///
    /// - Parameter start: batches below this offset may be forgotten.
    func expected(_ sequence: ModelBatch.Sequence, start: Int64) -> Expected {
        let window = window(of: sequence.producer)
        guard let last = window.last, let known = last.sequence else { return .inOrder }
        if window.contains(where: { $0.base < start }) { return .anything }
        if sequence.epoch < known.epoch { return .refused }
        if sequence.epoch > known.epoch { return sequence.first == 0 ? .inOrder : .refused }
        if let match = window.last(where: { $0.sequence == sequence }) {
            return .duplicate(base: match.base, last: match.last)
        }
        return sequence.first == known.last + 1 ? .inOrder : .refused
    }

    /// The next batch of a producer in order.
    func nextSequence(
        of producer: Int64, count: Int, newEpoch: Bool
    ) -> ModelBatch.Sequence {
        guard let known = window(of: producer).last?.sequence else {
            return .init(producer: producer, epoch: 0, first: 0, last: Int32(count) - 1)
        }
        let epoch = newEpoch ? known.epoch + 1 : known.epoch
        let first = newEpoch ? 0 : known.last + 1
        return .init(
            producer: producer, epoch: epoch, first: first, last: first + Int32(count) - 1)
    }
}
