import Vocabulary

/// What a dump shows, and how.
public struct DumpOptions: Sendable, Hashable {
    /// How a dump is written.
    public enum Format: String, Sendable, CaseIterable {
        /// Lines for people, in the words of Kafka's dump tool.
        case text
        /// One JSON object a line.
        case json
    }

    /// Text by default.
    public var format = Format.text
    /// Only what has an offset from here on, …
    public var from: Offset?
    /// … and below.
    public var to: Offset?
    /// Whether the records of each batch are shown.
    public var showsRecords = true
    /// How many bytes of each key and value are shown; `nil` for none.
    public var contentLimit: Int? = 128
    /// The most bytes that a batch may decompress to.
    public var decompressedLimit = 128 << 20

    public init() {}

    /// Whether anything from `first` to `last` is wanted.
    func wants(_ first: Offset, _ last: Offset) -> Bool {
        (from.map { last >= $0 } ?? true) && (to.map { first < $0 } ?? true)
    }
}
