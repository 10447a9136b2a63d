/// A file operation that the system refused: which one, where, and its errno.
public struct DiskError: Error, Sendable, Hashable {
    /// What was tried, such as `write` or `sync`.
    public let operation: String
    /// The file or folder it was tried on.
    public let path: String
    /// The system's error number, errno(3).
    public let code: Int32

    public init(operation: String, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// ENOSPC or EDQUOT: may pass when something else is deleted.
    public var isOutOfSpace: Bool { code == Self.noSpace || code == Self.quotaExceeded }
    /// ENOENT: there is no such file or folder.
    public var isMissing: Bool { code == Self.noSuchEntry }
    /// `.readResident` would have had to wait for the device.
    public var wouldWait: Bool { code == Self.tryAgain }

    // The numbers of Linux, errno(3): this module imports no C library.
    /// ENOENT.
    public static let noSuchEntry: Int32 = 2
    /// EAGAIN.
    public static let tryAgain: Int32 = 11
    /// EIO.
    public static let inputOutput: Int32 = 5
    /// EINVAL.
    public static let invalid: Int32 = 22
    /// EEXIST.
    public static let exists: Int32 = 17
    /// ENOSPC.
    public static let noSpace: Int32 = 28
    /// EROFS.
    public static let readOnlyFileSystem: Int32 = 30
    /// EDQUOT.
    public static let quotaExceeded: Int32 = 122
}

extension DiskError: CustomStringConvertible {
    public var description: String {
        "\(operation) of \(path) failed: \(reason)"
    }

    private var reason: String {
        switch code {
        case 1, 13: "permission denied; check the owner and mode of the file and its folders"
        case Self.noSuchEntry: "no such file or folder"
        case Self.inputOutput: "input/output error; the device or its file system is failing"
        case Self.exists: "it exists already"
        case 24: "too many open files; raise the limit of open files (ulimit -n)"
        case Self.noSpace: "no space left on the device; free some or add more"
        case Self.readOnlyFileSystem: "the file system is mounted read-only"
        case Self.quotaExceeded: "the disk quota is used up"
        default: "errno \(code)"
        }
    }
}
