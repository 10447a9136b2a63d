import Foundation
import KafkaProtocol
import NIOCore
import ProtocolGeneration
import Testing

/// Random bodies made from the grammar, read and written by the generated Swift.
@Suite struct GrammarRoundTripTests {
    @Test(arguments: DeclaredMessage.all)
    func `random bodies of every version come back as the same bytes`(
        message: DeclaredMessage
    ) throws {
        let api = try Grammar.api(message.apiKey)
        let structure = message.kind == .request ? api.request : api.response

        for version in message.versions {
            for seed in 1...10 as ClosedRange<UInt64> {
                var random = RandomBody(api: api, version: Int(version), seed: seed)
                let body = random.make(structure)

                let rewritten = try message.rewriteBody(body, version)

                #expect(rewritten == body, "\(message) version \(version) seed \(seed)")
            }
        }
    }

    @Test func `an unknown tagged field is passed over`() throws {
        // ApiVersions 3: two empty compact strings, one tagged field 9 of three bytes.
        var body = ByteBuffer(bytes: [0x01, 0x01, 0x01, 0x09, 0x03, 0xAA, 0xBB, 0xCC])

        let request = try ApiVersionsRequest(reading: &body, version: 3)

        #expect(request == ApiVersionsRequest())
        #expect(body.readableBytes == 0)
    }

    @Test func `a tagged field of a later version is passed over in an earlier one`() throws {
        // FetchRequest.Partition knows tag 1, the high watermark, from version 18 on.
        let request = FetchRequest(
            topics: [.init(partitions: [.init(partition: 5, highWatermark: 77)])])
        var writer = WireWriter()
        request.write(to: &writer, version: 18)
        var body = writer.buffer

        let earlier = try FetchRequest(reading: &body, version: 17)

        #expect(earlier.topics.first?.partitions.first?.partition == 5)
        #expect(earlier.topics.first?.partitions.first?.highWatermark == .max)
    }

    @Test func `bytes behind a body are left to the caller`() throws {
        var body = ByteBuffer(bytes: [0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x77])

        let request = try MetadataRequest(reading: &body, version: 4)

        #expect(request.topics == nil)
        #expect(request.allowAutoTopicCreation)
        #expect(body.readableBytesView.elementsEqual([0x77]))
    }

    @Test func `nil where a version knows no null is written as empty`() {
        var writer = WireWriter()

        MetadataRequest(topics: nil).write(to: &writer, version: 0)

        #expect(writer.buffer == ByteBuffer(bytes: [0, 0, 0, 0]))
    }

    @Test(arguments: DeclaredMessage.all)
    func `a version that is not declared is refused`(message: DeclaredMessage) {
        for version in [message.versions.lowerBound - 1, message.versions.upperBound + 1] {
            let error = #expect(throws: ProtocolError.self) {
                try message.rewriteBody(ByteBuffer(repeating: 0, count: 64), version)
            }
            #expect(error?.kind == .unsupportedVersion(version))
        }
    }
}
