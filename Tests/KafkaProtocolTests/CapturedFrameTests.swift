import KafkaProtocol
import NIOCore
import Testing
import Vocabulary

/// Bytes of other implementations: kcat, confluent-kafka and kafka-python as they sent them,
/// librdkafka's mock cluster as it answered, and every version as kafka-python encodes it.
@Suite struct CapturedFrameTests {
    @Test(arguments: CapturedFrame.files)
    func `every captured frame is read and written again as the same bytes`(file: String) throws {
        let frames = try CapturedFrame.read(file)

        #expect(!frames.isEmpty)
        for frame in frames {
            let message = try #require(DeclaredMessage.find(frame.kind, frame.apiKey))
            let rewritten = try message.rewrite(frame.bytes, frame.version)

            let content = rewritten.getSlice(at: 4, length: rewritten.readableBytes - 4)
            #expect(content == frame.content, "\(frame)")
        }
    }

    @Test func `every declared version is among the captured frames`() throws {
        let captured = Set(try CapturedFrame.all().map { "\($0.kind) \($0.apiKey) \($0.version)" })

        let declared = DeclaredMessage.all.flatMap { message in
            message.versions.map { "\(message.kind) \(message.apiKey.rawValue) \($0)" }
        }

        #expect(Set(declared).subtracting(captured).isEmpty)
    }

    @Test func `what librdkafka leaves behind a Metadata 13 request is not read`() throws {
        // It asks for all topics by a null array, and leaves three bytes of the wide count it had
        // reserved; Kafka's brokers do not mind.
        let frame = try #require(
            try CapturedFrame.read("confluent-kafka-requests.hex").first { $0.excess > 0 })
        var bytes = frame.bytes
        bytes.moveReaderIndex(forwardBy: 4)
        _ = try RequestHeader(reading: &bytes)

        let request = try MetadataRequest(reading: &bytes, version: frame.version)

        #expect(request.topics == nil)
        #expect(bytes.readableBytes == 3)
    }

    @Test func `kcat's Produce 7 holds one batch for partition 0 of its topic`() throws {
        let (header, request) = try decode(ProduceRequest.self, in: "kcat-requests.hex", version: 7)

        #expect(header.clientID == "rdkafka")
        #expect(header.api == .produce)
        #expect(request.transactionalID == nil)
        #expect(request.acks == -1)
        #expect(request.topicData.map(\.name) == ["flights"])
        let partition = try #require(request.topicData.first?.partitionData.first)
        #expect(partition.index == 0)
        let records = try #require(partition.records)
        // Batch v2: base offset, length of the rest, leader epoch, magic.
        #expect(
            records.getInteger(at: records.readerIndex + 8, as: Int32.self).map(Int.init)
                == records.readableBytes - 12)
        #expect(records.getInteger(at: records.readerIndex + 16, as: Int8.self) == 2)
    }

    @Test func `confluent-kafka's Fetch 16 asks for both assigned partitions by topic id`() throws {
        let (_, request) = try decode(
            FetchRequest.self, in: "confluent-kafka-requests.hex", version: 16)

        #expect(request.replicaState == FetchRequest.ReplicaState())
        #expect(request.minBytes == 1)
        #expect(request.topics.count == 1)
        #expect(request.topics.allSatisfy { $0.topic.isEmpty && $0.topicID != .zero })
        #expect(request.topics.flatMap(\.partitions).map(\.partition).sorted() == [2, 3])
    }

    @Test func `kafka-python's CreateTopics 7 carries a config`() throws {
        let (header, request) = try decode(
            CreateTopicsRequest.self, in: "kafka-python-requests.hex", version: 7)

        #expect(header.clientID?.hasPrefix("kafka-python") == true)
        let topic = try #require(request.topics.first)
        #expect(topic.name == "flights")
        #expect(topic.numPartitions == 3)
        #expect(topic.replicationFactor == 1)
        #expect(topic.configs.map(\.name) == ["cleanup.policy"])
        #expect(topic.configs.map(\.value) == ["compact"])
    }

    @Test func `the mock cluster's Metadata 13 names a broker and four partitions`() throws {
        let frames = try CapturedFrame.read("librdkafka-mock-responses.hex")
            .filter { $0.apiKey == 3 && $0.version == 13 }
        let responses = try frames.map { frame in
            var bytes = frame.bytes
            bytes.moveReaderIndex(forwardBy: 4)
            _ = try ResponseHeader(reading: &bytes, of: MetadataResponse.self, version: 13)
            return try MetadataResponse(reading: &bytes, version: 13)
        }

        let response = try #require(responses.first { !$0.topics.isEmpty })

        #expect(response.brokers.map(\.nodeID) == [1])
        #expect(response.brokers.map(\.host) == ["127.0.0.1"])
        #expect(response.clusterID?.hasPrefix("mockCluster") == true)
        #expect(response.topics.map(\.name) == ["flights"])
        #expect(response.topics.first?.partitions.map(\.leaderID) == [1, 1, 1, 1])
        #expect(response.topics.first?.topicID != .zero)
    }

    private func decode<Request: RequestMessage>(
        _ type: Request.Type, in file: String, version: Int16
    ) throws -> (RequestHeader, Request) {
        let frame = try #require(
            try CapturedFrame.read(file)
                .first { $0.apiKey == type.apiKey.rawValue && $0.version == version })
        var bytes = frame.bytes
        bytes.moveReaderIndex(forwardBy: 4)
        let header = try RequestHeader(reading: &bytes)
        return (header, try Request(reading: &bytes, version: version))
    }
}
