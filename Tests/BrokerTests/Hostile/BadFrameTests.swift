import KafkaProtocol
import Testing

@Suite("Bad frames")
struct BadFrameTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]

        init(_ name: String, _ bytes: [UInt8]) {
            testDescription = name
            self.bytes = bytes
        }
    }

    static let closing: [Bad] = [
        Bad("a negative length", Frame.bigEndian(Int32(-1))),
        Bad("a length of 2 GiB", Frame.bigEndian(Int32.max)),
        Bad("a frame without a header", Frame.framed([])),
        Bad("a frame with half a header", Frame.framed([0, 3, 0])),
        Bad("an HTTP request", Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)),
        Bad("an API that nobody has", Frame.header(apiKey: 999, version: 0)),
        Bad("an API with a negative key", Frame.header(apiKey: -5, version: 0)),
        Bad("an API that is not served", Frame.header(apiKey: 11, version: 5)),
        Bad("a version too high", Frame.header(apiKey: 3, version: 99)),
        Bad("a negative version", Frame.header(apiKey: 3, version: -1)),
        Bad("a body that is missing", Frame.header(apiKey: 1, version: 11)),
        Bad(
            "an array of 2 thousand million topics",
            Frame.framed(
                Frame.bigEndian(Int16(3)) + Frame.bigEndian(Int16(1)) + Frame.bigEndian(Int32(1))
                    + Frame.bigEndian(Int16(-1)) + Frame.bigEndian(Int32.max))),
        Bad(
            "a string longer than the frame",
            Frame.framed(
                Frame.bigEndian(Int16(3)) + Frame.bigEndian(Int16(1)) + Frame.bigEndian(Int32(1))
                    + Frame.bigEndian(Int16(-1)) + Frame.bigEndian(Int32(1))
                    + Frame.bigEndian(Int16(3_000)))),
        Bad(
            "a client id with a negative length",
            Frame.framed(
                Frame.bigEndian(Int16(3)) + Frame.bigEndian(Int16(1)) + Frame.bigEndian(Int32(1))
                    + Frame.bigEndian(Int16(-7)))),
        Bad(
            "an unending varint",
            Frame.framed(
                Frame.bigEndian(Int16(3)) + Frame.bigEndian(Int16(9)) + Frame.bigEndian(Int32(1))
                    + Frame.bigEndian(Int16(-1)) + [UInt8](repeating: 0xFF, count: 30))),
    ]

    @Test(arguments: closing)
    func `closes its connection and no other`(bad: Bad) async throws {
        try await TestBroker.run { broker, bystander in
            let client = try await broker.connect()

            try await client.sendRaw(bad.bytes)
            let isClosed = await client.isClosedByBroker()
            let after = try await bystander.send(MetadataRequest(topics: []), version: 9)

            #expect(isClosed)
            #expect(after.brokers.count == 1)
        }
    }

    @Test
    func `a frame that never ends holds up nobody else`() async throws {
        try await TestBroker.run { broker, bystander in
            let client = try await broker.connect()

            try await client.sendRaw(Frame.bigEndian(Int32(50_000_000)) + [0, 3])
            let after = try await bystander.send(MetadataRequest(topics: []), version: 9)
            await client.close()

            #expect(after.brokers.count == 1)
        }
    }

    @Test
    func `answers before a bad frame still arrive`() async throws {
        try await TestBroker.run { _, client in
            try await client.post(MetadataRequest(topics: []), version: 9)
            try await client.sendRaw(Frame.header(apiKey: 999, version: 0))

            let frame = try await client.nextFrame()
            let isClosed = await client.isClosedByBroker()

            #expect(frame.readableBytes > 0)
            #expect(isClosed)
        }
    }
}
