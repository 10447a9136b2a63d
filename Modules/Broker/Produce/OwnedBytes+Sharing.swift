import NIOCore
import Vocabulary

extension OwnedBytes {
    /// The readable bytes of `buffer` without a copy; `nil` if there are none.
    ///
    /// The value holds on to the buffer's storage. Whoever writes to that storage through another
    /// `ByteBuffer` finds it shared and gets a copy: the bytes seen here never change.
    init?(sharing buffer: ByteBuffer) {
        let shared = buffer.withUnsafeReadableBytesWithStorageManagement { bytes, storage in
            bytes.baseAddress.map { base in
                OwnedBytes(base: base, count: bytes.count, owner: storage.takeUnretainedValue())
            }
        }
        guard let shared, shared.count > 0 else { return nil }
        self = shared
    }
}
