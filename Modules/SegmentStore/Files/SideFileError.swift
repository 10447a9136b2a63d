import Disk

/// Why a file beside the segments could not be read, written or locked.
public enum SideFileError: Error, Sendable, Hashable {
    /// The system refused an operation.
    case disk(DiskError)
    /// The contents are not what the format says.
    case malformed(MalformedFile)
    /// The file was written by a later version of its format than this program knows.
    case newerVersion(path: String, found: Int, supported: Int)
    /// The file is larger than any that its writer makes, so it is not read.
    case tooLarge(path: String, byteCount: Int, limit: Int)
    /// Another program uses the folder.
    case locked(path: String, holder: LockHolder?)
}

/// The place and kind of a fault in a file's contents.
public struct MalformedFile: Error, Sendable, Hashable {
    /// The file, with its folder.
    public let path: String
    /// Where in the file, such as `line 3` or `byte 14`.
    public let place: String
    /// What the format has there.
    public let expected: String
    /// What is there; long lines are cut short.
    public let found: String
    /// What the operator can do.
    public let remedy: String

    public init(path: String, place: String, expected: String, found: String, remedy: String) {
        self.path = path
        self.place = place
        self.expected = expected
        self.found = found
        self.remedy = remedy
    }
}

extension SideFileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .disk(let error):
            error.description
        case .malformed(let fault):
            """
            \(fault.path), \(fault.place): expected \(fault.expected), found \(fault.found); \
            \(fault.remedy)
            """
        case .newerVersion(let path, let found, let supported):
            """
            \(path) has version \(found), this program knows versions up to \(supported); \
            run the program that wrote it, or a newer one
            """
        case .tooLarge(let path, let byteCount, let limit):
            """
            \(path) has \(byteCount) bytes, at most \(limit) are expected; \
            it is probably not the file its name says: move it away
            """
        case .locked(let path, let holder):
            """
            \(path) is locked by \(holder?.description ?? "a process that cannot be seen from here"); \
            stop it, or choose another data folder
            """
        }
    }
}
