/// How a simulated disk behaves.
public struct SimulatedDiskSettings: Sendable, Hashable {
    /// Bytes that fit; `nil` is a terabyte. A write that does not fit is cut short with ENOSPC.
    public var capacity: Int?
    /// Whether submitted operations take effect and complete late and in another order, by the
    /// seed. Otherwise they take effect at once and complete at the next drain, in order.
    public var reorders: Bool
    /// Whether `trace` is kept.
    public var traces: Bool

    public init(capacity: Int? = nil, reorders: Bool = true, traces: Bool = true) {
        self.capacity = capacity
        self.reorders = reorders
        self.traces = traces
    }
}
