import Compression
import IORing
import Records
import SegmentStore
import Vocabulary

/// Why an embedded store could not do what it was asked.
public enum EventStoreError: Error, Sendable, Equatable {
    /// A log or the disk refused; the evidence is in there.
    case store(StoreError)
    /// The first batches of an append are in the log, the one after them was refused.
    case partlyAppended(batchCount: Int, cause: StoreError)
    /// The folder is used by another program, or a file that describes it cannot be read.
    case folder(SideFileError)
    /// A log cannot have this name.
    case illegalName(IllegalTopicName)
    /// The records cannot be compressed as asked.
    case compression(CompressionError)
    /// The bytes of a stored batch are not what was appended.
    case corrupt(path: String, position: FilePosition, reason: String)
    /// The task was cancelled while it waited.
    case cancelled(Abandoned)
    /// The log was truncated in front of the records before they were acknowledged.
    case truncated
    /// The log was deleted.
    case logDeleted
    /// The store was closed.
    case closed
    /// The store's thread could not be made.
    case thread(ThreadError)
    /// Neither a ring nor plain system calls could be set up.
    case ring(IORingError)

    /// What a cancelled call leaves behind.
    public enum Abandoned: Sendable, Hashable {
        /// Nothing was done.
        case beforeStart
        /// The write goes on: its records may or may not be in the log later.
        case outcomeUnknown
    }

    init(_ error: StoreError) {
        switch error {
        case .corrupt(let damage):
            self = .corrupt(
                path: damage.path, position: damage.position, reason: damage.reason)
        default:
            self = .store(error)
        }
    }
}

extension EventStoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .store(let error): error.description
        case .partlyAppended(let count, let cause):
            "the first \(count) batches were appended, the one after them was not: \(cause)"
        case .folder(let error): error.description
        case .illegalName(let error): error.description
        case .compression(let error): "\(error)"
        case .corrupt(let path, let position, let reason):
            "\(path) is damaged at byte \(position): \(reason)"
        case .cancelled(.beforeStart): "cancelled before anything was done"
        case .cancelled(.outcomeUnknown):
            "cancelled while the write was under way; whether it took place is unknown"
        case .truncated: "the log was truncated in front of the records"
        case .logDeleted: "the log was deleted"
        case .closed: "the store is closed"
        case .thread(let error): "\(error.call) failed: errno \(error.code)"
        case .ring(let error): "\(error)"
        }
    }
}
