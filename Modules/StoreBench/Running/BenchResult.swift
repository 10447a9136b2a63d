/// What was measured of one case.
public struct CaseResult: Sendable {
    /// The case's, such as `append 1 MiB sync, 1 log, 8 in flight`.
    public let name: String
    /// Groups the cases of a report.
    public let kind: BenchCase.Kind
    /// The store's first.
    public var series: [Series]

    /// The rounds of one contender.
    public struct Series: Sendable {
        /// Who did the work: `store`, or a way without it such as `raw buffered`.
        public let name: String
        /// In the order of measuring; the round that does not count is left out.
        public internal(set) var rounds: [Cost] = []
        /// Of all rounds that count.
        public internal(set) var latencies = Latencies()
        /// What the last round told besides its cost, one sentence each.
        public internal(set) var notes: [String] = []

        /// In bytes a second.
        public var throughput: Spread { Spread(rounds.map(\.bytesPerSecond)) }
        /// Seconds of processor time for a GB of 10⁹ bytes.
        public var cpuSecondsPerGB: Spread { Spread(rounds.map(\.cpuSecondsPerGB)) }
        /// Bytes on the device for each byte appended; `nil` where no round knows it.
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
    /// Of an even number of rounds, the mean of the two in the middle; 0 without any.
    public let median: Double
    /// The smallest; 0 without any.
    public let least: Double
    /// The largest; 0 without any.
    public let most: Double

    /// Sorts the values; they come in any order and may be none.
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
    /// In the order of measuring.
    public internal(set) var cases: [CaseResult] = []
    /// Where it was measured, as it was at the start.
    public internal(set) var machine: Machine
    /// What was asked for.
    public internal(set) var settings: BenchSettings
    /// What the user should know of the place, such as that it is in memory.
    public internal(set) var notices: [String] = []
    /// How long the whole measurement took.
    public internal(set) var seconds = 0.0
}
