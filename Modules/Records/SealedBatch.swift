import Vocabulary

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

    /// The same in memory that can be shared, with the header as it was sealed. One allocation.
    static func owned(
        header: BatchHeader, payload: UnsafeRawBufferPointer
    ) -> (header: BatchHeader, bytes: OwnedBytes) {
        var header = header
        header.batchLength = BatchHeader.byteCount + payload.count - BatchHeader.logOverhead
        let bytes = OwnedBytes(count: header.byteCount) { bytes in
            UnsafeMutableRawBufferPointer(rebasing: bytes[BatchHeader.byteCount...])
                .copyMemory(from: payload)
            seal(bytes, header)
            header.crc = UnsafeRawBufferPointer(bytes).bigEndian(at: 17, as: UInt32.self)
        }
        return (header, bytes)
    }

    /// Writes the header in front of a payload that is in place, and the checksum into both.
    private static func seal(_ bytes: UnsafeMutableRawBufferPointer, _ header: BatchHeader) {
        header.write(to: bytes)
        let covered = UnsafeRawBufferPointer(rebasing: bytes[BatchHeader.checksumStart...])
        bytes.storeBigEndian(crc32c(covered), at: 17)
    }
}
