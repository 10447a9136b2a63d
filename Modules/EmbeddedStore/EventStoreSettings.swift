import SegmentStore

/// How a store is kept. Sizes are in bytes.
public struct EventStoreSettings: Sendable, Hashable {
    /// How the logs are kept for which `EventStore.log` is given no settings of their own.
    public var log = LogSettings()
    /// What the store's thread may use.
    public var store = StoreSettings()
    /// How many bytes of appends may be under way, in memory and not acknowledged: an append beyond
    /// waits before it begins.
    public var appendBytesInFlight = 64 << 20
    /// Whether the checksum of every batch is verified when it is read.
    public var verifiesChecksums = true

    public init() {}
}
