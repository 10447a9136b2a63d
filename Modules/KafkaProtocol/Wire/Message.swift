import NIOCore

/// Something with fields that stand on the wire one after the other; generated code conforms.
public protocol WireStructure: Sendable, Equatable {
    /// Reads the fields that `version` of the enclosing message has; the others get their defaults.
    init(from reader: inout WireReader, version: Int16) throws(ProtocolError)

    /// Writes the fields that `version` of the enclosing message has, and silently no others.
    ///
    /// A field that is `nil` although the version knows no null there is written as empty.
    func write(to writer: inout WireWriter, version: Int16)
}

/// The body of a request or a response.
public protocol Message: WireStructure {
    /// The API that the body belongs to; a request and its response have the same.
    static var apiKey: ApiKey { get }

    /// The versions that can be read and written.
    static var versions: ClosedRange<Int16> { get }

    /// Whether the version has compact lengths and tagged fields (KIP-482); also answers for
    /// versions outside `versions`.
    static func isFlexible(_ version: Int16) -> Bool
}

/// The body of a request.
public protocol RequestMessage: Message {
    /// What is answered, in the request's own version.
    associatedtype Response: ResponseMessage
}

/// The body of a response.
public protocol ResponseMessage: Message {}

extension Message {
    /// Reads the body at the front of `buffer`, leaving what follows it.
    ///
    /// Bytes that follow are no error of the body: Kafka's brokers and clients ignore them too.
    /// Throws `.unsupportedVersion` unless `versions` holds `version`.
    public init(reading buffer: inout ByteBuffer, version: Int16) throws(ProtocolError) {
        guard Self.versions.contains(version) else {
            throw ProtocolError(
                .unsupportedVersion(version), field: String(describing: Self.self), byte: 0)
        }
        var reader = WireReader(buffer)
        try self.init(from: &reader, version: version)
        buffer.moveReaderIndex(forwardBy: reader.position)
    }
}

/// What is declared of one API.
public struct MessageDeclaration: Sendable, Equatable {
    /// The API's number.
    public let apiKey: ApiKey
    /// The versions that can be read and written.
    public let versions: ClosedRange<Int16>
    /// The versions that a broker names in ApiVersions. Produce is named from 0 on, since
    /// librdkafka would otherwise take the broker for one that cannot compress.
    public let advertisedVersions: ClosedRange<Int16>
    /// The first version with compact lengths and tagged fields; `nil`: none has.
    public let flexibleSince: Int16?

    /// Whether the version has compact lengths and tagged fields (KIP-482); any version may be
    /// asked for.
    public func isFlexible(_ version: Int16) -> Bool {
        flexibleSince.map { version >= $0 } ?? false
    }
}

extension ApiKey {
    /// All APIs that this module reads and writes, by number.
    public static let declared: [MessageDeclaration] = allCases.compactMap(\.declaration)
}
