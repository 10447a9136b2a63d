import Histogram

/// How long single operations took, to three significant digits (HdrHistogram).
public struct Latencies: Sendable {
    private var histogram = Histogram<UInt64>(
        lowestDiscernibleValue: 100, highestTrackableValue: 600_000_000_000,
        numberOfSignificantValueDigits: .three)

    public init() {}

    mutating func record(nanoseconds: UInt64) { histogram.record(nanoseconds) }

    mutating func add(_ other: Latencies) { histogram.add(other.histogram) }

    /// How many operations were timed.
    public var count: Int { Int(histogram.totalCount) }

    /// The longest, in microseconds; 0 without any.
    public var maxMicroseconds: Double {
        count == 0 ? 0 : Double(histogram.max) / 1_000
    }

    /// So many per cent took at most this long, in microseconds; 0 without any.
    public func microseconds(percentile: Double) -> Double {
        count == 0
            ? 0 : min(Double(histogram.valueAtPercentile(percentile)) / 1_000, maxMicroseconds)
    }

    /// The percentiles that reports show.
    public static let percentiles: [Double] = [50, 90, 99, 99.9, 99.99]
}
