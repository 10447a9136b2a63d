/// Puts a header and its payload together: the one place where length and checksum are set.
enum SealedBatch {
    /// The whole batch; `header` as given but for its length and checksum. One allocation.
    static func bytes(header: BatchHeader, payload: UnsafeRawBufferPointer) -> [UInt8] {
        let size = BatchHeader.byteCount + payload.count
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            var header = header
            header.batchLength = size - BatchHeader.logOverhead
            UnsafeMutableRawBufferPointer(rebasing: bytes[BatchHeader.byteCount..<size])
                .copyMemory(from: payload)
            seal(UnsafeMutableRawBufferPointer(rebasing: bytes[..<size]), header)
            initialized = size
        }
    }

    /// Writes the header in front of a payload that is in place, and the checksum into both.
    private static func seal(_ bytes: UnsafeMutableRawBufferPointer, _ header: BatchHeader) {
        header.write(to: bytes)
        let covered = UnsafeRawBufferPointer(rebasing: bytes[BatchHeader.checksumStart...])
        bytes.storeBigEndian(crc32c(covered), at: 17)
    }
}
