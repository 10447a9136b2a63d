import Glibc
import KafkaProtocol
import NIOCore
import Testing
import Vocabulary

/// Sends damaged requests through the whole broker: socket, decoder, handlers, store.
///
/// The seed is printed with a failure; `MILLRACE_TEST_SEED` repeats one, `MILLRACE_TEST_SECONDS`
/// sets how long the search goes on (1 by default).
@Suite("Request fuzzing")
struct RequestFuzzTests {
    private static let seed = getenv("MILLRACE_TEST_SEED").flatMap { UInt64(String(cString: $0)) }
    private static let seconds =
        getenv("MILLRACE_TEST_SECONDS").flatMap { Double(String(cString: $0)) } ?? 1

    @Test
    func `damaged requests never stop the broker nor harm what is stored`() async throws {
        let seed = Self.seed ?? UInt64.random(in: .min ... .max)
        try await TestBroker.run(["num.network.threads": "2"]) { broker, bystander in
            let topic = try await bystander.createTopic("orders", partitions: 2)
            _ = try await bystander.produce(Batch.of(["kept"]), to: "orders", partition: 1)
            var fuzzer = RequestFuzzer(seed: seed, topicID: topic.topicID)
            let clock = ContinuousClock()
            let end = clock.now + .seconds(Self.seconds)
            var rounds = 0

            while clock.now < end {
                let client = try await broker.connect()
                for _ in 0..<20 { try? await client.sendRaw(fuzzer.next()) }
                await client.close()
                rounds += 1
                let kept = try await bystander.fetch("orders", partition: 1, from: 0)
                #expect(
                    try kept.values.first == "kept",
                    "seed \(seed), round \(rounds): MILLRACE_TEST_SEED=\(seed)")
            }

            let after = try await bystander.produce(Batch.of(["alive"]), to: "orders")
            #expect(after.errorCode == .none, "seed \(seed)")
            #expect(rounds > 0)
        }
    }
}

/// Sound requests of many kinds and versions, most of them damaged.
private struct RequestFuzzer {
    private var generator: SplitMix
    private let topicID: TopicID
    private var correlationID: Int32 = 0

    init(seed: UInt64, topicID: TopicID) {
        generator = SplitMix(seed: seed)
        self.topicID = topicID
    }

    mutating func next() -> [UInt8] {
        correlationID += 1
        var frame = sound()
        switch Int.random(in: 0..<10, using: &generator) {
        case 0:
            return (0..<Int.random(in: 1..<200, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
        case 1:
            frame.removeLast(Int.random(in: 1..<frame.count, using: &generator))
            return frame.count > 4 ? Frame.framed(Array(frame.dropFirst(4))) : frame
        case 2:
            return frame
        default:
            // The length prefix stays right, so that the damage reaches the decoder.
            for _ in 0..<Int.random(in: 1..<6, using: &generator) {
                let index = Int.random(in: 4..<frame.count, using: &generator)
                frame[index] = damaged(frame[index])
            }
            return frame
        }
    }

    private mutating func damaged(_ byte: UInt8) -> UInt8 {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: 0
        case 1: 0xFF
        case 2: byte ^ 1 << UInt8.random(in: 0..<8, using: &generator)
        default: UInt8.random(in: .min ... .max, using: &generator)
        }
    }

    private mutating func sound() -> [UInt8] {
        switch Int.random(in: 0..<12, using: &generator) {
        case 0, 1, 2:
            // Half a second at the most, so that waiting fetches do not pile up.
            var fetch = FetchRequest.sessionless("orders", [0: 0, 1: 0])
            fetch.topics[0].topicID = topicID
            fetch.sessionEpoch = Int32.random(in: -1...1, using: &generator)
            return frame(fetch, 4...18)
        case 3, 4, 5:
            var produce = ProduceRequest.one(
                (try? Batch.of(["x", "y"])) ?? [], to: "orders", acks: -1)
            produce.topicData[0].topicID = topicID
            return frame(produce, 3...13)
        case 6: return frame(MetadataRequest(topics: [.init(name: "orders")]), 0...13)
        case 7:
            return frame(
                ListOffsetsRequest(
                    replicaID: -1,
                    topics: [
                        .init(
                            name: "orders", partitions: [.init(partitionIndex: 0, timestamp: -1)])
                    ]), 1...11)
        case 8:
            return frame(
                DescribeConfigsRequest(resources: [.init(resourceType: 2, resourceName: "orders")]),
                1...4)
        case 9:
            return frame(
                CreateTopicsRequest(
                    topics: [.init(name: "new", numPartitions: 2, replicationFactor: 1)],
                    validateOnly: true), 2...7)
        case 10:
            return frame(
                OffsetForLeaderEpochRequest(topics: [
                    .init(topic: "orders", partitions: [.init(partition: 0, leaderEpoch: 0)])
                ]), 2...4)
        default:
            return frame(
                ApiVersionsRequest(clientSoftwareName: "x", clientSoftwareVersion: "1"), 0...4)
        }
    }

    private mutating func frame<Body: RequestMessage>(
        _ body: Body, _ versions: ClosedRange<Int16>
    ) -> [UInt8] {
        let version = Int16.random(in: versions, using: &generator)
        let frame = WireFrame.request(
            body, version: version, correlationID: correlationID, clientID: "fuzz")
        return Array(frame.bytes.readableBytesView)
    }
}
