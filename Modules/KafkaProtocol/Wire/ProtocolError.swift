/// Bytes that are not the message they should be: what is wrong, in which field, at which byte.
public struct ProtocolError: Error, Hashable, Sendable {
    /// How bytes fail to be a message.
    public enum Kind: Hashable, Sendable {
        /// The bytes end before the field does.
        case truncated(needed: Int, available: Int)
        /// A length below 0 that does not stand for null, or null where there is none.
        case invalidLength(Int)
        /// More elements than the remaining bytes can hold, or than one message may have.
        case tooManyElements(count: Int, limit: Int)
        /// A variable-length integer that does not fit 32 bits.
        case overlongVarint
        /// A tagged field that ends before or after the length it states.
        case taggedFieldLength(tag: UInt32, stated: Int, used: Int)
        /// A version of the message that is not declared.
        case unsupportedVersion(Int16)
        /// A request whose number is not in Kafka's table, or that is not declared here.
        case unknownApiKey(Int16)
    }

    /// With the lengths and numbers that were found.
    public let kind: Kind
    /// Where in the message, such as `ProduceRequest.Partition.records`.
    public let field: String
    /// Counted from the first byte of what was being read: a header, or a body.
    public let byte: Int

    public init(_ kind: Kind, field: String, byte: Int) {
        self.kind = kind
        self.field = field
        self.byte = byte
    }
}

extension ProtocolError: CustomStringConvertible {
    public var description: String { "\(field) at byte \(byte): \(reason)" }

    private var reason: String {
        switch kind {
        case .truncated(let needed, let available):
            "needs \(needed) bytes, \(available) are left"
        case .invalidLength(let length):
            "has the length \(length)"
        case .tooManyElements(let count, let limit):
            "claims \(count) elements where at most \(limit) are possible"
        case .overlongVarint:
            "is a variable-length integer beyond 32 bits"
        case .taggedFieldLength(let tag, let stated, let used):
            "tagged field \(tag) states \(stated) bytes and has \(used)"
        case .unsupportedVersion(let version):
            "version \(version) is not known"
        case .unknownApiKey(let key):
            "no request has the number \(key)"
        }
    }
}
