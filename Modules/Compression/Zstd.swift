import CZstd

/// Reads zstd data (RFC 8878) of one or more frames.
///
/// All of it is decompressed in one call, straight into the output, which then serves as the
/// window too: streaming would copy everything once more through a window of 2 MiB or, if the
/// frame asks for it, 128. The output's size is taken from the first frame's header, if stated
/// (librdkafka does not); a wrong guess costs a repetition with twice the memory, and the memory
/// never exceeds the limit.
final class ZstdDecoder {
    private var context: OpaquePointer?
    /// What batches of text often reach.
    private static let usualRatio = 8

    deinit { ZSTD_freeDCtx(context) }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: OutputBuffer, limit: Int
    ) throws(CompressionError) {
        if context == nil { context = ZSTD_createDCtx() }
        guard let context else { throw .unavailable(.zstd, reason: "no memory for its context") }
        guard !input.isEmpty else { throw .corrupt(.zstd, reason: "there is no frame") }
        // "Unknown" and "error" are the two largest values.
        let stated = ZSTD_getFrameContentSize(input.baseAddress, input.count)
        if stated < UInt64(Int.max), stated > UInt64(limit) {
            throw .tooLarge(.zstd, limit: limit)
        }
        let guess = stated <= UInt64(limit) ? Int(stated) : input.count * Self.usualRatio
        // One more byte, because zstd is not asked to write to a null pointer.
        try output.reserve(min(guess, limit) + 1, for: .zstd)
        while true {
            let room = output.room
            let produced = ZSTD_decompressDCtx(
                context, room.baseAddress, min(room.count, limit), input.baseAddress, input.count)
            guard ZSTD_isError(produced) != 0 else {
                output.advance(by: produced)
                return
            }
            guard ZSTD_getErrorCode(produced) == ZSTD_error_dstSize_tooSmall else {
                throw .corrupt(.zstd, reason: String(cString: ZSTD_getErrorName(produced)))
            }
            guard room.count < limit, try output.grow(limit: limit + 1, for: .zstd) else {
                throw .tooLarge(.zstd, limit: limit)
            }
        }
    }
}

/// Writes one zstd frame that states its content size.
final class ZstdEncoder {
    private var context: OpaquePointer?

    deinit { ZSTD_freeCCtx(context) }

    func encode(
        _ input: UnsafeRawBufferPointer, level: Int?, into output: OutputBuffer
    ) throws(CompressionError) {
        if context == nil { context = ZSTD_createCCtx() }
        guard let context else { throw .unavailable(.zstd, reason: "no memory for its context") }
        try output.reserve(ZSTD_compressBound(input.count), for: .zstd)
        let room = output.room
        let count = ZSTD_compressCCtx(
            context, room.baseAddress, room.count, input.baseAddress, input.count,
            CInt(level ?? Int(ZSTD_CLEVEL_DEFAULT)))
        guard ZSTD_isError(count) == 0 else {
            throw .unavailable(.zstd, reason: String(cString: ZSTD_getErrorName(count)))
        }
        output.advance(by: count)
    }
}
