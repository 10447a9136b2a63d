import CLZ4

/// Reads one frame of the LZ4 frame format, which Kafka's format 2 uses with correct checksums.
final class LZ4Decoder {
    private var context: OpaquePointer?

    deinit {
        if let context { LZ4F_freeDecompressionContext(context) }
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: OutputBuffer, limit: Int
    ) throws(CompressionError) {
        if context == nil {
            let status = LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
            guard LZ4F_isError(status) == 0 else { throw .unavailable(.lz4, reason: name(status)) }
        }
        guard let context else { throw .unavailable(.lz4, reason: "no memory for its context") }
        LZ4F_resetDecompressionContext(context)

        var position = 0
        while true {
            // One byte above the limit tells "too large" from "exactly at the limit".
            if output.room.isEmpty { _ = try output.grow(limit: limit + 1, for: .lz4) }
            let room = output.room
            var produced = min(room.count, limit + 1 - output.count)
            var consumed = input.count - position
            let rest = input.baseAddress.map { $0 + position }
            let status = LZ4F_decompress(
                context, room.baseAddress, &produced, rest, &consumed, nil)
            guard LZ4F_isError(status) == 0 else { throw .corrupt(.lz4, reason: name(status)) }
            output.advance(by: produced)
            position += consumed
            guard output.count <= limit else { throw .tooLarge(.lz4, limit: limit) }
            if status == 0 { break }
            guard consumed > 0 || produced > 0 else {
                throw .corrupt(.lz4, reason: "the frame is cut off")
            }
        }
        // Kafka's Java consumer would not see a second frame, so it must not count here.
        guard position == input.count else {
            throw .corrupt(.lz4, reason: "\(input.count - position) bytes follow the frame")
        }
    }

    private func name(_ status: Int) -> String { String(cString: LZ4F_getErrorName(status)) }
}

/// Writes one frame as Kafka's Java client does: independent blocks of 64 KiB, no checksums of
/// blocks or content.
final class LZ4Encoder {
    private var context: OpaquePointer?

    deinit {
        if let context { LZ4F_freeCompressionContext(context) }
    }

    func encode(
        _ input: UnsafeRawBufferPointer, level: Int?, into output: OutputBuffer
    ) throws(CompressionError) {
        if context == nil {
            let status = LZ4F_createCompressionContext(&context, UInt32(LZ4F_VERSION))
            guard LZ4F_isError(status) == 0 else {
                throw .unavailable(.lz4, reason: "no memory for its context")
            }
        }
        guard let context else { throw .unavailable(.lz4, reason: "no memory for its context") }
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.blockSizeID = LZ4F_max64KB
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        preferences.compressionLevel = Self.libraryLevel(level)
        preferences.autoFlush = 1

        let bound = LZ4F_compressBound(input.count, &preferences) + Self.headerBytes
        try output.reserve(bound, for: .lz4)
        try step(output) { room in
            LZ4F_compressBegin(context, room.baseAddress, room.count, &preferences)
        }
        try step(output) { room in
            LZ4F_compressUpdate(
                context, room.baseAddress, room.count, input.baseAddress, input.count, nil)
        }
        try step(output) { room in
            LZ4F_compressEnd(context, room.baseAddress, room.count, nil)
        }
    }

    /// Kafka's default of 9 names the fast compressor, the library's 0; what Kafka calls 1 and 2
    /// are levels of the dense compressor, which begins at 3 here.
    private static func libraryLevel(_ level: Int?) -> CInt {
        guard let level, level != 9 else { return 0 }
        return CInt(max(level, 3))
    }

    /// LZ4F_HEADER_SIZE_MAX
    private static let headerBytes = 19

    private func step(
        _ output: OutputBuffer, _ write: (UnsafeMutableRawBufferPointer) -> Int
    ) throws(CompressionError) {
        let status = write(output.room)
        guard LZ4F_isError(status) == 0 else {
            throw .unavailable(.lz4, reason: String(cString: LZ4F_getErrorName(status)))
        }
        output.advance(by: status)
    }
}
