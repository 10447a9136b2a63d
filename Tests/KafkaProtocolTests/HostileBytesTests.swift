import KafkaProtocol
import NIOCore
import ProtocolGeneration
import Testing
import Vocabulary

/// Bytes that nobody should send: each ends in a typed error, never in a crash or a large
/// allocation.
@Suite struct HostileBytesTests {
    @Test(arguments: CapturedFrame.files)
    func `a frame cut short anywhere is refused`(file: String) throws {
        for frame in try CapturedFrame.read(file) {
            let message = try #require(DeclaredMessage.find(frame.kind, frame.apiKey))
            let end = frame.bytes.readableBytes - frame.excess
            let accepted = (4..<end).filter { count in
                guard let cut = frame.bytes.getSlice(at: 0, length: count) else { return true }
                return isRead { _ = try message.rewrite(cut, frame.version) }
            }

            #expect(accepted.isEmpty, "\(frame)")
        }
    }

    @Test(arguments: DeclaredMessage.all)
    func `mutated bodies are read or refused`(message: DeclaredMessage) throws {
        let api = try Grammar.api(message.apiKey)
        let structure = message.kind == .request ? api.request : api.response
        let interesting: [UInt8] = [0x00, 0x01, 0x7F, 0x80, 0xFF]

        for version in message.versions {
            for seed in 1...20 as ClosedRange<UInt64> {
                var random = RandomBody(api: api, version: Int(version), seed: seed)
                var body = random.make(structure)
                for _ in 0..<Int.random(in: 1...8, using: &random.generator)
                where body.readableBytes > 0 {
                    let byte =
                        Bool.random(using: &random.generator)
                        ? interesting.randomElement(using: &random.generator) ?? 0
                        : UInt8.random(in: 0...255, using: &random.generator)
                    let index = Int.random(in: 0..<body.readableBytes, using: &random.generator)
                    body.setInteger(byte, at: index)
                }

                _ = isRead { _ = try message.read(body, version) }
            }
        }
    }

    @Test(arguments: DeclaredMessage.all)
    func `noise is read or refused`(message: DeclaredMessage) throws {
        for version in message.versions {
            for seed in 1...20 as ClosedRange<UInt64> {
                var generator = SeededRandom(seed: seed)
                let count = Int.random(in: 0...300, using: &generator)
                let body = ByteBuffer(
                    bytes: (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })

                _ = isRead { _ = try message.read(body, version) }
            }
        }
    }

    @Test(arguments: [
        (Int32.max, ProtocolError.Kind.tooManyElements(count: Int(Int32.max), limit: 16)),
        (Int32.min, .invalidLength(Int(Int32.min))),
        (-2, .invalidLength(-2)),
        (17, .tooManyElements(count: 17, limit: 16)),
    ])
    func `an array that claims an absurd count is refused before it is read`(
        count: Int32, kind: ProtocolError.Kind
    ) {
        // Metadata 4: topics of at least two bytes each; 33 bytes are there.
        var body = ByteBuffer(integer: count)
        body.writeRepeatingByte(0, count: 33)

        let error = #expect(throws: ProtocolError.self) {
            try MetadataRequest(reading: &body, version: 4)
        }

