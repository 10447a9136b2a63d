import KafkaProtocol
import NIOCore
import Testing

@Suite struct FrameTests {
    @Test func `a flexible answer has a header with tagged fields`() {
        let frame = WireFrame.response(
            MetadataResponse(), version: 9, correlationID: 0x0102_0304)

        #expect(frame.bytes.getBytes(at: 4, length: 5) == [1, 2, 3, 4, 0])
    }

    @Test(arguments: ApiVersionsResponse.versions)
    func `an ApiVersions answer never has tagged fields in its header`(version: Int16) {
        let frame = WireFrame.response(
            ApiVersionsResponse(errorCode: .unsupportedVersion), version: version, correlationID: 7)

        #expect(frame.bytes.getBytes(at: 4, length: 6) == [0, 0, 0, 7, 0, 35])
    }

    @Test func `the length in front counts the regions that are spliced in`() throws {
        let response = FetchResponse(responses: [
            .init(
                topic: "a",
                partitions: [
                    .init(partitionIndex: 0, records: .regions(tag: 10, byteCount: 1_000_000)),
                    .init(partitionIndex: 1, records: .bytes([ByteBuffer(bytes: [1, 2, 3])])),
                    .init(partitionIndex: 2, records: .regions(tag: 12, byteCount: 500)),
                ])
        ])

        for version in FetchResponse.versions {
            let frame = WireFrame.response(response, version: version, correlationID: 1)

            #expect(frame.splices.map(\.tag) == [10, 12])
            #expect(frame.splices.map(\.byteCount) == [1_000_000, 500])
            #expect(frame.byteCount == frame.bytes.readableBytes + 1_000_500)
            let stated = frame.bytes.getInteger(at: 0, as: Int32.self)
            #expect(stated.map(Int.init) == frame.byteCount - 4)
            #expect(try spliced(frame, version: version) == filled(response, version: version))
        }
    }

    @Test func `a partition without records states a length of zero`() {
        var writer = WireWriter()

        writer.records(.empty, compact: false)
        writer.records(.empty, compact: true)
        writer.records(nil, compact: false)
        writer.records(nil, compact: true)

        #expect(
            writer.buffer == ByteBuffer(bytes: [0, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0]))
    }

    @Test func `a tagged field of 128 bytes or more keeps its value whole`() throws {
        for count in [1, 5, 6, 20, 2_000] {
            let response = ApiVersionsResponse(
                supportedFeatures: (0..<count).map {
                    .init(name: "feature-name-\($0)", minVersion: 1, maxVersion: 2)
                }, finalizedFeaturesEpoch: 5)
            var writer = WireWriter()
            response.write(to: &writer, version: 4)
            var body = writer.buffer

            #expect(try ApiVersionsResponse(reading: &body, version: 4) == response)
            #expect(body.readableBytes == 0)
        }
    }

    @Test func `a string too long for its length is cut at a character`() throws {
        let text = String(repeating: "é", count: 20_000)
        var writer = WireWriter()

        writer.string(text, compact: false)

        var reader = WireReader(writer.buffer)
        let read = try reader.string(compact: false, "field")
        #expect(read == String(repeating: "é", count: 16_383))
        #expect(reader.bytesLeft == 0)
    }

    @Test func `the numbers of a request are seen whatever its API`() throws {
        let bytes = ByteBuffer(bytes: [0x7F, 0xFF, 0x00, 0x63, 0x00, 0x00, 0x00, 0x2A])

        let header = try RequestHeader.peek(bytes)

        #expect(header.apiKey == 0x7FFF)
        #expect(header.api == nil)
        #expect(header.apiVersion == 99)
        #expect(header.correlationID == 42)
    }

    @Test func `a header of an API that is not declared is refused with its number`() {
        // 11 is JoinGroup, which Kafka knows; 1,000 is nothing.
        for apiKey in [11, 1_000] as [Int16] {
            var bytes = ByteBuffer(integer: apiKey)
            bytes.writeRepeatingByte(0, count: 20)

            let error = #expect(throws: ProtocolError.self) {
                try RequestHeader(reading: &bytes)
            }

            #expect(error?.kind == .unknownApiKey(apiKey))
            #expect(bytes.readableBytes == 22)
        }
    }

    @Test func `the header of an ApiVersions request from the future is read`() throws {
        // Version 99, correlation id 1, client id "c", one tagged field, then an unknown body.
        var bytes = ByteBuffer(
            bytes: [0, 18, 0, 99, 0, 0, 0, 1, 0, 1, 0x63, 1, 5, 2, 0xAA, 0xBB, 0xCC])

        let header = try RequestHeader(reading: &bytes)

        #expect(header.apiVersion == 99)
        #expect(header.clientID == "c")
        #expect(bytes.readableBytes == 1)
    }

    @Test func `a request header cut short is refused`() {
        for count in 0..<8 {
            var bytes = ByteBuffer(repeating: 0, count: count)

            #expect(throws: ProtocolError.self) { try RequestHeader.peek(bytes) }
            #expect(throws: ProtocolError.self) { try RequestHeader(reading: &bytes) }
        }
    }

    /// The frame with each splice filled by bytes of its tag, read back.
    private func spliced(_ frame: WireFrame, version: Int16) throws -> FetchResponse {
        var bytes = ByteBuffer()
        var index = 0
        for splice in frame.splices {
            bytes.writeBytes(frame.bytes.getBytes(at: index, length: splice.index - index) ?? [])
            bytes.writeRepeatingByte(UInt8(splice.tag), count: splice.byteCount)
            index = splice.index
        }
        bytes.writeBytes(
            frame.bytes.getBytes(at: index, length: frame.bytes.writerIndex - index) ?? [])
        bytes.moveReaderIndex(forwardBy: 4)
        _ = try ResponseHeader(reading: &bytes, of: FetchResponse.self, version: version)
        return try FetchResponse(reading: &bytes, version: version)
    }

    /// What `spliced` should read: the fields that the version has.
    private func filled(_ response: FetchResponse, version: Int16) -> FetchResponse {
        var response = response
        if version >= 13 { response.responses[0].topic = "" }
        for index in response.responses[0].partitions.indices {
            if case .regions(let tag, let count) = response.responses[0].partitions[index].records {
                response.responses[0].partitions[index].records = .bytes([
                    ByteBuffer(repeating: UInt8(tag), count: count)
                ])
            }
        }
        return response
    }
}
