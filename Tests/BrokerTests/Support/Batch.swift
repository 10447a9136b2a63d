import Compression
import KafkaProtocol
import NIOCore
import Records
import Vocabulary

/// Record batches as producers send them.
enum Batch {
    /// A batch with these values, each under a key made of its index.
    static func of(
        _ values: [String], codec: Codec = .none, timestamp: Int64 = 1_700_000_000_000,
        keys: Bool = true
    ) throws -> [UInt8] {
        var builder = BatchBuilder(attributes: BatchAttributes(codec: codec))
        for (index, value) in values.enumerated() {
            builder.append(
                key: keys ? Array("k\(index)".utf8) : nil, value: Array(value.utf8),
                timestamp: Timestamp(timestamp + Int64(index)))
        }
        return try builder.build(compressor: Compressor())
    }

    /// A batch of an idempotent producer.
    static func of(
        _ values: [String], producer: Int64, epoch: Int16 = 0, sequence: Int32
    ) throws -> [UInt8] {
        var builder = BatchBuilder(
            producerID: ProducerID(producer), producerEpoch: ProducerEpoch(epoch),
            baseSequence: SequenceNumber(sequence))
        for value in values {
            builder.append(
                key: nil, value: Array(value.utf8), timestamp: Timestamp(1_700_000_000_000))
        }
        return builder.build()
    }

    /// One record whose value has so many bytes.
    static func ofOne(valueByteCount: Int) -> [UInt8] {
        var builder = BatchBuilder()
        builder.append(
            key: nil, value: [UInt8](repeating: 0x61, count: valueByteCount),
            timestamp: Timestamp(1_700_000_000_000))
        return builder.build()
    }

    /// Computes the checksum anew after the bytes behind it were changed.
    static func resealed(_ batch: [UInt8]) -> [UInt8] {
        var batch = batch
        let checksum = batch.withUnsafeBytes {
            crc32c(UnsafeRawBufferPointer(rebasing: $0[BatchHeader.checksumStart...]))
        }
        for byte in 0..<4 {
            batch[17 + byte] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * byte))
        }
        return batch
    }

    /// All records of the batches that follow each other in `bytes`.
    static func records(in bytes: [UInt8]) throws -> [Record] {
        var records: [Record] = []
        try bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let batch = try BatchView(reading: rest)
                records += try batch.records(decompressor: Decompressor())
                rest = UnsafeRawBufferPointer(rebasing: rest[batch.header.byteCount...])
            }
        }
        return records
    }

    static func headers(in bytes: [UInt8]) throws -> [BatchHeader] {
        var headers: [BatchHeader] = []
        try bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let batch = try BatchView(reading: rest)
                headers.append(batch.header)
                rest = UnsafeRawBufferPointer(rebasing: rest[batch.header.byteCount...])
            }
        }
        return headers
    }
}

extension KafkaClient {
    /// Produces one batch to one partition and gives that partition's part of the answer.
    func produce(
        _ batch: [UInt8]?, to topic: String, partition: Int32 = 0, acks: Int16 = -1,
        version: Int16 = 12, topicID: TopicID = .zero
    ) async throws -> ProduceResponse.Partition {
        let request = ProduceRequest(
            acks: acks, timeoutMs: 30_000,
            topicData: [
                ProduceRequest.Topic(
                    name: topic, topicID: topicID,
                    partitionData: [
                        ProduceRequest.Partition(
                            index: partition, records: batch.map { ByteBuffer(bytes: $0) })
                    ])
            ])
        let response = try await send(request, version: version)
        guard let answer = response.responses.first?.partitionResponses.first else {
            throw UnexpectedCode(code: nil)
        }
        return answer
    }

    /// Fetches one partition without a session.
    func fetch(
        _ topic: String, partition: Int32 = 0, from offset: Int64, maxWait: Int32 = 0,
        minBytes: Int32 = 1, maxBytes: Int32 = 50 << 20, partitionMaxBytes: Int32 = 1 << 20,
        version: Int16 = 12, topicID: TopicID = .zero, leaderEpoch: Int32 = -1,
        isolationLevel: Int8 = 0
    ) async throws -> FetchResponse.Partition {
        let response = try await send(
            FetchRequest(
                maxWaitMs: maxWait, minBytes: minBytes, maxBytes: maxBytes,
                isolationLevel: isolationLevel, sessionEpoch: -1,
                topics: [
                    FetchRequest.Topic(
                        topic: topic, topicID: topicID,
                        partitions: [
                            FetchRequest.Partition(
                                partition: partition, currentLeaderEpoch: leaderEpoch,
                                fetchOffset: offset, partitionMaxBytes: partitionMaxBytes)
                        ])
                ]), version: version)
        guard let answer = response.responses.first?.partitions.first else {
            throw UnexpectedCode(code: response.errorCode)
        }
        return answer
    }
}

extension FetchResponse.Partition {
    /// The bytes of the records as they came.
    var recordBytes: [UInt8] {
        switch records {
        case .bytes(let buffers): buffers.flatMap { Array($0.readableBytesView) }
        default: []
        }
    }

    var values: [String] {
        get throws {
            try Batch.records(in: recordBytes).map {
                String(decoding: $0.value ?? [], as: UTF8.self)
            }
        }
    }
}
