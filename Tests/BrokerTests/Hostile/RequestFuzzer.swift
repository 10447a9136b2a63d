import KafkaProtocol
import NIOCore
import Vocabulary

/// Makes sound requests of every API and version, most of them damaged.
///
/// Three kinds of damage: bytes changed anywhere; numbers replaced by their extremes; record
/// batches changed and sealed with a right checksum, so that what lies behind it is read too.
struct RequestFuzzer {
    private var generator: SeededRandom
    private let topicID: TopicID
    private var correlationID: Int32 = 0

    init(seed: UInt64, topicID: TopicID) {
        generator = SeededRandom(seed: seed)
        self.topicID = topicID
    }

    mutating func next() -> [UInt8] {
        correlationID += 1
        var request = sound()
        switch pick(10) {
        case 0:
            return (0..<pick(1..<200)).map { _ in UInt8(pick(256)) }
        case 1:
            request.bytes.removeLast(pick(1..<request.bytes.count))
            return request.bytes.count > 4
                ? Frame.framed(Array(request.bytes.dropFirst(4))) : request.bytes
        case 2:
            return request.bytes
        case 3, 4, 5:
            // The length prefix stays right, so that the damage reaches the decoder.
            for _ in 0..<pick(1..<3) {
                putExtreme(into: &request.bytes, within: 4..<request.bytes.count)
            }
        default:
            for _ in 0..<pick(1..<6) {
                let index = pick(4..<request.bytes.count)
                request.bytes[index] = damaged(request.bytes[index])
            }
        }
        // What would create thousands of partitions stays a question.
        if let flag = request.validateOnly { request.bytes[request.bytes.count - flag] = 1 }
        return request.bytes
    }

    // MARK: - Damage

    private mutating func damaged(_ byte: UInt8) -> UInt8 {
        switch pick(4) {
        case 0: 0
        case 1: 0xFF
        case 2: byte ^ 1 << UInt8(pick(8))
        default: UInt8(pick(256))
        }
    }

    /// Writes the smallest, the largest or another telling number of 1, 2, 4 or 8 bytes.
    private mutating func putExtreme(into bytes: inout [UInt8], within range: Range<Int>) {
        let width = [1, 2, 4, 8][pick(4)]
        guard range.count >= width else { return }
        put(
            extreme(width: width), into: &bytes,
            at: pick(range.lowerBound..<range.upperBound - width + 1))
    }

    private mutating func extreme(width: Int) -> [UInt8] {
        let zeros = [UInt8](repeating: 0, count: width - 1)
        let ones = [UInt8](repeating: 0xFF, count: width - 1)
        return switch pick(6) {
        case 0: zeros + [0]
        case 1: ones + [0xFF]  // -1
        case 2: [0x7F] + ones  // the largest
        case 3: [0x80] + zeros  // the smallest
        case 4: zeros + [1]
        default: ones + [0xFE]  // -2
        }
    }

    private func put(_ number: [UInt8], into bytes: inout [UInt8], at index: Int) {
        bytes.replaceSubrange(index..<index + number.count, with: number)
    }

    /// Where the fields of a batch's header lie, with their widths.
    private static let batchFields = [
        (0, 8), (8, 4), (12, 4), (16, 1), (21, 2), (23, 4), (27, 8), (35, 8), (43, 8), (51, 2),
        (53, 4), (57, 4),
    ]

    /// A record batch whose checksum is right and whose rest mostly is not.
    private mutating func batch() -> [UInt8] {
        guard var batch = try? Batch.of(["x", "y"]) else { return [] }
        for _ in 0..<pick(4) {
            if pick(3) == 0 {
                let index = pick(61..<batch.count)
                batch[index] = damaged(batch[index])
            } else {
                let (index, width) = Self.batchFields[pick(Self.batchFields.count)]
                put(extreme(width: width), into: &batch, at: index)
            }
        }
        return Batch.resealed(batch)
    }

    // MARK: - Sound requests

    private struct SoundRequest {
        var bytes: [UInt8]
        /// How far before the end a `validateOnly` lies that must stay set.
        var validateOnly: Int?
    }

    private mutating func sound() -> SoundRequest {
        switch pick(18) {
        case 0, 1:
            // Half a second at the most, so that waiting fetches do not pile up.
            var fetch = FetchRequest.sessionless("orders", [0: 0, 1: 0])
            fetch.topics[0].topicID = topicID
            fetch.sessionEpoch = Int32.random(in: -1...1, using: &generator)
            return frame(fetch, 4...18)
        case 2, 3, 4, 5:
            var produce = ProduceRequest.one(batch(), to: "orders", acks: -1)
            produce.topicData[0].topicID = topicID
            return frame(produce, 3...13)
        case 6: return frame(MetadataRequest(topics: [.init(name: "orders")]), 0...13)
        case 7:
            let asked = ListOffsetsRequest.Partition(partitionIndex: 0, timestamp: -1)
            return frame(
                ListOffsetsRequest(
                    replicaID: -1, topics: [.init(name: "orders", partitions: [asked])]), 1...11)
        case 8:
            return frame(
                DescribeConfigsRequest(resources: [.init(resourceType: 2, resourceName: "orders")]),
                1...4)
        case 9:
            return frame(
                CreateTopicsRequest(
                    topics: [.init(name: "new", numPartitions: 2, replicationFactor: 1)],
                    validateOnly: true), 2...7, validateOnly: { $0 >= 5 ? 2 : 1 })
        case 10:
            return frame(
                OffsetForLeaderEpochRequest(topics: [
                    .init(topic: "orders", partitions: [.init(partition: 0, leaderEpoch: 0)])
                ]), 2...4)
        case 11:
            return frame(
                CreatePartitionsRequest(
                    topics: [.init(name: "orders", count: 3)], validateOnly: true), 0...3,
                validateOnly: { $0 >= 2 ? 2 : 1 })
        case 12:
            // Another topic than the one whose records are looked at.
            return frame(
                DeleteTopicsRequest(topics: [.init(name: "gone")], topicNames: ["gone"]), 1...6)
        case 13: return frame(InitProducerIdRequest(transactionTimeoutMs: 60_000), 0...5)
        case 14: return frame(FindCoordinatorRequest(key: "g", coordinatorKeys: ["g"]), 0...6)
        case 15: return frame(DescribeClusterRequest(), 0...2)
        case 16:
            return frame(
                DescribeTopicPartitionsRequest(topics: [.init(name: "orders")]), 0...0)
        default:
            return frame(
                ApiVersionsRequest(clientSoftwareName: "x", clientSoftwareVersion: "1"), 0...4)
        }
    }

    private mutating func frame<Body: RequestMessage>(
        _ body: Body, _ versions: ClosedRange<Int16>,
        validateOnly: ((Int16) -> Int)? = nil
    ) -> SoundRequest {
        let version = Int16.random(in: versions, using: &generator)
        let frame = WireFrame.request(
            body, version: version, correlationID: correlationID, clientID: "fuzz")
        return SoundRequest(
            bytes: Array(frame.bytes.readableBytesView), validateOnly: validateOnly?(version))
    }

    // MARK: - Chance

    private mutating func pick(_ count: Int) -> Int { pick(0..<count) }

    private mutating func pick(_ range: Range<Int>) -> Int {
        Int.random(in: range, using: &generator)
    }
}
