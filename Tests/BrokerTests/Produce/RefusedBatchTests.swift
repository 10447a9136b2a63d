import Compression
import KafkaProtocol
import Records
import Testing

@Suite("Refused batches")
struct RefusedBatchTests {
    /// A change to a sound batch, and the code that it must get.
    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: ErrorCode
        let change: @Sendable ([UInt8]) -> [UInt8]?

        init(
            _ name: String, _ code: ErrorCode, _ change: @escaping @Sendable ([UInt8]) -> [UInt8]?
        ) {
            testDescription = name
            self.code = code
            self.change = change
        }
    }

    static let damages: [Damage] = [
        Damage("no records at all", .invalidRecord) { _ in nil },
        Damage("no bytes", .invalidRecord) { _ in [] },
        Damage("a flipped bit in a value", .corruptMessage) { flip($0, at: $0.count - 3) },
        Damage("a wrong checksum", .corruptMessage) { flip($0, at: 18) },
        Damage("magic 1", .invalidRecord) { set($0, at: 16, [1]) },
        Damage("magic 7", .invalidRecord) { set($0, at: 16, [7]) },
        Damage("a base offset that is not 0", .invalidRecord) { set($0, at: 7, [1]) },
        Damage("a count of 0", .invalidRecord) { sealed($0, at: 57, [0, 0, 0, 0]) },
        Damage("a negative count", .invalidRecord) { sealed($0, at: 57, [0xFF, 0, 0, 0]) },
        Damage("a count beyond the records", .invalidRecord) { sealed($0, at: 60, [9]) },
        Damage("count and last delta beyond the records", .invalidRecord) {
            sealed(set($0, at: 26, [8]), at: 60, [9])
        },
        Damage("a control batch", .invalidRecord) { sealed($0, at: 22, [0x20]) },
        Damage("a transactional batch without producer", .invalidRecord) {
            sealed($0, at: 22, [0x10])
        },
        Damage("log append time set by the producer", .invalidTimestamp) {
            sealed($0, at: 22, [0x08])
        },
        Damage("an unknown codec", .corruptMessage) { sealed($0, at: 22, [0x07]) },
        Damage("a codec that the bytes are not in", .invalidRecord) { sealed($0, at: 22, [0x04]) },
        Damage("two batches", .invalidRecord) { $0 + $0 },
        Damage("a byte behind the batch", .invalidRecord) { $0 + [0] },
        Damage("half a batch", .invalidRecord) { Array($0.prefix($0.count / 2 + 40)) },
    ]

    @Test(arguments: damages)
    func `a damaged batch gets its code and is not stored`(damage: Damage) async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            let sound = try Batch.of(["some value", "another value"])

            let refused = try await client.produce(damage.change(sound), to: "orders")
            let accepted = try await client.produce(sound, to: "orders")

            #expect(refused.errorCode == damage.code)
            #expect(refused.baseOffset == -1)
            #expect(accepted.errorCode == .none)
            #expect(accepted.baseOffset == 0)
        }
    }

    @Test
    func `zstd below version 7 is refused`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")

            let answer = try await client.produce(
                Batch.of(["a"], codec: .zstd), to: "orders", version: 6)

            #expect(answer.errorCode == .unsupportedCompressionType)
        }
    }

    @Test(arguments: [Codec.gzip, .lz4, .zstd])
    func `a batch that expands beyond the limit is refused`(codec: Codec) async throws {
        try await TestBroker.run(["message.max.decompressed.bytes": "100000"]) { _, client in
            try await client.createTopic("orders")
            let bomb = try Batch.of([String(repeating: "a", count: 200_000)], codec: codec)

            let answer = try await client.produce(bomb, to: "orders")

            #expect(bomb.count < 100_000)
            #expect(answer.errorCode == .messageTooLarge)
        }
    }

    @Test
    func `a transactional batch is refused as long as there are no transactions`() async throws {
        try await TestBroker.run { _, client in
            try await client.createTopic("orders")
            let batch = Self.sealed(
                try Batch.of(["a"], producer: 5, sequence: 0), at: 22, [0x10])

            let answer = try await client.produce(batch, to: "orders")

            #expect(answer.errorCode == .invalidTxnState)
        }
    }

    private static func flip(_ batch: [UInt8], at index: Int) -> [UInt8] {
        var batch = batch
        batch[index] ^= 0x10
        return batch
    }

    private static func set(_ batch: [UInt8], at index: Int, _ bytes: [UInt8]) -> [UInt8] {
        var batch = batch
        batch.replaceSubrange(index..<index + bytes.count, with: bytes)
        return batch
    }

    private static func sealed(_ batch: [UInt8], at index: Int, _ bytes: [UInt8]) -> [UInt8] {
        Batch.resealed(set(batch, at: index, bytes))
    }
}
