/// How a folder is checked.
public struct VerifyOptions: Sendable, Hashable {
    /// A broker uses the folder: what may be moving is a notice, not damage.
    public var isLive = false
    /// The most bytes that a batch may decompress to.
    public var decompressedLimit = 128 << 20
    /// How many findings are kept of one file; more are counted.
    public var findingLimit = 100

    public init() {}
}
