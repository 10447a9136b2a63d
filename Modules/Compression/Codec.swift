/// How the records of a batch are compressed; the raw values are the codec bits of Kafka's batch
/// attributes.
public enum Codec: UInt8, Sendable, CaseIterable {
    /// Stored as they are.
    case none = 0
    /// gzip (RFC 1952).
    case gzip = 1
    /// Snappy, in the frame of Kafka's Java client or as one raw block.
    case snappy = 2
    /// LZ4, in its frame format.
    case lz4 = 3
    /// Zstandard (RFC 8878; in Kafka by KIP-110).
    case zstd = 4

    /// The name in Kafka's configuration and tools: `none`, `gzip`, `snappy`, `lz4`, `zstd`.
    public var name: String {
        switch self {
        case .none: "none"
        case .gzip: "gzip"
        case .snappy: "snappy"
        case .lz4: "lz4"
        case .zstd: "zstd"
        }
    }

    /// The codec with that name in Kafka's configuration, in lower case as Kafka wants it.
    public init?(named name: some StringProtocol) {
        guard let codec = Codec.allCases.first(where: { $0.name == name }) else { return nil }
        self = codec
    }
}
