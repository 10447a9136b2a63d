import CZstd

/// Reads zstd data (RFC 8878) of one or more frames.
///
/// A frame that states its content size is decompressed in one call, straight into the output;
/// others are streamed through zstd's own window, whose size is bounded too.
final class ZstdDecoder {
    private var context: OpaquePointer?
    private let keptBytes: Int
    /// zstd's default bound for a window, 128 MiB.
    private static let largestWindowLog = 27
    /// The window of level 19 and below, allowed whatever the limit is.
    private static let smallestWindowLog = 23

    init(keptBytes: Int) { self.keptBytes = keptBytes }

    deinit { ZSTD_freeDCtx(context) }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: OutputBuffer, limit: Int
    ) throws(CompressionError) {
        guard !input.isEmpty else { throw .corrupt(.zstd, reason: "there is no frame") }
        let context = try freshContext(limit: limit)
        var position = 0
        while position < input.count {
            let rest = UnsafeRawBufferPointer(rebasing: input[position...])
            // "Unknown" and "error" are the two largest values, beyond any limit.
            let size = ZSTD_getFrameContentSize(rest.baseAddress, rest.count)
            if size < UInt64(Int.max) {
                position += try decodeWhole(rest, Int(size), context, output, limit)
            } else {
                position += try decodeStream(rest, context, output, limit)
            }
        }
    }

    /// Decompresses a frame whose content size is stated; returns the frame's size.
    private func decodeWhole(
        _ input: UnsafeRawBufferPointer, _ size: Int, _ context: OpaquePointer,
        _ output: OutputBuffer, _ limit: Int
    ) throws(CompressionError) -> Int {
        let frame = ZSTD_findFrameCompressedSize(input.baseAddress, input.count)
        guard ZSTD_isError(frame) == 0 else { throw .corrupt(.zstd, reason: name(frame)) }
        guard size <= limit - output.count else { throw .tooLarge(.zstd, limit: limit) }
        try output.reserve(size + 1, for: .zstd)
        let room = output.room
        let produced = ZSTD_decompressDCtx(context, room.baseAddress, size, input.baseAddress, frame)
        guard ZSTD_isError(produced) == 0 else { throw .corrupt(.zstd, reason: name(produced)) }
        output.advance(by: produced)
        return frame
    }

    /// Decompresses the first frame of `input`; returns the frame's size.
    private func decodeStream(
        _ input: UnsafeRawBufferPointer, _ context: OpaquePointer, _ output: OutputBuffer,
        _ limit: Int
    ) throws(CompressionError) -> Int {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        while true {
            // One byte above the limit tells "too large" from "exactly at the limit".
            if output.room.isEmpty { _ = try output.grow(limit: limit + 1, for: .zstd) }
            let room = output.room
            var target = ZSTD_outBuffer(
                dst: room.baseAddress, size: min(room.count, limit + 1 - output.count), pos: 0)
            let before = source.pos
            let status = ZSTD_decompressStream(context, &target, &source)
            guard ZSTD_isError(status) == 0 else { throw .corrupt(.zstd, reason: name(status)) }
            output.advance(by: target.pos)
            guard output.count <= limit else { throw .tooLarge(.zstd, limit: limit) }
            if status == 0 { return source.pos }
            guard target.pos > 0 || source.pos > before else {
                throw .corrupt(.zstd, reason: "the frame is cut off")
            }
        }
    }

    private func freshContext(limit: Int) throws(CompressionError) -> OpaquePointer {
        if let context, ZSTD_sizeof_DCtx(context) > keptBytes {
            ZSTD_freeDCtx(context)
            self.context = nil
        }
        if context == nil { context = ZSTD_createDCtx() }
        guard let context else { throw .unavailable(.zstd, reason: "no memory for its context") }
        let limitLog = Int.bitWidth - limit.leadingZeroBitCount
        let windowLog = max(Self.smallestWindowLog, min(Self.largestWindowLog, limitLog))
        ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, CInt(windowLog))
        return context
    }

    private func name(_ status: Int) -> String { String(cString: ZSTD_getErrorName(status)) }
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
