import Benchmark
import EmbeddedStore

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = Benchmark.Configuration(
        metrics: [.wallClock, .cpuTotal], warmupIterations: 3, maxDuration: .seconds(2),
        maxIterations: 200)
    appendBenchmarks()
    readBenchmarks()
    byteBenchmarks()
    codecBenchmarks()
}

extension Benchmark.Configuration {
    /// For calls that take microseconds or less: a sample is a thousand of them.
    static var thousand: Benchmark.Configuration {
        var configuration = Benchmark.defaultConfiguration
        configuration.scalingFactor = .kilo
        return configuration
    }
}
