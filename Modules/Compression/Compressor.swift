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
    /// - Parameter level: Kafka's `compression.*.level` (see `Codec.levels`); `nil` for the
    ///   codec's default.
    /// - Throws: `unavailable` for a level outside `Codec.levels` and when memory is out.
    public func compress<Result>(
        _ codec: Codec, _ input: UnsafeRawBufferPointer, level: Int? = nil,
        body: (UnsafeRawBufferPointer) -> Result
    ) throws(CompressionError) -> Result {
        if codec == .none { return body(input) }
        if let level {
            guard let levels = codec.levels, levels.contains(level) else {
                throw .unavailable(codec, reason: "there is no level \(level)")
            }
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
    /// The levels Kafka allows for `compression.gzip.level`, `compression.lz4.level` and
    /// `compression.zstd.level` (KIP-390); `nil` for codecs without levels.
    public var levels: ClosedRange<Int>? {
        switch self {
        case .none, .snappy: nil
        case .gzip: 1...9
        case .lz4: 1...17
        case .zstd: -131_072...22
        }
    }
}
