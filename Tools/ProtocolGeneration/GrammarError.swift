/// A mistake in a file of the message grammar, with the place where it was found.
public struct GrammarError: Error, Equatable, CustomStringConvertible {
    public let file: String
    /// Counted from 1; 0 when the mistake concerns the file as a whole.
    public let line: Int
    public let reason: String

    public init(file: String, line: Int, reason: String) {
        self.file = file
        self.line = line
        self.reason = reason
    }

    public var description: String { "\(file):\(line): \(reason)" }
}