        #expect(error == ProtocolError(kind, field: "MetadataRequest.topics", byte: 4))
    }

    @Test func `a compact count of 2 to the 32nd is refused`() {
        var body = ByteBuffer(bytes: [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0, 0])

        let error = #expect(throws: ProtocolError.self) {
            try MetadataRequest(reading: &body, version: 9)
        }

        #expect(error?.kind == .tooManyElements(count: 0xFFFF_FFFE, limit: 1))
    }

    @Test func `more elements than one message may have are refused though the bytes are there`() {
        let count = WireReader.maximumElementCount + 1
        var body = ByteBuffer(integer: Int32(count))
        body.writeRepeatingByte(0, count: 2 * count + 1)

        let error = #expect(throws: ProtocolError.self) {
            try MetadataRequest(reading: &body, version: 4)
        }

        #expect(error?.kind == .tooManyElements(count: count, limit: count - 1))
    }

    @Test func `records that claim 2 GiB are refused`() {
        // Produce 3: no transactional id, acks, timeout, one topic "a", one partition, records.
        var body = ByteBuffer(bytes: [0xFF, 0xFF, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0x61])
        body.writeInteger(Int32(1))
        body.writeInteger(Int32(0))
        body.writeInteger(Int32.max)

        let error = #expect(throws: ProtocolError.self) {
            try ProduceRequest(reading: &body, version: 3)
        }

        #expect(
            error
                == ProtocolError(
                    .truncated(needed: Int(Int32.max), available: 0),
                    field: "ProduceRequest.Partition.records", byte: 27))
    }

    @Test func `null where a field knows none is refused`() {
        // FindCoordinator 0: a key of length -1.
        var body = ByteBuffer(bytes: [0xFF, 0xFF])

        let error = #expect(throws: ProtocolError.self) {
            try FindCoordinatorRequest(reading: &body, version: 0)
        }

        #expect(error?.kind == .invalidLength(-1))
        #expect(error?.field == "FindCoordinatorRequest.key")
    }

    @Test(
        arguments: [
            [0x80, 0x80, 0x80, 0x80, 0x10], [0xFF, 0xFF, 0xFF, 0xFF, 0x80, 0x00],
        ] as [[UInt8]])
    func `a varint beyond 32 bits is refused`(bytes: [UInt8]) {
        var reader = WireReader(ByteBuffer(bytes: bytes))

        let error = #expect(throws: ProtocolError.self) { try reader.unsignedVarint("field") }

        #expect(error?.kind == .overlongVarint)
    }

    @Test(
        arguments: [
            // A tagged field that states fewer bytes than its value has, then more.
            ([0x01, 0x01, 0x07, 0, 0, 0, 0, 0, 0, 0, 1], 7, 8),
            ([0x01, 0x01, 0x09, 0, 0, 0, 0, 0, 0, 0, 1, 0], 9, 8),
        ] as [([UInt8], Int, Int)])
    func `a tagged field that lies about its length is refused`(
        tags: [UInt8], stated: Int, used: Int
    ) {
        // ApiVersions 3: error 0, no keys, throttle 0, then the tags; 1 is an int64.
        var body = ByteBuffer(bytes: [0, 0, 0x01, 0, 0, 0, 0] + tags)

        let error = #expect(throws: ProtocolError.self) {
            try ApiVersionsResponse(reading: &body, version: 3)
        }

        #expect(error?.kind == .taggedFieldLength(tag: 1, stated: stated, used: used))
    }

    @Test func `an unknown tagged field longer than the bytes is refused`() {
        var body = ByteBuffer(bytes: [0x01, 0x01, 0x01, 0x09, 0x7F, 0xAA])

        let error = #expect(throws: ProtocolError.self) {
            try ApiVersionsRequest(reading: &body, version: 3)
        }

        #expect(error?.kind == .truncated(needed: 127, available: 1))
    }

    @Test func `more tagged fields than the bytes can hold are refused`() {
        var body = ByteBuffer(bytes: [0x01, 0x01, 0xFF, 0xFF, 0x03, 0x09, 0x00])

        let error = #expect(throws: ProtocolError.self) {
            try ApiVersionsRequest(reading: &body, version: 3)
        }

        #expect(error?.kind == .tooManyElements(count: 65_535, limit: 1))
    }

    /// Whether `read` succeeds; any error but a `ProtocolError` is an issue.
    private func isRead(_ read: () throws -> Void) -> Bool {
        do {
            try read()
            return true
        } catch is ProtocolError {
            return false
        } catch {
            Issue.record(error)
            return false
        }
    }
}
