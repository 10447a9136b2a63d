import Records
import Vocabulary

/// Batches as a producer sends them.
enum TestBatch {
    /// Records whose values say which they are.
    static func make(
        records: Int = 1, valueBytes: Int = 100, timestamps: [Int64]? = nil, tag: Int = 0,
        producer: (id: Int64, epoch: Int16, sequence: Int32)? = nil
    ) -> [UInt8] {
        var builder = BatchBuilder(
            producerID: producer.map { ProducerID($0.id) },
            producerEpoch: producer.map { ProducerEpoch($0.epoch) },
            baseSequence: producer.map { SequenceNumber($0.sequence) })
        for index in 0..<records {
            var value = Array("\(tag)/\(index) ".utf8)
            while value.count < valueBytes {
                value.append(UInt8(truncatingIfNeeded: value.count | 1))
            }
            builder.append(
                key: nil, value: value,
                timestamp: Timestamp(timestamps?[index] ?? 1_000_000 + Int64(tag)))
        }
        return builder.build()
    }

    static func header(_ bytes: [UInt8]) throws -> BatchHeader {
        try bytes.withUnsafeBytes { try BatchHeader(reading: $0) }
    }
}
