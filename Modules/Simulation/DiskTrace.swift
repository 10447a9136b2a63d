import Vocabulary

/// One line of what happened on a simulated disk, in order.
public struct DiskTraceEntry: Sendable, Hashable, CustomStringConvertible {
    /// A stage in the life of an operation.
    public enum Phase: String, Sendable {
        /// Handed over by `submit`.
        case submitted
        /// Took effect; for `perform` this is all there is.
        case effective
        /// Its completion was drained.
        case completed
        /// A remark of the test's own, such as an acknowledgement; see `SimulatedDisk.note`.
        case note
    }

    /// What happened to the operation.
    public let phase: Phase
    /// The operation's name, or the remark.
    public let operation: String
    /// The file or folder; empty where there is none.
    public let path: String
    /// What a write or read covers.
    public let range: Range<FilePosition>?
    /// Whether the operation was refused, by a `DiskFault` or on its own account.
    public let failed: Bool

    public var description: String {
        var text = "\(phase.rawValue) \(operation)"
        if !path.isEmpty { text += " \(path)" }
        if let range { text += " \(range.lowerBound)..<\(range.upperBound)" }
        return failed ? text + " failed" : text
    }
}
