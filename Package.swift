// swift-tools-version: 6.2
import PackageDescription

// The targets stand in the order of the architecture, bottom first: an arrow never points up.

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .swiftLanguageMode(.v6)]

func module(
    _ name: String, uses: [Target.Dependency] = [], excluding: [String] = []
) -> Target {
    .target(
        name: name, dependencies: uses, path: "Modules/\(name)", exclude: excluding,
        swiftSettings: strict)
}

func tests(_ name: String, uses: [Target.Dependency], data: [Resource] = []) -> Target {
    .testTarget(
        name: name, dependencies: uses, path: "Tests/\(name)", resources: data,
        swiftSettings: strict)
}

func systemLibrary(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(
        name: name, path: "Modules/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// What only the broker and the tools need. A package that depends on this one with `traits: []`
/// gets `SegmentStore` and `IORing`, and resolves none of these.
func brokerOnly(_ product: String, from package: String) -> Target.Dependency {
    .product(name: product, package: package, condition: .when(traits: ["Broker"]))
}

let nioCore = brokerOnly("NIOCore", from: "swift-nio")
let nioPosix = brokerOnly("NIOPosix", from: "swift-nio")
let nioEmbedded = brokerOnly("NIOEmbedded", from: "swift-nio")
let logging = brokerOnly("Logging", from: "swift-log")
let lifecycle = brokerOnly("ServiceLifecycle", from: "swift-service-lifecycle")
let argumentParser = brokerOnly("ArgumentParser", from: "swift-argument-parser")
let histogram = brokerOnly("Histogram", from: "hdrhistogram-swift")

let package = Package(
    name: "millrace",
    products: [
        // The storage engine for other programs: `import EmbeddedStore` is all they need.
        .library(
            name: "SegmentStore",
            targets: [
                "EmbeddedStore", "SegmentStore", "Records", "Compression", "LinuxDisk", "Disk",
                "Vocabulary",
            ]),
        .library(name: "IORing", targets: ["IORing"]),
        .executable(name: "millrace-broker", targets: ["millrace-broker"]),
        .executable(name: "millrace", targets: ["millrace"]),
    ],
    traits: [
        .trait(name: "Broker", description: "Whatever stands on SwiftNIO, and the commands"),
        .default(enabledTraits: ["Broker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C: the kernel's interfaces and the system's libraries.
        .target(
            name: "CLinux", path: "Modules/CLinux", linkerSettings: [.linkedLibrary("uring")]),
        systemLibrary("CISAL", pkgConfig: "libisal", apt: "libisal-dev"),
        systemLibrary("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
        systemLibrary("CLZ4", pkgConfig: "liblz4", apt: "liblz4-dev"),
        systemLibrary("CSnappy", pkgConfig: "snappy", apt: "libsnappy-dev"),
        systemLibrary("CDeflate", pkgConfig: "libdeflate", apt: "libdeflate-dev"),

        // Words.
        module("Vocabulary"),

        // Seam.
        module("Disk", uses: ["Vocabulary"]),

        // Hands.
        module("IORing", uses: ["CLinux"]),
        module("LinuxDisk", uses: ["Vocabulary", "Disk", "IORing", "CLinux"]),
        module("Simulation", uses: ["Vocabulary", "Disk"]),

        // Bytes.
        module("Compression", uses: ["Vocabulary", "CZstd", "CLZ4", "CSnappy", "CDeflate"]),
        module("Records", uses: ["Vocabulary", "Compression", "CISAL"]),
        module("KafkaProtocol", uses: ["Vocabulary", nioCore], excluding: ["Messages"]),

        // Engine.
        module("SegmentStore", uses: ["Vocabulary", "Disk", "Compression", "Records"]),

        // The engine for other programs, async, on a thread of its own.
        .target(
            name: "EmbeddedStore",
            dependencies: [
                "Vocabulary", "Disk", "IORing", "LinuxDisk", "CLinux", "Compression", "Records",
                "SegmentStore",
            ],
            path: "Modules/EmbeddedStore",
            // An async call runs where its caller runs, until it hops to the store's thread.
            swiftSettings: strict + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]),

        // Minds.
        module(
            "Metadata",
            uses: ["Vocabulary", "Disk", "Compression", "Records", "SegmentStore"]),

        // Inspection: what the command-line tool shows of files.
        module("JSONText"),
        module(
            "LogInspection",
            uses: [
                "Vocabulary", "Disk", "Compression", "Records", "SegmentStore", "Metadata",
                "JSONText",
            ]),
        module(
            "StoreBench",
            uses: [
                "Vocabulary", "Disk", "IORing", "LinuxDisk", "CLinux", "Compression", "Records",
                "SegmentStore", "JSONText", histogram,
            ]),

        // Body.
        module(
            "Broker",
            uses: [
                "Vocabulary", "Disk", "IORing", "LinuxDisk", "Compression", "Records",
                "KafkaProtocol", "SegmentStore", "Metadata", nioCore, nioPosix, logging, lifecycle,
            ]),

        // Tools.
        .executableTarget(
            name: "millrace-broker",
            dependencies: ["Broker", "Vocabulary", logging, lifecycle, argumentParser],
            path: "Tools/millrace-broker", swiftSettings: strict),
        .executableTarget(
            name: "millrace",
            dependencies: [
                "Vocabulary", "Disk", "LinuxDisk", "SegmentStore", "JSONText", "LogInspection",
                "StoreBench", argumentParser,
            ],
            path: "Tools/millrace", swiftSettings: strict),
        .executableTarget(
            name: "journal-bench",
            dependencies: ["Vocabulary", "Disk", "LinuxDisk", "Records", "SegmentStore"],
            path: "Tools/journal-bench", swiftSettings: strict),
        .target(
            name: "ProtocolGeneration", path: "Tools/ProtocolGeneration", swiftSettings: strict),
        .executableTarget(
            name: "seek-benchmark",
            dependencies: [
                "Vocabulary", "Disk", "LinuxDisk", "Records", "SegmentStore", argumentParser,
            ],
            path: "Tools/seek-benchmark", swiftSettings: strict),
        .executableTarget(
            name: "protocol-generator", dependencies: ["ProtocolGeneration", argumentParser],
            path: "Tools/protocol-generator", swiftSettings: strict),

        .target(
            name: "StoreSimulation",
            dependencies: [
                "Vocabulary", "Disk", "Simulation", "Compression", "Records", "SegmentStore",
            ],
            path: "Tools/StoreSimulation", swiftSettings: strict),
        .executableTarget(
            name: "simulator", dependencies: ["StoreSimulation", argumentParser],
            path: "Tools/simulator", swiftSettings: strict),

        // Tests.
        .target(
            name: "TestData", dependencies: ["Vocabulary"], path: "Tests/TestData",
            swiftSettings: strict),
        tests("VocabularyTests", uses: ["Vocabulary"]),
        tests("IORingTests", uses: ["IORing", "CLinux"]),
        tests("DiskTests", uses: ["Disk", "IORing", "LinuxDisk", "Simulation", "Vocabulary"]),
        tests("CompressionTests", uses: ["Compression", "Vocabulary"]),
        tests("RecordsTests", uses: ["Records", "Compression", "Vocabulary", "TestData"]),
        tests(
            "KafkaProtocolTests",
            uses: ["KafkaProtocol", "ProtocolGeneration", "Vocabulary", nioCore]),
        tests(
            "SegmentStoreTests",
            uses: [
                "SegmentStore", "Records", "Compression", "Disk", "LinuxDisk", "Simulation",
                "Vocabulary", "TestData",
            ]),
        tests(
            "EmbeddedStoreTests",
            uses: [
                "EmbeddedStore", "SegmentStore", "Disk", "LinuxDisk", "Simulation", "Vocabulary",
                "TestData",
            ]),
        tests("StoreSimulationTests", uses: ["StoreSimulation"]),
        tests(
            "MetadataTests",
            uses: [
                "Metadata", "SegmentStore", "Disk", "Simulation", "LinuxDisk", "Vocabulary",
                "TestData",
            ]),
        tests("JSONTextTests", uses: ["JSONText"]),
        tests(
            "LogInspectionTests",
            uses: [
                "LogInspection", "JSONText", "SegmentStore", "Metadata", "Records", "Compression",
                "Disk", "LinuxDisk", "Simulation", "Vocabulary", "TestData",
            ]),
        tests("StoreBenchTests", uses: ["StoreBench", "JSONText", "SegmentStore", "TestData"]),
        tests(
            "BrokerTests",
            uses: [
                "Broker", "KafkaProtocol", "Records", "Compression", "SegmentStore", "Metadata",
                "Disk", "IORing", "LinuxDisk", "Simulation", "Vocabulary", "TestData", nioCore,
                nioPosix, nioEmbedded, logging,
            ]),
    ]
)
