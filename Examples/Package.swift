// swift-tools-version: 6.2
import PackageDescription

// Programs that keep their data in a segment store. They see what any other package sees: the one
// product `SegmentStore`. Without the trait `Broker` nothing but this repository is resolved.

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .swiftLanguageMode(.v6)]
let segmentStore: Target.Dependency = .product(name: "SegmentStore", package: "millrace")

let package = Package(
    name: "millrace-examples",
    dependencies: [.package(name: "millrace", path: "..", traits: [])],
    targets: [
        .executableTarget(
            name: "ledger", dependencies: [segmentStore, "Scratch"], path: "Ledger",
            swiftSettings: strict),
        .executableTarget(
            name: "work-queue", dependencies: [segmentStore, "Scratch"], path: "WorkQueue",
            swiftSettings: strict),
        // Not an example: counts what calls of the store cost, against checked-in limits.
        .executableTarget(
            name: "costs", dependencies: [segmentStore, "Scratch", "CountedAllocations"],
            path: "Costs", exclude: ["thresholds.txt"], swiftSettings: strict),
        .target(name: "CountedAllocations", path: "CountedAllocations"),
        .target(name: "Scratch", path: "Scratch", swiftSettings: strict),
    ]
)
