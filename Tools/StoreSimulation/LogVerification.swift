import Disk
import Records
import SegmentStore
import Simulation
import Vocabulary

/// Holds what a log can be asked against what the model says.
struct LogVerification {
    let log: Log
    let model: ModelLog
    let maker: BatchMaker

    private var name: TopicPartition { log.topicPartition }
    private var start: Int64 { log.logStartOffset.rawValue }
    /// The batches that must be found.
    private var kept: ArraySlice<ModelBatch> {
        model.batches.drop { $0.last < start }
    }

    func run(using random: inout SeededRandom) throws(Violation) {
        if model.isCompacted {
            try CompactedVerification(log: log, model: model).run(using: &random)
        } else {
            try checkRecords(upTo: log.writtenEnd, using: &random)
            try checkTimes(using: &random)
        }
        try checkEpochs()
        try checkProducers()
    }

    // MARK: Records

    /// Reads from the start in steps and compares each batch.
    private func checkRecords(
        upTo end: Offset, using random: inout SeededRandom
    ) throws(Violation) {
        var next = log.logStartOffset
        var expected = kept
        while next < end {
            let maxBytes = Int.random(in: 1...6_000, using: &random)
            let position = next
            let read = try expecting("\(name) read from \(position)") { () throws(StoreError) in
                try log.read(from: position, upTo: end, maxBytes: maxBytes, minOneBatch: true)
            }
            try require(read.byteCount > 0, "\(name) has nothing at \(next), it ends at \(end)")
            next = try compare(read, with: &expected)
        }
        try require(
            expected.allSatisfy { $0.base >= end.rawValue },
            "\(name) ends at \(end); batch \(expected.first?.base ?? 0) was not found")
        try require(next == end, "\(name) gives records up to \(next), it ends at \(end)")
    }

    private func compare(
        _ read: LogRead, with expected: inout ArraySlice<ModelBatch>
    ) throws(Violation) -> Offset {
        var next = Offset.zero
        for region in read.regions {
            let buffer = DiskBuffer(count: region.count)
            try expecting("\(name) region \(region.position)") { () throws(StoreError) in
                try region.read(into: buffer)
            }
            var position = 0
            while position < region.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer.bytes[position...])
                let header = try header(rest, at: position)
                guard let batch = expected.popFirst() else {
                    throw Violation("\(name) has a batch at \(header.baseOffset) too many")
                }
                let place = "\(name) batch \(batch.base)"
                try require(
                    header.baseOffset.rawValue == batch.base,
                    "\(place) was found at offset \(header.baseOffset)")
                try require(
                    header.leaderEpoch?.rawValue == batch.epoch,
                    "\(place) has epoch \(header.leaderEpoch?.rawValue ?? -1), not \(batch.epoch)")
                let found = rest[16..<min(rest.count, header.byteCount)]
                try require(
                    found.elementsEqual(batch.bytes[16...]), "\(place) has other bytes")
                position += header.byteCount
                next = header.nextOffset
            }
        }
        return next
    }

    private func header(
        _ bytes: UnsafeRawBufferPointer, at position: Int
    ) throws(Violation) -> BatchHeader {
        do throws(RecordError) {
            return try BatchHeader(reading: bytes)
        } catch {
            throw Violation("\(name) gives no batch at byte \(position) of a region: \(error)")
        }
    }

    // MARK: Epochs

    private func checkEpochs() throws(Violation) {
        for batch in kept {
            let offset = max(batch.base, start)
            let found = log.leaderEpoch(at: Offset(offset))
            try require(
                found?.rawValue == batch.epoch,
                """
                \(name) says epoch \(found?.rawValue ?? -1) of offset \(offset), it should be \
                \(batch.epoch)
                """)
        }
    }

    // MARK: Producers

    private func checkProducers() throws(Violation) {
        for producer in Set(model.batches.compactMap { $0.sequence?.producer }).sorted() {
            let window = model.window(of: producer)
            // Compaction keeps a producer's last batch and not those before it.
            for batch in model.isCompacted ? window.suffix(1) : window[...] {
                if let sequence = batch.sequence { try check(sequence, batch.bytes) }
            }
            let next = model.nextSequence(of: producer, count: 1, newEpoch: false)
            try check(next, maker.probe(next))
            let gap = ModelBatch.Sequence(
                producer: producer, epoch: next.epoch, first: next.first + 1, last: next.first + 1)
            try check(gap, maker.probe(gap))
        }
    }

    /// Asks about a batch and compares the answer.
    func check(_ sequence: ModelBatch.Sequence, _ bytes: [UInt8]) throws(Violation) {
        let expected = model.expected(sequence, start: start)
        guard expected != .anything else { return }
        let buffer = OwnedBytes(bytes)
        let header = try header(
            UnsafeRawBufferPointer(start: buffer.base, count: buffer.count), at: 0)
        let found: ModelLog.Expected
        do throws(ProducerError) {
            switch try log.check(header, now: Timestamp(0)) {
            case .inOrder: found = .inOrder
            case .duplicate(let base, let last):
                found = .duplicate(base: base.rawValue, last: last.rawValue)
            }
        } catch {
            found = .refused
        }
        try require(
            found == expected, "\(name) says \(found) of \(sequence), it should be \(expected)")
    }

    // MARK: Times

    private func checkTimes(using random: inout SeededRandom) throws(Violation) {
        guard let some = kept.randomElement(using: &random)?.records.first?.timestamp else {
            return
        }
        for timestamp in [some, some + 1, Int64.max / 2] {
            let found = try expecting("\(name) time \(timestamp)") { () throws(StoreError) in
                try log.lookup(timestamp: Timestamp(timestamp), upTo: log.writtenEnd)
            }
            let expected = firstRecord(notBefore: timestamp)
            try require(
                found?.offset.rawValue == expected,
                "\(name) finds \(found?.offset.rawValue ?? -1) for time \(timestamp), it should be "
                    + "\(expected ?? -1)")
        }
    }

    private func firstRecord(notBefore timestamp: Int64) -> Int64? {
        for batch in kept {
            for record in batch.records
            where record.timestamp >= timestamp && batch.base + record.delta >= start
                && batch.base + record.delta < log.writtenEnd.rawValue
            {
                return batch.base + record.delta
            }
        }
        return nil
    }
}
