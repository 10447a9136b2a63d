import CSnappy

/// Snappy data in the two forms Kafka's clients send.
///
/// The Java client writes the framing of snappy-java (xerial): a header of 16 bytes, then blocks,
/// each one a big-endian length and that many bytes of raw snappy.
///
///     82 53 4E 41 50 50 59 00   magic, "\x82SNAPPY\0"
///     00 00 00 01 00 00 00 01   version and lowest compatible version
///     00 00 00 07               length of the first block
///     05 10 68 65 6C 6C 6F      the block: `hello` in raw snappy
///
/// librdkafka sends one raw block without framing. Both are read; the framing is written.
enum SnappyFormat {
    static let magic: [UInt8] = [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0x00]
    static let headerByteCount = 16
    /// What snappy-java puts in a block by default.
    static let blockByteCount = 32 << 10

    static func decode(
        _ input: UnsafeRawBufferPointer, into output: OutputBuffer, limit: Int
    ) throws(CompressionError) {
        guard isFramed(input) else {
            try decodeBlock(input, into: output, limit: limit)
            return
        }
        var position = 0
        while position < input.count {
            let rest = UnsafeRawBufferPointer(rebasing: input[position...])
            // Streams may follow each other, each with its own header, as snappy-java allows. No
            // block can be as long as a header's first four bytes would say.
            if isFramed(rest) {
                position += headerByteCount
                continue
            }
            guard rest.count >= 4 else {
                throw .corrupt(.snappy, reason: "a block's length is cut off")
            }
            let length = Int(Int32(bigEndian: rest.loadUnaligned(as: Int32.self)))
            guard length >= 0, length <= rest.count - 4 else {
                throw .corrupt(
                    .snappy, reason: "a block of \(length) bytes has only \(rest.count - 4)")
            }
            let block = UnsafeRawBufferPointer(rebasing: rest[4..<4 + length])
            try decodeBlock(block, into: output, limit: limit)
            position += 4 + length
        }
    }

    private static func isFramed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= headerByteCount && bytes.prefix(magic.count).elementsEqual(magic)
    }

    private static func decodeBlock(
        _ block: UnsafeRawBufferPointer, into output: OutputBuffer, limit: Int
    ) throws(CompressionError) {
        let characters = block.assumingMemoryBound(to: CChar.self)
        var length = 0
        guard !block.isEmpty,
            snappy_uncompressed_length(characters.baseAddress, block.count, &length) == SNAPPY_OK
        else { throw .corrupt(.snappy, reason: "a block does not begin with its length") }
        guard length <= limit - output.count else { throw .tooLarge(.snappy, limit: limit) }
        // The length is only claimed so far; checking costs a pass but no memory. It is done
        // where the claim is larger than the memory at hand.
        if length > output.room.count {
            guard
                snappy_validate_compressed_buffer(characters.baseAddress, block.count) == SNAPPY_OK
            else { throw .corrupt(.snappy, reason: "a block is damaged") }
        }
        try output.reserve(max(length, 1), for: .snappy)
        let room = output.room.assumingMemoryBound(to: CChar.self)
        guard
            snappy_uncompress(
                characters.baseAddress, block.count, room.baseAddress, &length) == SNAPPY_OK
        else { throw .corrupt(.snappy, reason: "a block is damaged") }
        output.advance(by: length)
    }

    static func encode(
        _ input: UnsafeRawBufferPointer, into output: OutputBuffer
    ) throws(CompressionError) {
        try output.reserve(headerByteCount, for: .snappy)
        output.room.copyBytes(from: magic)
        for field in [8, 12] {
            output.room.storeBytes(of: UInt32(1).bigEndian, toByteOffset: field, as: UInt32.self)
        }
        output.advance(by: headerByteCount)

        let blocks = (input.count + blockByteCount - 1) / blockByteCount
        let bound = 4 + snappy_max_compressed_length(blockByteCount)
        try output.reserve(blocks * bound, for: .snappy)
        for block in 0..<blocks {
            let start = block * blockByteCount
            let bytes = UnsafeRawBufferPointer(
                rebasing: input[start..<min(start + blockByteCount, input.count)])
            let room = output.room
            var length = room.count - 4
            let status = snappy_compress(
                bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count,
                UnsafeMutableRawBufferPointer(rebasing: room[4...])
                    .assumingMemoryBound(to: CChar.self).baseAddress, &length)
            precondition(status == SNAPPY_OK, "snappy writes no more than its own bound")
            room.storeBytes(of: UInt32(length).bigEndian, as: UInt32.self)
            output.advance(by: 4 + length)
        }
    }
}
