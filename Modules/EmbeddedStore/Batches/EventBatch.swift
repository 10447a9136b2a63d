import Records
import Vocabulary

/// A batch that is ready to be appended: made by `EventBatchBuilder`, as often as one likes to.
public final class EventBatch: Sendable {
    /// The batch's header; base offset and leader epoch are given when it is appended.
    public let header: BatchHeader
    /// The batch as it is written, but for what the header's comment names.
    public let bytes: OwnedBytes
    /// The same as the log takes it, made once and not for each append.
    let pieces: [OwnedBytes]

    init(header: BatchHeader, bytes: OwnedBytes) {
        self.header = header
        self.bytes = bytes
        pieces = [bytes]
    }

    /// The size in the log, in bytes.
    public var byteCount: Int { header.byteCount }

    /// At least 1.
    public var recordCount: Int { Int(header.recordCount) }
}
