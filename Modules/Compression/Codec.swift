/// How the records of a batch are compressed; the raw values are the codec bits of Kafka's batch
/// attributes.
public enum Codec: UInt8, Sendable, CaseIterable {
    case none = 0
    case gzip = 1
    case snappy = 2
    case lz4 = 3
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
