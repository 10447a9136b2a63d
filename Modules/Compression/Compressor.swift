/// Compresses batches one after the other, with contexts and an output buffer that are reused.
///
/// Owned by one thread. After warming up, a call allocates nothing unless its output is larger
/// than any before; memory beyond `keptBytes` is given back by the call that follows.
public final class Compressor {
    private let output: OutputBuffer
    private let gzip = GzipEncoder()
    private let lz4 = LZ4Encoder()
    private let zstd = ZstdEncoder()

    /// - Parameter keptBytes: how much output memory may stay allocated between calls.
    public init(keptBytes: Int = 4 << 20) { output = OutputBuffer(keptBytes: keptBytes) }

    /// Compresses `input` into one frame, as Kafka's Java client does, and lends the result to
    /// `body`; the bytes are valid during `body` only. With `Codec.none` these are the input's.
    ///
    /// - Parameter level: Kafka's `compression.*.level` (see `Codec.allows(level:)`); `nil` for the
    ///   codec's default.
    /// - Throws: `unavailable` for a level the codec does not have and when memory is out.
    public func compress<Result>(
        _ codec: Codec, _ input: UnsafeRawBufferPointer, level: Int? = nil,
        body: (UnsafeRawBufferPointer) -> Result
    ) throws(CompressionError) -> Result {
        if codec == .none { return body(input) }
        if let level, !codec.allows(level: level) {
            throw .unavailable(codec, reason: "there is no level \(level)")
        }
        output.reset()
        switch codec {
        case .none: break
        case .gzip: try gzip.encode(input, level: level, into: output)
        case .snappy: try SnappyFormat.encode(input, into: output)
        case .lz4: try lz4.encode(input, level: level, into: output)
        case .zstd: try zstd.encode(input, level: level, into: output)
        }
        return body(output.written)
    }
}

extension Codec {
    /// Whether Kafka allows that value for `compression.gzip.level`, `compression.lz4.level` or
    /// `compression.zstd.level` (KIP-390). The other codecs have no levels.
    ///
    /// gzip's -1 is its default. lz4's 9 is the default too and means the fast compressor, as in
    /// Kafka; every other level of lz4 is one of its slower, denser kind.
    public func allows(level: Int) -> Bool {
        switch self {
        case .none, .snappy: false
        case .gzip: level == -1 || 1...9 ~= level
        case .lz4: 1...17 ~= level
        case .zstd: -131_072...22 ~= level
        }
    }
}
