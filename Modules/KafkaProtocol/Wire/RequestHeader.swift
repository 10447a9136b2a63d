import NIOCore

/// What stands before the body of a request.
///
/// ```
/// request_api_key      int16
/// request_api_version  int16
/// correlation_id       int32
/// client_id            nullable string, never compact   (header version 1)
/// tagged fields                                         (header version 2)
/// ```
/// Version 2 comes with flexible bodies. Version 0, without a client id, belongs to a request
/// between brokers that no longer exists.
public struct RequestHeader: Sendable, Equatable {
    /// The number of the API, which may be one that Kafka does not know.
    public var apiKey: Int16
    /// As sent; it may be one that is not declared.
    public var apiVersion: Int16
    /// Chosen by the client and repeated in the answer.
    public var correlationID: Int32
    /// `nil` for null, and where only the numbers were read.
    public var clientID: String?

    public init(apiKey: Int16, apiVersion: Int16, correlationID: Int32, clientID: String?) {
        self.apiKey = apiKey
        self.apiVersion = apiVersion
        self.correlationID = correlationID
        self.clientID = clientID
    }

    /// The API, if Kafka knows it.
    public var api: ApiKey? { ApiKey(rawValue: apiKey) }

    /// Reads the three numbers that every header begins with, whatever the API and its version.
    ///
    /// The client id is left out. Reads nothing away from `buffer`.
    public static func peek(_ buffer: ByteBuffer) throws(ProtocolError) -> RequestHeader {
        var reader = WireReader(buffer)
        return try RequestHeader(numbersFrom: &reader)
    }

    /// Reads the header at the front of `buffer`, leaving the body.
    ///
    /// Throws `.unknownApiKey` for an API that is not declared, since the form of its header is not
    /// known. A version that is not declared is no error here: ApiVersions must be answered.
    public init(reading buffer: inout ByteBuffer) throws(ProtocolError) {
        var reader = WireReader(buffer)
        try self.init(numbersFrom: &reader)
        guard let declaration = api?.declaration else {
            throw ProtocolError(.unknownApiKey(apiKey), field: "RequestHeader.apiKey", byte: 0)
        }
        clientID = try reader.nullableString(compact: false, "RequestHeader.clientID")
        if declaration.isFlexible(apiVersion) { try reader.skipTaggedFields("RequestHeader") }
        buffer.moveReaderIndex(forwardBy: reader.position)
    }

    private init(numbersFrom reader: inout WireReader) throws(ProtocolError) {
        apiKey = try reader.int16("RequestHeader.apiKey")
        apiVersion = try reader.int16("RequestHeader.apiVersion")
        correlationID = try reader.int32("RequestHeader.correlationID")
    }

    /// Writes the header; `isFlexible` says whether the body that follows is.
    public func write(to writer: inout WireWriter, isFlexible: Bool) {
        writer.int16(apiKey)
        writer.int16(apiVersion)
        writer.int32(correlationID)
        writer.string(clientID, compact: false)
        if isFlexible { writer.noTaggedFields() }
    }
}
