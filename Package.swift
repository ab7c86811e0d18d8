// swift-tools-version: 6.2
import PackageDescription

/// One set of strict settings for every Swift target of the package.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let nio = "swift-nio"

let package = Package(
    name: "varve",
    products: [
        .executable(name: "varve", targets: ["varve"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    ],
    targets: [
        // The ground: system libraries and a few C intrinsics.
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CPlatform"),

        // The engine.
        .target(name: "Bytes", dependencies: ["CPlatform", "CLZ4"], swiftSettings: strict),
        .target(name: "Disk", dependencies: ["Bytes", "CPlatform"], swiftSettings: strict),
        .target(name: "LogStore", dependencies: ["Bytes", "CPlatform", "Disk"], swiftSettings: strict),

        // Beside it.
        .target(name: "Items", dependencies: ["Bytes"], swiftSettings: strict),
        .target(name: "Expressions", dependencies: ["Items"], swiftSettings: strict),
        .target(name: "LabClock", dependencies: ["Bytes", "LogStore"], swiftSettings: strict),
        .target(name: "PartiQL", dependencies: ["Expressions", "Items"], swiftSettings: strict),
        .target(name: "Encryption", dependencies: ["Bytes", "COpenSSL"], swiftSettings: strict),
        .target(name: "Compression", dependencies: ["CZlib", "CZstd"], swiftSettings: strict),

        // The front.
        .target(
            name: "HTTPFront",
            dependencies: [
                "CPlatform",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOPosix", package: nio),
                .product(name: "NIOHTTP1", package: nio),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .target(name: "IAM", swiftSettings: strict),
        .target(
            name: "AWSWire",
            dependencies: [
                "Bytes", "Encryption", "HTTPFront", "IAM", "LabClock",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOHTTP1", package: nio),
            ],
            swiftSettings: strict),

        // The services.
        .target(
            name: "S3",
            dependencies: [
                "AWSWire", "Bytes", "Encryption", "HTTPFront", "IAM", "LabClock", "LogStore",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOHTTP1", package: nio),
            ],
            swiftSettings: strict),

        .target(
            name: "DynamoDB",
            dependencies: [
                "AWSWire", "Bytes", "Compression", "Encryption", "Expressions", "HTTPFront", "IAM", "Items", "LabClock",
                "LogStore", "PartiQL",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOHTTP1", package: nio),
            ],
            swiftSettings: strict),

        // Composition.
        .target(
            name: "Daemon",
            dependencies: [
                "AWSWire", "Bytes", "CPlatform", "Disk", "DynamoDB", "Encryption", "HTTPFront", "IAM", "LabClock",
                "LogStore", "S3",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOHTTP1", package: nio),
                .product(name: "NIOPosix", package: nio),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "varve",
            dependencies: [
                "Daemon",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // What the wire layer costs; measured by hand.
        .executableTarget(
            name: "wirecost",
            dependencies: [
                "AWSWire", "IAM",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOHTTP1", package: nio),
            ],
            path: "Benchmarks/WireCost",
            swiftSettings: strict),

        // Our side of `scripts/bench engine`.
        .executableTarget(
            name: "enginebench", dependencies: ["LogStore", "Bytes", "Disk"], path: "Benchmarks/EngineBench",
            swiftSettings: strict),

        // The tests, one target a module, and the rules of the house.
        .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: strict),
        .testTarget(name: "DiskTests", dependencies: ["Disk", "Bytes"], swiftSettings: strict),
        .testTarget(name: "ItemsTests", dependencies: ["Items", "Bytes"], swiftSettings: strict),
        .testTarget(name: "ExpressionsTests", dependencies: ["Expressions", "Items", "Bytes"], swiftSettings: strict),
        .testTarget(name: "CompressionTests", dependencies: ["Compression", "Bytes"], swiftSettings: strict),
        .testTarget(
            name: "PartiQLTests", dependencies: ["PartiQL", "Bytes", "Expressions", "Items"], swiftSettings: strict),
        .testTarget(name: "EncryptionTests", dependencies: ["Encryption"], swiftSettings: strict),
        .testTarget(
            name: "LabClockTests", dependencies: ["LabClock", "LogStore", "Disk"], swiftSettings: strict),
        .testTarget(
            name: "LogStoreTests", dependencies: ["LogStore", "Bytes", "Disk"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "HTTPFrontTests",
            dependencies: [
                "HTTPFront",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOPosix", package: nio),
                .product(name: "NIOHTTP1", package: nio),
                .product(name: "NIOEmbedded", package: nio),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AWSWireTests",
            dependencies: [
                "AWSWire", "Bytes", "HTTPFront", "IAM", "Encryption", "LabClock",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOHTTP1", package: nio),
            ],
            exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "S3Tests",
            dependencies: [
                "S3", "Disk", "LogStore", "LabClock", "IAM", "AWSWire", "Bytes", "HTTPFront", "Encryption",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOEmbedded", package: nio),
                .product(name: "NIOHTTP1", package: nio),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DynamoDBTests",
            dependencies: [
                "DynamoDB", "Disk", "LogStore", "LabClock", "IAM", "AWSWire", "Bytes", "Compression", "Encryption",
                "Expressions", "HTTPFront", "Items",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOEmbedded", package: nio),
                .product(name: "NIOHTTP1", package: nio),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Daemon", "Disk", "DynamoDB", "HTTPFront", "IAM", "LabClock", "LogStore", "S3",
                .product(name: "NIOCore", package: nio),
                .product(name: "NIOHTTP1", package: nio),
                .product(name: "NIOPosix", package: nio),
            ],
            swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
