import Vocabulary

/// Counts the connections of the broker, all loops together, against `max.connections` and
/// `max.connections.per.ip`.
///
/// Callable from any thread.
final class ConnectionCensus: Sendable {
    private struct Counts {
        var addresses: [UInt64: String] = [:]
        var perAddress: [String: Int] = [:]
        var nextID: UInt64 = 0
    }

    /// Why a connection is not let in.
    enum Refusal: Error, Equatable {
        case tooMany(limit: Int)
        case tooManyFromAddress(String, limit: Int)
    }

    private let maxConnections: Int
    private let maxPerAddress: Int
    private let counts = Lock(Counts())

    init(limits: TransportLimits) {
        self.maxConnections = limits.maxConnections
        self.maxPerAddress = limits.maxConnectionsPerAddress
    }

    var count: Int { counts.withLock { $0.addresses.count } }

    /// Counts a connection in and names it.
    func enter(from address: String) throws(Refusal) -> UInt64 {
        try counts.withLock { counts throws(Refusal) in
            guard counts.addresses.count < maxConnections else {
                throw .tooMany(limit: maxConnections)
            }
            let there = counts.perAddress[address, default: 0]
            guard there < maxPerAddress else {
                throw .tooManyFromAddress(address, limit: maxPerAddress)
            }
            counts.perAddress[address] = there + 1
            counts.nextID += 1
            counts.addresses[counts.nextID] = address
            return counts.nextID
        }
    }

    /// Counts a connection out; once or more.
    func left(_ id: UInt64) {
        counts.withLock { counts in
            guard let address = counts.addresses.removeValue(forKey: id) else { return }
            guard let there = counts.perAddress[address], there > 1 else {
                counts.perAddress[address] = nil
                return
            }
            counts.perAddress[address] = there - 1
        }
    }
}

extension ConnectionCensus.Refusal: CustomStringConvertible {
    var description: String {
        switch self {
        case .tooMany(let limit): "max.connections = \(limit) are open"
        case .tooManyFromAddress(let address, let limit):
            "max.connections.per.ip = \(limit) are open from \(address)"
        }
    }
}
