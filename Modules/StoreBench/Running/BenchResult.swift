/// What was measured of one case.
public struct CaseResult: Sendable {
    public let name: String
    public let kind: BenchCase.Kind
    /// The store's first.
    public var series: [Series]

    /// The rounds of one contender.
    public struct Series: Sendable {
        public let name: String
        public internal(set) var rounds: [Cost] = []
        public internal(set) var latencies = Latencies()
        public internal(set) var notes: [String] = []

        /// In bytes a second.
        public var throughput: Spread { Spread(rounds.map(\.bytesPerSecond)) }
        public var cpuSecondsPerGB: Spread { Spread(rounds.map(\.cpuSecondsPerGB)) }
        public var writeAmplification: Spread? {
            let known = rounds.compactMap(\.writeAmplification)
            return known.isEmpty ? nil : Spread(known)
        }
    }

    /// The store's throughput for one of the raw limit's, round against round; `nil` where nothing
    /// was measured without the store.
    public var ratios: [(limit: String, ratio: Spread)] {
        guard let store = series.first else { return [] }
        return series.dropFirst().compactMap { limit in
            let pairs = zip(store.rounds, limit.rounds)
                .map { $0.bytesPerSecond / max($1.bytesPerSecond, 1) }
            return pairs.isEmpty ? nil : (limit.name, Spread(pairs))
        }
    }
}

/// The median of some rounds, with the least and the most.
public struct Spread: Sendable, Equatable {
    public let median: Double
    public let least: Double
    public let most: Double

    public init(_ values: [Double]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else {
            (median, least, most) = (0, 0, 0)
            return
        }
        least = first
        most = last
        let middle = sorted.count / 2
        median =
            sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}

/// A whole measurement, with what must be known to judge it.
public struct BenchReport: Sendable {
    public internal(set) var cases: [CaseResult] = []
    public internal(set) var machine: Machine
    public internal(set) var settings: BenchSettings
    public internal(set) var notices: [String] = []
    public internal(set) var seconds = 0.0
}
