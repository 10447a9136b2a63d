// swift-tools-version: 6.2
import PackageDescription

// Micro-benchmarks of the store, for time. Allocations and system calls are counted by
// Examples/check: the benchmark package does not see them without jemalloc, which its traits hold.

let package = Package(
    name: "millrace-benchmarks",
    dependencies: [
        .package(name: "millrace", path: "..", traits: []),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "Store",
            dependencies: [
                .product(name: "SegmentStore", package: "millrace"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Store",
            swiftSettings: [.treatAllWarnings(as: .error)],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ]
)
