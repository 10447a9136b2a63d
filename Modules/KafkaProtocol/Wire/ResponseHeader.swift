import NIOCore

/// What stands before the body of a response: the correlation id and, before flexible bodies,
/// tagged fields.
///
/// Answers to ApiVersions never have the tagged fields: the client does not know yet which
/// versions the broker speaks (KIP-511).
public struct ResponseHeader: Sendable, Equatable {
    /// The request's; clients match answers by it.
    public var correlationID: Int32

    public init(correlationID: Int32) {
        self.correlationID = correlationID
    }

    /// Reads the header of an answer of type `message` from the front of `buffer`.
    public init<Response: ResponseMessage>(
        reading buffer: inout ByteBuffer, of message: Response.Type, version: Int16
    ) throws(ProtocolError) {
        var reader = WireReader(buffer)
        correlationID = try reader.int32("ResponseHeader.correlationID")
        if Self.hasTaggedFields(message, version: version) {
            try reader.skipTaggedFields("ResponseHeader")
        }
        buffer.moveReaderIndex(forwardBy: reader.position)
    }

    /// Writes the header that stands before a body of type `message`.
    public func write<Response: ResponseMessage>(
        to writer: inout WireWriter, of message: Response.Type, version: Int16
    ) {
        writer.int32(correlationID)
        if Self.hasTaggedFields(message, version: version) { writer.noTaggedFields() }
    }

    private static func hasTaggedFields<Response: ResponseMessage>(
        _ message: Response.Type, version: Int16
    ) -> Bool {
        message.apiKey != .apiVersions && message.isFlexible(version)
    }
}
