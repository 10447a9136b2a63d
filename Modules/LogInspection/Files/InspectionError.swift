import Disk
import SegmentStore

/// Why an inspection could not be carried out; damage is a finding, not an error.
public enum InspectionError: Error, Sendable, Hashable {
    /// The system refused an operation.
    case disk(DiskError)
    /// The name is none that the store or Kafka gives.
    case unknownFile(path: String)
    /// The folder is neither a data folder nor a partition's.
    case nothingToInspect(path: String)
    /// A broker uses the folder.
    case inUse(SideFileError)
}

extension InspectionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .disk(let error): error.description
        case .unknownFile(let path):
            """
            \(path) has no name that the store or Kafka gives; name a segment's file \
            (00000000000000000000.log, .index, …), a checkpoint, or a partition's folder
            """
        case .nothingToInspect(let path):
            """
            \(path) is neither a data folder nor a partition's folder: nothing in it has a name \
            that the store or Kafka gives
            """
        case .inUse(let error):
            "\(error); or read on with --live, where the ends of the logs may move meanwhile"
        }
    }
}
