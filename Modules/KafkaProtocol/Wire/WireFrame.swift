import NIOCore

/// A request or a response as it goes to the socket: four bytes of length, header, body.
public struct WireFrame: Sendable, Equatable {
    /// All bytes but the spliced ones; readable from index 0.
    public let bytes: ByteBuffer
    /// Where foreign bytes belong, in order; the length in front counts them.
    public let splices: [Splice]

    /// Bytes on the wire, the spliced ones included.
    public var byteCount: Int {
        splices.reduce(bytes.readableBytes) { $0 + $1.byteCount }
    }

    /// Whether the frame is longer than its 31 bits of length can say: it must not be sent.
    public var isTooLong: Bool { byteCount - 4 > Int(Int32.max) }

    /// The answer to the request with `correlationID`, in a buffer of its own.
    ///
    /// `capacity` is a guess at its size without splices; the buffer grows when it is too small.
    public static func response<Response: ResponseMessage>(
        _ message: Response, version: Int16, correlationID: Int32, capacity: Int = 256,
        allocator: ByteBufferAllocator = ByteBufferAllocator()
    ) -> WireFrame {
        var writer = WireWriter(allocator.buffer(capacity: capacity))
        return finish(&writer) { writer in
            ResponseHeader(correlationID: correlationID)
                .write(to: &writer, of: Response.self, version: version)
            message.write(to: &writer, version: version)
        }
    }

    /// The request `message`, in a buffer of its own.
    public static func request<Request: RequestMessage>(
        _ message: Request, version: Int16, correlationID: Int32, clientID: String?,
        allocator: ByteBufferAllocator = ByteBufferAllocator()
    ) -> WireFrame {
        var writer = WireWriter(allocator.buffer(capacity: 256))
        return finish(&writer) { writer in
            RequestHeader(
                apiKey: Request.apiKey.rawValue, apiVersion: version,
                correlationID: correlationID, clientID: clientID
            ).write(to: &writer, isFlexible: Request.isFlexible(version))
            message.write(to: &writer, version: version)
        }
    }

    private static func finish(
        _ writer: inout WireWriter, _ write: (inout WireWriter) -> Void
    ) -> WireFrame {
        writer.int32(0)
        write(&writer)
        let byteCount = writer.byteCount - 4
        writer.set(Int32(clamping: byteCount), at: 0)
        return WireFrame(bytes: writer.buffer, splices: writer.splices)
    }
}
