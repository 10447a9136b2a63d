import Broker
import Compression
import KafkaProtocol
import Records
import Testing
import Vocabulary

@Suite("Produce")
struct ProduceTests {
    @Test
    func `records come back byte for byte with consecutive offsets`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")

            let first = try await client.produce(Batch.of(["a", "b"]), to: "orders")
            let second = try await client.produce(Batch.of(["c"]), to: "orders")
            let fetched = try await client.fetch("orders", from: 0)

            #expect(first.errorCode == .none)
            #expect(first.baseOffset == 0)
            #expect(second.baseOffset == 2)
            #expect(try fetched.values == ["a", "b", "c"])
            #expect(fetched.highWatermark == 3)
        }
    }

    @Test(arguments: Codec.allCases)
    func `a batch keeps the codec it was sent with`(codec: Codec) async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            let values = (0..<100).map { "value \($0)" }

            let answer = try await client.produce(
                Batch.of(values, codec: codec), to: "orders", version: 12)
            let fetched = try await client.fetch("orders", from: 0)

            #expect(answer.errorCode == .none)
            #expect(try Batch.headers(in: fetched.recordBytes).map(\.attributes.codec) == [codec])
            #expect(try fetched.values == values)
        }
    }

    @Test(arguments: 3...13 as ClosedRange<Int16>)
    func `every version appends`(version: Int16) async throws {
        try await TestBroker.run { _, client in
            let topic = try await client.createTopic("orders")

            let answer = try await client.produce(
                Batch.of(["a"]), to: version < 13 ? "orders" : "", version: version,
                topicID: topic.topicID)

            #expect(answer.errorCode == .none)
            #expect(answer.baseOffset == 0)
            #expect(answer.logAppendTimeMs == -1)
        }
    }

    @Test(arguments: 0...2 as ClosedRange<Int16>)
    func `versions below 3 are advertised and close the connection`(version: Int16) async throws {
        try await TestBroker.run { _, client in
            let versions = try await client.send(ApiVersionsRequest(), version: 0)
            try await client.sendRaw(Frame.header(apiKey: 0, version: version))

            #expect(versions.apiKeys.first { $0.apiKey == 0 }?.minVersion == 0)
            #expect(await client.isClosedByBroker())
        }
    }

    @Test
    func `acks other than -1, 0 and 1 are refused`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")

            let answer = try await client.produce(Batch.of(["a"]), to: "orders", acks: 2)

            #expect(answer.errorCode == .invalidRequiredAcks)
        }
    }

    @Test
    func `acks 0 gets no answer and the connection goes on`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")

            try await client.post(
                ProduceRequest.one(Batch.of(["a"]), to: "orders", acks: 0), version: 9)
            let after = try await client.produce(Batch.of(["b"]), to: "orders")

            #expect(after.baseOffset == 1)
        }
    }

    @Test
    func `acks 0 with refused records closes the connection`() async throws {
        try await TestBroker.run { _, client in
            try await client.post(
                ProduceRequest.one(Batch.of(["a"]), to: "missing", acks: 0), version: 9)

            #expect(await client.isClosedByBroker())
        }
    }

    @Test
    func `one bad partition does not fail the others`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders", partitions: 2)
            var request = ProduceRequest.one(try Batch.of(["a"]), to: "orders", acks: -1)
            request.topicData[0].partitionData.append(
                ProduceRequest.Partition(index: 7, records: .init(bytes: try Batch.of(["b"]))))
            request.topicData[0].partitionData.append(
                ProduceRequest.Partition(index: 1, records: .init(bytes: try Batch.of(["c"]))))

            let response = try await client.send(request, version: 9)

            #expect(
                response.responses[0].partitionResponses.map(\.errorCode)
                    == [.none, .unknownTopicOrPartition, .none])
        }
    }

    @Test
    func `an unknown topic is not created by producing`() async throws {
        try await TestBroker.run { _, client in
            let byName = try await client.produce(Batch.of(["a"]), to: "missing")
            let byID = try await client.produce(
                Batch.of(["a"]), to: "", version: 13, topicID: .random())

            #expect(byName.errorCode == .unknownTopicOrPartition)
            #expect(byID.errorCode == .unknownTopicID)
        }
    }

    @Test
    func `a batch of exactly the limit passes and one more byte does not`() async throws {
        try await TestBroker.run { _, client in
            let fitting = Batch.ofOne(valueByteCount: 1_000)
            try await client.createTopic(
                "orders", configs: ["max.message.bytes": String(fitting.count)])

            let passed = try await client.produce(fitting, to: "orders")
            let refused = try await client.produce(
                Batch.ofOne(valueByteCount: 1_001), to: "orders")

            #expect(passed.errorCode == .none)
            #expect(refused.errorCode == .messageTooLarge)
        }
    }

    @Test
    func `timestamps beyond the topic's bounds are refused and the record is named`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic(
                "orders", configs: ["message.timestamp.before.max.ms": "60000"])

            let answer = try await client.produce(
                Batch.of(["a"], timestamp: 1_000), to: "orders")

            #expect(answer.errorCode == .invalidTimestamp)
            #expect(answer.recordErrors.map(\.batchIndex) == [0])
        }
    }

    @Test
    func `log append time stamps the batch under a new checksum`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic(
                "orders", configs: ["message.timestamp.type": "LogAppendTime"])

            let answer = try await client.produce(Batch.of(["a"], timestamp: 1_000), to: "orders")
            let fetched = try await client.fetch("orders", from: 0)

            let header = try #require(try Batch.headers(in: fetched.recordBytes).first)
            #expect(header.attributes.timestampType == .logAppendTime)
            #expect(header.maxTimestamp.rawValue == answer.logAppendTimeMs)
            #expect(answer.logAppendTimeMs > 1_000)
            #expect(Batch.resealed(fetched.recordBytes) == fetched.recordBytes)
        }
    }

    @Test
    func `a wrong maximum timestamp is corrected under a new checksum`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            var batch = try Batch.of(["a"], timestamp: 1_700_000_000_000)
            batch[42] ^= 1

            let answer = try await client.produce(Batch.resealed(batch), to: "orders")
            let fetched = try await client.fetch("orders", from: 0)

            #expect(answer.errorCode == .none)
            #expect(
                try Batch.headers(in: fetched.recordBytes).first?.maxTimestamp.rawValue
                    == 1_700_000_000_000)
            #expect(Batch.resealed(fetched.recordBytes) == fetched.recordBytes)
        }
    }

    @Test
    func `a topic's own codec rewrites the batch`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders", configs: ["compression.type": "zstd"])

            _ = try await client.produce(Batch.of(["a", "b"], codec: .gzip), to: "orders")
            let fetched = try await client.fetch("orders", from: 0)

            #expect(try Batch.headers(in: fetched.recordBytes).map(\.attributes.codec) == [.zstd])
            #expect(try fetched.values == ["a", "b"])
        }
    }

    @Test
    func `a compacted topic wants keys`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders", configs: ["cleanup.policy": "compact"])

            let keyless = try await client.produce(Batch.of(["a"], keys: false), to: "orders")
            let keyed = try await client.produce(Batch.of(["a"]), to: "orders")

            #expect(keyless.errorCode == .invalidRecord)
            #expect(keyless.recordErrors.map(\.batchIndex) == [0])
            #expect(keyed.errorCode == .none)
        }
    }

    @Test
    func `min.insync.replicas counts for acks all only`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders", configs: ["min.insync.replicas": "2"])

            let all = try await client.produce(Batch.of(["a"]), to: "orders", acks: -1)
            let one = try await client.produce(Batch.of(["a"]), to: "orders", acks: 1)

            #expect(all.errorCode == .notEnoughReplicas)
            #expect(one.errorCode == .none)
        }
    }

    @Test
    func `a request without partitions is answered`() async throws {
        try await TestBroker.run { _, client in
            let response = try await client.send(
                ProduceRequest(acks: -1, timeoutMs: 1_000), version: 9)

            #expect(response.responses.isEmpty)
        }
    }

    @Test
    func `answers come in the order of the requests over two loops`() async throws {
        try await TestBroker.run(["num.network.threads": "2"]) { _, client in
            try await client.createTopic("orders", partitions: 4)

            var posted: [Int32] = []
            for index in 0..<40 {
                posted.append(
                    try await client.post(
                        ProduceRequest.one(
                            Batch.of(["v\(index)"]), to: "orders", partition: Int32(index % 4),
                            acks: -1), version: 9))
            }
            var answered: [Int32] = []
            for _ in posted {
                var frame = try await client.nextFrame()
                answered.append(
                    try ResponseHeader(reading: &frame, of: ProduceResponse.self, version: 9)
                        .correlationID)
            }

            #expect(answered == posted)
        }
    }
}

extension ProduceRequest {
    static func one(
        _ batch: [UInt8], to topic: String, partition: Int32 = 0, acks: Int16
    ) -> ProduceRequest {
        ProduceRequest(
            acks: acks, timeoutMs: 30_000,
            topicData: [
                Topic(
                    name: topic,
                    partitionData: [Partition(index: partition, records: .init(bytes: batch))])
            ])
    }
}
