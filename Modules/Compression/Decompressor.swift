/// Decompresses batches one after the other, with contexts and an output buffer that are reused.
///
/// Owned by one thread. After warming up, a call allocates nothing unless its output is larger
/// than any before; memory beyond `keptBytes` is given back by the call that follows.
public final class Decompressor {
    private let output: OutputBuffer
    private let gzip = GzipDecoder()
    private let lz4 = LZ4Decoder()
    private let zstd = ZstdDecoder()

    /// - Parameter keptBytes: how much output memory may stay allocated between calls.
    public init(keptBytes: Int = 4 << 20) {
        output = OutputBuffer(keptBytes: keptBytes)
    }

    /// The output memory held at the moment, in bytes; the codecs' contexts come to about 300 KB
    /// more and do not grow.
    public var heldByteCount: Int { output.capacity }

    /// Decompresses all of `input` and lends the result to `body`; the bytes are valid during
    /// `body` only. With `Codec.none` these are the input's bytes.
    ///
    /// - Parameter limit: the most bytes the result may have; checked while decompressing.
    /// - Throws: `tooLarge` beyond the limit, `corrupt` for damaged, cut off or trailing data,
    ///   `unavailable` when memory is out. The body reports its own failures through its result.
    public func decompress<Result>(
        _ codec: Codec, _ input: UnsafeRawBufferPointer, limit: Int,
        body: (UnsafeRawBufferPointer) -> Result
    ) throws(CompressionError) -> Result {
        precondition(limit >= 0 && limit < Int.max, "a limit is a number of bytes")
        if codec == .none {
            guard input.count <= limit else { throw .tooLarge(codec, limit: limit) }
            return body(input)
        }
        output.reset()
        switch codec {
        case .none: break
        case .gzip: try gzip.decode(input, into: output, limit: limit)
        case .snappy: try SnappyFormat.decode(input, into: output, limit: limit)
        case .lz4: try lz4.decode(input, into: output, limit: limit)
        case .zstd: try zstd.decode(input, into: output, limit: limit)
        }
        return body(output.written)
    }
}
