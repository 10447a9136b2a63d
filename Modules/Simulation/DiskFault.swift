import Disk

/// A failure to come, once: the first matching operation after `skipping` others fails.
///
/// A failed sync leaves the pages it covered clean, as Linux does: a later sync succeeds without
/// making them durable. A failed write may have written a part.
public struct DiskFault: Sendable, Hashable {
    /// The operation's name, such as `sync` or `write` (`Operation.name`).
    public let operation: String
    /// Matches paths that contain it; `nil` matches all.
    public let pathPart: String?
    /// An errno.
    public let code: Int32
    /// Matching operations to let pass first.
    public var skipping: Int

    public init(
        _ operation: String, pathPart: String? = nil, code: Int32 = DiskError.inputOutput,
        skipping: Int = 0
    ) {
        self.operation = operation
        self.pathPart = pathPart
        self.code = code
        self.skipping = skipping
    }

    func matches(_ name: String, _ path: String) -> Bool {
        guard name == operation else { return false }
        guard let pathPart else { return true }
        return path.contains(pathPart)
    }
}
