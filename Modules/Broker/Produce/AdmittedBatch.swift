import Records
import Vocabulary

/// A batch that passed every check, with the bytes as they are to be stored.
struct AdmittedBatch: Sendable {
    let header: BatchHeader
    /// The whole batch; the log fills in its first 16 bytes anew.
    let bytes: [OwnedBytes]
    /// The broker's time where the topic stamps what it appends.
    let logAppendTime: Timestamp?
}
