import Disk
import IORing
import Metadata
import SegmentStore

/// Why a data folder cannot be served.
public enum NodeStartError: Error, Sendable, CustomStringConvertible {
    /// An operation on the folder was refused.
    case disk(DiskError)
    /// io_uring cannot be used; the error says what to do.
    case ring(IORingError)
    /// A small file cannot be read, or another process has the folder.
    case sideFile(SideFileError)
    /// The cluster's state cannot be read, or is another broker's.
    case metadata(MetadataError)
    /// Anything else, such as an event loop that was shut down meanwhile.
    case loop(String)

    public var description: String {
        switch self {
        case .disk(let error): error.description
        case .ring(let error): String(describing: error)
        case .sideFile(let error): error.description
        case .metadata(let error): error.description
        case .loop(let reason): "an event loop failed: \(reason)"
        }
    }
}

extension NodeStartError {
    /// What was thrown by the steps above; each throws one of these.
    init(_ error: any Error) {
        switch error {
        case let error as NodeStartError: self = error
        case let error as DiskError: self = .disk(error)
        case let error as IORingError: self = .ring(error)
        case let error as SideFileError: self = .sideFile(error)
        case let error as MetadataError: self = .metadata(error)
        default: self = .loop(String(describing: error))
        }
    }
}
