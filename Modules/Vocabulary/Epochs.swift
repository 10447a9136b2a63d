/// Counts the leaders a partition has had; a batch carries the epoch of the leader that took it.
@frozen
public struct LeaderEpoch: Quantity {
    public let rawValue: Int32

    @inlinable
    public init(_ rawValue: Int32) { self.rawValue = rawValue }

    /// The epoch of a partition's first leader.
    public static let zero = LeaderEpoch(0)

    /// The epoch that follows. The last there is, 2^31 − 1, is followed by itself.
    @inlinable
    public var next: LeaderEpoch {
        rawValue == .max ? self : LeaderEpoch(rawValue + 1)
    }
}

/// Counts the lives of one producer id: a producer with a lower epoch has been fenced.
@frozen
public struct ProducerEpoch: Quantity {
    public let rawValue: Int16

    @inlinable
    public init(_ rawValue: Int16) { self.rawValue = rawValue }

    /// The epoch of a producer id's first life.
    public static let zero = ProducerEpoch(0)
}
