import Compression
import Records
import SegmentStore
import Testing
import Vocabulary

struct ProducerRebuildTests {
    @Test(arguments: ["clean", "unclean"])
    func `the producers read from Kafka's batches equal its snapshots at every roll`(
        _ folder: String
    ) throws {
        let bases: [Int64] = [0, 101, 202, 303, 404, 505]
        let decompressor = Decompressor()
        var states = ProducerStates()

        for base in bases {
            let name = ProducerSnapshot.name(at: Offset(base))
            if base > 0 {
                let written = try kafkaFile("\(folder)/transactions-0/\(name)")
                #expect(states.snapshot.encoded == written, "\(name)")
            }
            let log = try kafkaFile(
                "\(folder)/transactions-0/\(name.dropLast(".snapshot".count)).log")
            try log.withUnsafeBytes { bytes in
                var rest = bytes
                while rest.count > 0 {
                    let batch = try BatchView(reading: rest)
                    try apply(batch, to: &states, decompressor)
                    rest = UnsafeRawBufferPointer(rebasing: rest[batch.header.byteCount...])
                }
            }
        }

        #expect(states.count == 2)
    }

    private func apply(
        _ view: BatchView, to states: inout ProducerStates, _ decompressor: Decompressor
    ) throws {
        let header = view.header
        if let batch = ProducerBatch(header) {
            #expect(try check(states, batch) == .inOrder)
            states.apply(
                batch, baseOffset: header.baseOffset, lastOffset: header.lastOffset,
                now: Timestamp(0))
        } else if header.attributes.isControl {
            var marker: ControlRecord?
            try view.forEachRecord(decompressor: decompressor) { record in
                marker = ControlRecord(record)
                return true
            }
            guard case .endTransaction(_, let coordinatorEpoch)? = marker,
                let producerID = header.producerID, let epoch = header.producerEpoch
            else { return }
            states.applyMarker(
                producerID: producerID, epoch: epoch, coordinatorEpoch: coordinatorEpoch,
                offset: header.baseOffset, timestamp: header.maxTimestamp, now: Timestamp(0))
        }
    }

    private func check(
        _ states: ProducerStates, _ batch: ProducerBatch
    ) throws(ProducerError) -> SequenceCheck {
        var states = states
        return try states.check(batch)
    }
}
