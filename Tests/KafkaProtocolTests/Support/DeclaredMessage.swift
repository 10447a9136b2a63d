import KafkaProtocol
import NIOCore
import Testing

/// One direction of one API, with its type erased: reads a frame and writes what it read again.
struct DeclaredMessage: Sendable, CustomStringConvertible {
    enum Kind: String, Sendable { case request, response }

    let kind: Kind
    let apiKey: ApiKey
    let versions: ClosedRange<Int16>
    let rewrite: @Sendable (_ frame: ByteBuffer, _ version: Int16) throws -> ByteBuffer
    let read: @Sendable (_ body: ByteBuffer, _ version: Int16) throws -> Int
    let rewriteBody: @Sendable (_ body: ByteBuffer, _ version: Int16) throws -> ByteBuffer

    var description: String { "\(apiKey) \(kind.rawValue)" }

    static let all: [DeclaredMessage] =
        both(ProduceRequest.self) + both(FetchRequest.self) + both(ListOffsetsRequest.self)
        + both(MetadataRequest.self) + both(FindCoordinatorRequest.self)
        + both(ApiVersionsRequest.self) + both(CreateTopicsRequest.self)
        + both(DeleteTopicsRequest.self) + both(InitProducerIdRequest.self)
        + both(OffsetForLeaderEpochRequest.self) + both(DescribeConfigsRequest.self)
        + both(CreatePartitionsRequest.self) + both(DescribeClusterRequest.self)
        + both(DescribeTopicPartitionsRequest.self)

    static func find(_ kind: Kind, _ apiKey: Int16) -> DeclaredMessage? {
        all.first { $0.kind == kind && $0.apiKey.rawValue == apiKey }
    }

    private static func both<Request: RequestMessage>(_: Request.Type) -> [DeclaredMessage] {
        [
            DeclaredMessage(
                kind: .request, apiKey: Request.apiKey, versions: Request.versions,
                rewrite: { frame, version in
                    var bytes = frame
                    bytes.moveReaderIndex(forwardBy: 4)
                    let header = try RequestHeader(reading: &bytes)
                    let message = try Request(reading: &bytes, version: version)
                    return WireFrame.request(
                        message, version: version, correlationID: header.correlationID,
                        clientID: header.clientID
                    ).bytes
                },
                read: { try read($0, $1, as: Request.self) },
                rewriteBody: { try rewriteBody($0, $1, as: Request.self) }),
            DeclaredMessage(
                kind: .response, apiKey: Request.apiKey, versions: Request.Response.versions,
                rewrite: { frame, version in
                    var bytes = frame
                    bytes.moveReaderIndex(forwardBy: 4)
                    let header = try ResponseHeader(
                        reading: &bytes, of: Request.Response.self, version: version)
                    let message = try Request.Response(reading: &bytes, version: version)
                    return WireFrame.response(
                        message, version: version, correlationID: header.correlationID
                    ).bytes
                },
                read: { try read($0, $1, as: Request.Response.self) },
                rewriteBody: { try rewriteBody($0, $1, as: Request.Response.self) }),
        ]
    }

    /// Reads a body and says how many bytes it took.
    private static func read<Body: Message>(
        _ body: ByteBuffer, _ version: Int16, as type: Body.Type
    ) throws -> Int {
        var bytes = body
        _ = try Body(reading: &bytes, version: version)
        return body.readableBytes - bytes.readableBytes
    }

    private static func rewriteBody<Body: Message>(
        _ body: ByteBuffer, _ version: Int16, as type: Body.Type
    ) throws -> ByteBuffer {
        var bytes = body
        let message = try Body(reading: &bytes, version: version)
        #expect(bytes.readableBytes == 0)
        var writer = WireWriter()
        message.write(to: &writer, version: version)
        return writer.buffer
    }
}
