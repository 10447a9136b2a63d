import Disk
import Vocabulary

/// Why the store could not do what it was asked.
public enum StoreError: Error, Sendable, Hashable {
    /// The system refused an operation; what it leaves behind is told by the log's `failure`.
    case disk(DiskError)
    /// There is no space for the append, which was cut back; it may be tried again later.
    case outOfSpace(path: String)
    /// The offset asked for lies outside the log.
    case offsetOutOfRange(Offset, start: Offset, end: Offset)
    /// Bytes that were durable once are not what was written.
    case corrupt(CorruptLog)
    /// A file beside the segments could not be read or written.
    case sideFile(SideFileError)
    /// The folder is not the log that was asked for, or is in the way of a new one.
    case unexpectedFolder(path: String, reason: String)
    /// The log failed before, for this reason, and takes nothing more.
    case failed(path: String, cause: DiskError)
    /// The log was closed or deleted.
    case closed(path: String)
    /// A cut waits for regions that are still being sent; try again.
    case regionsInUse(path: String)
    /// A look-up inside `Store.withoutWaiting` needs bytes that are not in memory.
    case notInMemory(MissingBytes)

    /// Whether trying again is in vain: something is wrong with the files, not with the moment.
    public var isLasting: Bool {
        switch self {
        case .disk(let error): !error.isPassing
        case .corrupt, .unexpectedFolder, .failed, .sideFile: true
        case .outOfSpace, .offsetOutOfRange, .closed, .regionsInUse, .notInMemory: false
        }
    }

    init(_ error: DiskError) {
        // A folder that could not be synced is in doubt for good, whatever the reason.
        let isReversible = error.isOutOfSpace && error.operation != "syncFolder"
        self = isReversible ? .outOfSpace(path: error.path) : .disk(error)
    }
}

/// The place and kind of damage in a segment.
public struct CorruptLog: Error, Sendable, Hashable {
    /// The segment's file or its index's, with the folder.
    public let path: String
    /// Where in the file the damage was found.
    public let position: FilePosition
    /// What is wrong there, for the operator.
    public let reason: String

    public init(path: String, position: FilePosition, reason: String) {
        self.path = path
        self.position = position
        self.reason = reason
    }
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .disk(let error):
            error.description
        case .notInMemory(let missing):
            "\(missing.path) is not in memory at \(missing.position)"
        case .outOfSpace(let path):
            "no space left for \(path); free some or add more: writing resumes by itself"
        case .offsetOutOfRange(let offset, let start, let end):
            "offset \(offset) lies outside the log, which holds \(start) up to \(end)"
        case .corrupt(let damage):
            """
            \(damage.path) is damaged at byte \(damage.position): \(damage.reason); restore the \
            partition's folder from a replica or a backup, or cut the file at that byte to give \
            up everything behind it
            """
        case .sideFile(let error):
            error.description
        case .unexpectedFolder(let path, let reason):
            "\(path): \(reason)"
        case .failed(let path, let cause):
            "\(path) takes no more records since \(cause); check the device and restart"
        case .closed(let path):
            "\(path) is closed"
        case .regionsInUse(let path):
            "\(path) cannot be cut while parts of it are being sent"
        }
    }
}

/// Runs `body` and tells its disk error as a store error.
@inline(__always)
func onDisk<Result>(
    _ body: () throws(DiskError) -> Result
) throws(StoreError) -> Result {
    do throws(DiskError) {
        return try body()
    } catch {
        throw StoreError(error)
    }
}

/// Runs `body` and tells its side-file error as a store error.
@inline(__always)
func onSideFiles<Result>(
    _ body: () throws(SideFileError) -> Result
) throws(StoreError) -> Result {
    do throws(SideFileError) {
        return try body()
    } catch {
        if case .disk(let error) = error { throw StoreError(error) }
        throw .sideFile(error)
    }
}
