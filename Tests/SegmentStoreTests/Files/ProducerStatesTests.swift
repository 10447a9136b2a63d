import SegmentStore
import Testing
import Vocabulary

struct ProducerStatesTests {
    // MARK: - Order

    @Test(arguments: [0, 1, 7, Int32.max])
    func `a producer that is not known may begin with any sequence`(_ sequence: Int32) throws {
        let states = ProducerStates()

        #expect(try check(states, batch(sequence)) == .inOrder)
    }

    @Test
    func `the next sequence is in order and any other is not`() throws {
        let states = states(appending: [(0, 9), (10, 14)])

        #expect(try check(states, batch(15)) == .inOrder)
        for sequence: Int32 in [14, 16, 1, 500, .max] {
            #expect(
                throws: ProducerError.outOfOrderSequence(
                    producerID: ProducerID(1), expected: SequenceNumber(15),
                    found: SequenceNumber(sequence))
            ) {
                try check(states, batch(sequence))
            }
        }
    }

    @Test
    func `producers do not disturb each other`() throws {
        var states = states(appending: [(0, 9)])

        states.apply(
            batch(100, 104, producer: 2), baseOffset: Offset(10), lastOffset: Offset(14),
            now: Timestamp(0))

        #expect(try check(states, batch(10)) == .inOrder)
        #expect(try check(states, batch(105, producer: 2)) == .inOrder)
    }

    // MARK: - Duplicates

    @Test(arguments: 0..<5)
    func `each of the last five batches is recognized with its offsets`(_ index: Int) throws {
        let runs: [(Int32, Int32)] = [(0, 0), (1, 9), (10, 10), (11, 30), (31, 31), (32, 40)]
        let states = states(appending: runs)
        let (first, last) = runs[index + 1]

        let check = try check(states, batch(first, last))

        // The offsets of these runs equal their sequences, moved by the 1,000 they begin at.
        #expect(
            check
                == .duplicate(
                    baseOffset: Offset(1_000 + Int64(first)),
                    lastOffset: Offset(1_000 + Int64(last))))
    }

    @Test
    func `the sixth last batch is out of order and not taken for new`() throws {
        let states = states(appending: (0..<6).map { ($0, $0) })

        #expect(throws: ProducerError.self) { try check(states, batch(0)) }
        #expect(
            try check(states, batch(1))
                == .duplicate(baseOffset: Offset(1_001), lastOffset: Offset(1_001)))
    }

    @Test(arguments: [(0, 8), (1, 9), (0, 10), (5, 14), (9, 9)] as [(Int32, Int32)])
    func `a run that only overlaps an old one is out of order`(
        _ first: Int32, _ last: Int32
    ) throws {
        let states = states(appending: [(0, 9), (10, 14)])

        #expect(throws: ProducerError.self) { try check(states, batch(first, last)) }
    }

    // MARK: - Wrapping

    @Test
    func `sequences go on with 0 after the largest`() throws {
        let states = states(appending: [(Int32.max - 1, Int32.max)])

        #expect(try check(states, batch(0)) == .inOrder)
        #expect(throws: ProducerError.self) { try check(states, batch(1)) }
        #expect(throws: ProducerError.self) { try check(states, batch(.max)) }
    }

    @Test
    func `a batch across the wrap is recognized and followed`() throws {
        var states = ProducerStates()
        let across = batch(Int32.max - 1, 2)

        states.apply(across, baseOffset: Offset(70), lastOffset: Offset(74), now: Timestamp(0))

        #expect(
            try check(states, across) == .duplicate(baseOffset: Offset(70), lastOffset: Offset(74)))
        #expect(try check(states, batch(3)) == .inOrder)
    }

    // MARK: - Epochs

    @Test
    func `a lower epoch is stale, also for a batch that was appended in it`() throws {
        var states = states(appending: [(0, 9)])

        states.apply(
            batch(0, 4, epoch: 1), baseOffset: Offset(2_000), lastOffset: Offset(2_004),
            now: Timestamp(0))

        #expect(
            throws: ProducerError.staleEpoch(
                producerID: ProducerID(1), current: ProducerEpoch(1), found: ProducerEpoch(0))
        ) {
            try check(states, batch(0, 9))
        }
    }

    @Test
    func `a new epoch begins with 0`() throws {
        let states = states(appending: [(0, 9)])

        #expect(try check(states, batch(0, epoch: 5)) == .inOrder)
        #expect(
            throws: ProducerError.outOfOrderSequence(
                producerID: ProducerID(1), expected: .zero, found: SequenceNumber(10))
        ) {
            try check(states, batch(10, epoch: 5))
        }
    }

    @Test
    func `batches of an older epoch are not taken for duplicates in a new one`() throws {
        let states = states(appending: [(0, 9)])

        #expect(try check(states, batch(0, 9, epoch: 1)) == .inOrder)
    }

    // MARK: - Undoing

    @Test
    func `what is cut back never happened`() throws {
        var states = states(appending: [(0, 9), (10, 14)])
        states.settle(upTo: Offset(1_010))

        states.cutBack(to: Offset(1_010))

        #expect(try check(states, batch(10, 14)) == .inOrder)
        #expect(
            try check(states, batch(0, 9))
                == .duplicate(baseOffset: Offset(1_000), lastOffset: Offset(1_009)))
    }

    @Test
    func `a batch that had left the window is back after cutting back`() throws {
        var states = states(appending: (0..<5).map { ($0, $0) })
        states.settle(upTo: Offset(1_005))

        apply(&states, (5, 5))
        states.cutBack(to: Offset(1_005))

        #expect(
            try check(states, batch(0))
                == .duplicate(baseOffset: Offset(1_000), lastOffset: Offset(1_000)))
    }

    @Test
    func `a producer first met in the cut tail is forgotten and an epoch entered there left`()
        throws
    {
        var states = states(appending: [(0, 9)])
        states.settle(upTo: Offset(1_010))
        states.apply(
            batch(0, epoch: 3), baseOffset: Offset(1_010), lastOffset: Offset(1_010),
            now: Timestamp(0))
        states.apply(
            batch(0, producer: 8), baseOffset: Offset(1_011), lastOffset: Offset(1_011),
            now: Timestamp(0))

        states.cutBack(to: Offset(1_010))

        #expect(states.count == 1)
        #expect(try check(states, batch(10)) == .inOrder)
        #expect(try check(states, batch(55, producer: 8)) == .inOrder)
    }

    @Test
    func `random appends and cuts leave the states of a log that never had the tails`() throws {
        var random = SeededRandom(seed: 20_261_121)
        var states = ProducerStates()
        var log: [(ProducerBatch, Offset, Offset)] = []
        var end = Offset(0)
        var settled = 0

        for _ in 0..<3_000 {
            let producer = Int64(Int.random(in: 0..<5, using: &random))
            let mine = log.last { $0.0.producerID.rawValue == producer }?.0
            let epoch =
                (mine?.epoch.rawValue ?? 0) + (Int.random(in: 0..<20, using: &random) == 0 ? 1 : 0)
            let first = mine.map { $0.epoch.rawValue == epoch ? $0.lastSequence.rawValue + 1 : 0 }
            let count = Int32(Int.random(in: 0..<4, using: &random))
            let next = batch(first ?? 0, (first ?? 0) + count, producer: producer, epoch: epoch)
            #expect(try check(states, next) == .inOrder)
            let last = end + Int64(count)
            states.apply(next, baseOffset: end, lastOffset: last, now: Timestamp(0))
            log.append((next, end, last))
            end = last + 1
            if Int.random(in: 0..<10, using: &random) == 0 {
                // What was settled once is never cut.
                let kept = max(settled, log.count - 1 - Int.random(in: 0..<6, using: &random))
                settled = max(settled, kept - Int.random(in: 0..<3, using: &random))
                states.settle(upTo: log[settled].1)
                log.removeLast(log.count - kept)
                end = log.last.map { $0.2 + 1 } ?? .zero
                states.cutBack(to: end)
            }
        }

        var expected = ProducerStates()
        for (batch, base, last) in log {
            expected.apply(batch, baseOffset: base, lastOffset: last, now: Timestamp(0))
        }
        #expect(states.snapshot == expected.snapshot)
        for (batch, _, _) in log.suffix(100) {
            #expect(answer(of: states, to: batch) == answer(of: expected, to: batch))
        }
    }

    // MARK: - Forgetting

    @Test
    func `a producer is forgotten by the broker's clock and not by its records' time`() throws {
        var states = ProducerStates()
        let old = batch(0, 0, producer: 1, epoch: 0, timestamp: 5)
        states.apply(old, baseOffset: .zero, lastOffset: .zero, now: Timestamp(1_000))
        states.settle(upTo: Offset(1))

        states.expire(now: Timestamp(1_099), expiration: 100)
        let before = states.count
        states.expire(now: Timestamp(1_100), expiration: 100)

        #expect(before == 1)
        #expect(states.count == 0)
        #expect(try check(states, batch(17)) == .inOrder)
    }

    @Test
    func `neither an open transaction nor an unsettled append is forgotten`() throws {
        var states = ProducerStates()
        var transactional = batch(0, producer: 1)
        transactional.isTransactional = true
        states.apply(transactional, baseOffset: .zero, lastOffset: .zero, now: Timestamp(0))
        states.settle(upTo: Offset(1))
        states.apply(
            batch(0, producer: 2), baseOffset: Offset(1), lastOffset: Offset(1), now: Timestamp(0))

        states.expire(now: Timestamp(.max), expiration: 1)

        #expect(states.count == 2)
    }

    @Test
    func `beyond the limit those not heard of for longest are forgotten`() throws {
        var states = ProducerStates(limit: 32)
        for producer in 1...32 {
            states.apply(
                batch(0, producer: Int64(producer)), baseOffset: Offset(Int64(producer)),
                lastOffset: Offset(Int64(producer)), now: Timestamp(Int64(producer)))
        }
        states.settle(upTo: Offset(1_000))

        states.apply(
            batch(0, producer: 1), baseOffset: Offset(1_001), lastOffset: Offset(1_001),
            now: Timestamp(50))
        states.settle(upTo: Offset(1_002))
        states.apply(
            batch(0, producer: 33), baseOffset: Offset(1_002), lastOffset: Offset(1_002),
            now: Timestamp(51))

        #expect(states.count == 31, "two of 32 went, one came")
        #expect(try check(states, batch(7, producer: 2)) == .inOrder, "2 is not known any more")
        #expect(try check(states, batch(7, producer: 3)) == .inOrder, "nor is 3")
        for known: Int64 in [1, 4, 32, 33] {
            #expect(throws: ProducerError.self) { try check(states, batch(7, producer: known)) }
        }
    }

    @Test
    func `beyond the limit neither an unsettled append nor what cutting back needs is lost`() {
        var states = ProducerStates(limit: 2)
        for producer: Int64 in 1...4 {
            states.apply(
                batch(0, producer: producer), baseOffset: Offset(producer),
                lastOffset: Offset(producer), now: Timestamp(producer))
        }

        #expect(states.count == 4, "none of them can be forgotten yet")
        states.cutBack(to: Offset(3))
        #expect(states.count == 2)
        for known: Int64 in [1, 2] {
            #expect(throws: ProducerError.self) { try check(states, batch(7, producer: known)) }
        }
    }

    @Test
    func `forgetting one of many leaves the others findable`() throws {
        var states = ProducerStates()
        for producer in 0..<10 as Range<Int64> {
            states.apply(
                batch(0, 4, producer: producer), baseOffset: Offset(producer * 5),
                lastOffset: Offset(producer * 5 + 4), now: Timestamp(producer))
        }
        states.settle(upTo: Offset(50))

        states.expire(now: Timestamp(104), expiration: 100)

        #expect(states.count == 5)
        for producer in 5..<10 as Range<Int64> {
            #expect(try check(states, batch(5, producer: producer)) == .inOrder)
            #expect(throws: ProducerError.self) { try check(states, batch(6, producer: producer)) }
        }
    }

    // MARK: - Transactions

    @Test
    func `a transaction is remembered until its marker`() throws {
        var states = ProducerStates()
        var first = batch(0, 4)
        first.isTransactional = true
        states.apply(first, baseOffset: Offset(40), lastOffset: Offset(44), now: Timestamp(0))

        #expect(states.snapshot.entries[0].ongoingTransactionStart == Offset(40))
        #expect(
            throws: ProducerError.transactionOngoing(
                producerID: ProducerID(1), firstOffset: Offset(40))
        ) {
            try check(states, batch(5))
        }

        states.applyMarker(
            producerID: ProducerID(1), epoch: .zero, coordinatorEpoch: 2, offset: Offset(45),
            timestamp: Timestamp(9), now: Timestamp(0))

        #expect(states.snapshot.entries[0].ongoingTransactionStart == nil)
        #expect(states.snapshot.entries[0].coordinatorEpoch == 2)
        #expect(states.snapshot.entries[0].lastTimestamp == Timestamp(9))
        #expect(try check(states, batch(5)) == .inOrder)
    }

    @Test
    func `after a marker that raised the epoch the first batch begins with 0`() throws {
        var states = states(appending: [(0, 9)])

        states.applyMarker(
            producerID: ProducerID(1), epoch: ProducerEpoch(1), coordinatorEpoch: 0,
            offset: Offset(1_010), timestamp: Timestamp(0), now: Timestamp(0))

        #expect(try check(states, batch(0, epoch: 1)) == .inOrder)
        #expect(throws: ProducerError.self) { try check(states, batch(10, epoch: 1)) }
        #expect(throws: ProducerError.self) { try check(states, batch(10)) }
    }

    // MARK: - Snapshots

    @Test
    func `from a snapshot the last batch is recognized and the next expected`() throws {
        let before = states(appending: [(0, 9), (10, 14)])

        let after = ProducerStates(before.snapshot, now: Timestamp(0))

        #expect(
            try check(after, batch(10, 14))
                == .duplicate(baseOffset: Offset(1_010), lastOffset: Offset(1_014)))
        #expect(try check(after, batch(15)) == .inOrder)
        #expect(throws: ProducerError.self) { try check(after, batch(0, 9)) }
    }

    // MARK: - Made up

    /// States after one producer appended these runs of sequences at the offset 1,000 and on.
    private func states(appending runs: [(Int32, Int32)]) -> ProducerStates {
        var states = ProducerStates()
        var end = Offset(1_000)
        for (first, last) in runs {
            let lastOffset = end + Int64(last - first)
            states.apply(
                batch(first, last), baseOffset: end, lastOffset: lastOffset, now: Timestamp(0))
            end = lastOffset + 1
        }
        return states
    }

    /// Looking up notes the place found, so it needs a copy inside an expectation.
    private func check(
        _ states: ProducerStates, _ batch: ProducerBatch
    ) throws(ProducerError) -> SequenceCheck {
        var states = states
        return try states.check(batch)
    }

    private func answer(of states: ProducerStates, to batch: ProducerBatch) -> String {
        do {
            return "\(try check(states, batch))"
        } catch {
            return "\(error)"
        }
    }

    private func apply(_ states: inout ProducerStates, _ run: (Int32, Int32)) {
        states.apply(
            batch(run.0, run.1), baseOffset: Offset(1_000 + Int64(run.0)),
            lastOffset: Offset(1_000 + Int64(run.1)), now: Timestamp(0))
    }

    private func batch(
        _ first: Int32, _ last: Int32? = nil, producer: Int64 = 1, epoch: Int16 = 0,
        timestamp: Int64 = 0
    ) -> ProducerBatch {
        ProducerBatch(
            producerID: ProducerID(producer), epoch: ProducerEpoch(epoch),
            firstSequence: SequenceNumber(first), lastSequence: SequenceNumber(last ?? first),
            maxTimestamp: Timestamp(timestamp))
    }
}
