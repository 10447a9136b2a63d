import Vocabulary

/// One line of what happened on a simulated disk, in order.
public struct DiskTraceEntry: Sendable, Hashable, CustomStringConvertible {
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

    public let phase: Phase
    /// The operation's name, or the remark.
    public let operation: String
    public let path: String
    /// What a write or read covers.
    public let range: Range<FilePosition>?
    public let failed: Bool

    public var description: String {
        var text = "\(phase.rawValue) \(operation)"
        if !path.isEmpty { text += " \(path)" }
        if let range { text += " \(range.lowerBound)..<\(range.upperBound)" }
        return failed ? text + " failed" : text
    }
}
