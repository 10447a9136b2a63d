import CDeflate

/// Reads gzip data (RFC 1952) of one or more members with libdeflate.
///
/// libdeflate decompresses a member in one call into memory given beforehand, at 2–5 times
/// zlib's speed. The member's size is guessed from the last four bytes of the input (its length
/// modulo 2^32), never more than deflate's best ratio allows; a wrong guess costs a repetition
/// with twice the memory, and the memory never exceeds the limit.
final class GzipDecoder {
    private var context: OpaquePointer?
    /// Deflate turns one byte into at most 1,032.
    private static let bestRatio = 1_032
    /// A header of 10 bytes, an empty block of 2 and a trailer of 8.
    private static let smallestMember = 20

    deinit {
        if let context { libdeflate_free_decompressor(context) }
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: OutputBuffer, limit: Int
    ) throws(CompressionError) {
        if context == nil { context = libdeflate_alloc_decompressor() }
        guard let context else { throw .unavailable(.gzip, reason: "no memory for its context") }
        guard input.count >= Self.smallestMember else {
            throw .corrupt(.gzip, reason: "\(input.count) bytes are too few for a member")
        }
        let guess = Int(
            UInt32(
                littleEndian: input.loadUnaligned(
                    fromByteOffset: input.count - 4, as: UInt32.self)))
        // One more byte, because libdeflate is not asked to write to a null pointer.
        try output.reserve(min(guess, input.count * Self.bestRatio, limit) + 1, for: .gzip)

        var position = 0
        while position < input.count {
            let member = UnsafeRawBufferPointer(rebasing: input[position...])
            var consumed = 0
            var produced = 0
            let room = output.room
            let status = libdeflate_gzip_decompress_ex(
                context, member.baseAddress, member.count, room.baseAddress,
                min(room.count, limit - output.count), &consumed, &produced)
            switch status {
            case LIBDEFLATE_SUCCESS:
                output.advance(by: produced)
                position += consumed
            case LIBDEFLATE_INSUFFICIENT_SPACE:
                guard room.count < limit - output.count,
                    try output.grow(limit: limit + 1, for: .gzip)
                else { throw .tooLarge(.gzip, limit: limit) }
            default:
                throw .corrupt(.gzip, reason: "the member at byte \(position) is damaged")
            }
        }
    }
}

/// Writes gzip data of one member with libdeflate, keeping one context per level used.
final class GzipEncoder {
    private var contexts = [OpaquePointer?](repeating: nil, count: 10)
    private static let defaultLevel = 6

    deinit {
        for case let context? in contexts { libdeflate_free_compressor(context) }
    }

    func encode(
        _ input: UnsafeRawBufferPointer, level: Int?, into output: OutputBuffer
    ) throws(CompressionError) {
        let level = level.flatMap { $0 > 0 ? $0 : nil } ?? Self.defaultLevel
        if contexts[level] == nil { contexts[level] = libdeflate_alloc_compressor(CInt(level)) }
        guard let context = contexts[level] else {
            throw .unavailable(.gzip, reason: "no memory for its context")
        }
        try output.reserve(libdeflate_gzip_compress_bound(context, input.count), for: .gzip)
        let room = output.room
        let count = libdeflate_gzip_compress(
            context, input.baseAddress, input.count, room.baseAddress, room.count)
        precondition(count > 0, "libdeflate writes no more than its own bound")
        output.advance(by: count)
    }
}
