import Compression
import Records
import Simulation
import Vocabulary

/// Makes batches as producers send them, each different from all others.
struct BatchMaker {
    private let compressor = Compressor(keptBytes: 64 << 10)
    private var made = 0

    /// A batch of random shape that would begin at `base`.
    mutating func make(
        at base: Int64, epoch: Int32, now: Int64, sequence: ((Int) -> ModelBatch.Sequence)?,
        using random: inout SeededRandom
    ) -> ModelBatch {
        let count = random.chance(oneIn: 3) ? Int.random(in: 2...6, using: &random) : 1
        let isLarge = random.chance(oneIn: 25)
        let limit = isLarge ? 6_000 : random.chance(oneIn: 3) ? 900 : 60
        let codec: Codec =
            random.chance(oneIn: 3) ? Codec.allCases.randomElement(using: &random) ?? .none : .none
        var records: [ModelBatch.Record] = []
        for delta in 0..<count {
            made += 1
            var value = Array("\(made) ".utf8)
            let size = Int.random(in: 0...limit, using: &random)
            // Half of it can be compressed.
            while value.count < size {
                let byte = value.count % 128 < 64 ? UInt8.random(in: 0...255, using: &random) : 7
                value.append(byte)
            }
            let timestamp = now + Int64.random(in: -2_000...500, using: &random)
            let key = random.chance(oneIn: 8) ? nil : "k\(Int.random(in: 0..<12, using: &random))"
            let isTombstone = key != nil && random.chance(oneIn: 12)
            records.append(
                .init(
                    delta: Int64(delta), timestamp: timestamp, key: key,
                    value: isTombstone ? nil : value))
        }
        let sequence = sequence?(count)
        return ModelBatch(
            base: base, epoch: epoch, bytes: encoded(records, sequence, codec),
            records: records, sequence: sequence)
    }

    /// A batch of the shape that `sequence` says, for asking about it.
    func probe(_ sequence: ModelBatch.Sequence) -> [UInt8] {
        let count = Int(sequence.last - sequence.first) + 1
        let records = (0..<count).map {
            ModelBatch.Record(delta: Int64($0), timestamp: 0, key: nil, value: [])
        }
        return encoded(records, sequence, .none)
    }

    private func encoded(
        _ records: [ModelBatch.Record], _ sequence: ModelBatch.Sequence?, _ codec: Codec
    ) -> [UInt8] {
        var builder = BatchBuilder(
            attributes: BatchAttributes(codec: codec),
            producerID: sequence.map { ProducerID($0.producer) },
            producerEpoch: sequence.map { ProducerEpoch($0.epoch) },
            baseSequence: sequence.map { SequenceNumber($0.first) })
        for record in records {
            builder.append(
                key: record.key.map { Array($0.utf8) }, value: record.value,
                timestamp: Timestamp(record.timestamp))
        }
        do throws(CompressionError) {
            return try builder.build(compressor: compressor)
        } catch {
            preconditionFailure("the default levels exist: \(error)")
        }
    }
}
