// swift-tools-version: 6.2
import PackageDescription

// The engine by itself, for builds that the whole product does not need: under sanitizers, for the fuzzer (which also
// feeds what reads clients' texts), and in release for the simulator. Its directories are links to the product's own.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

var targets: [Target] = [
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4"),
    .target(name: "CPlatform"),
    .target(name: "Bytes", dependencies: ["CPlatform", "CLZ4"], swiftSettings: strict),
    .target(name: "Disk", dependencies: ["Bytes", "CPlatform"], swiftSettings: strict),
    .target(name: "LogStore", dependencies: ["Bytes", "CPlatform", "Disk"], swiftSettings: strict),
    .testTarget(name: "DiskTests", dependencies: ["Disk", "Bytes"], path: "DiskTests", swiftSettings: strict),
    .testTarget(
        name: "LogStoreTests", dependencies: ["LogStore", "Bytes", "Disk"], path: "LogStoreTests",
        exclude: ["Fixtures"], swiftSettings: strict),
]
// Links with libFuzzer only.
if Context.environment["VARVE_FUZZ"] != nil {
    targets += [
        .target(name: "Items", dependencies: ["Bytes"], swiftSettings: strict),
        .target(name: "Expressions", dependencies: ["Items"], swiftSettings: strict),
        .target(name: "PartiQL", dependencies: ["Expressions", "Items"], swiftSettings: strict),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
        .target(name: "Compression", dependencies: ["CZlib", "CZstd"], swiftSettings: strict),
        .target(name: "Encryption", dependencies: ["Bytes", "COpenSSL"], swiftSettings: strict),
        .target(name: "LabClock", dependencies: ["Bytes", "LogStore"], swiftSettings: strict),
        .target(
            name: "DynamoDB",
            dependencies: [
                "Bytes", "Compression", "Encryption", "Expressions", "Items", "LabClock", "LogStore", "PartiQL",
            ],
            exclude: ["Wire"], swiftSettings: strict),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "LogStore", "Bytes", "Disk", "Items", "Expressions", "PartiQL", "DynamoDB", "Encryption", "LabClock",
            ],
            path: "Fuzz", swiftSettings: strict),
    ]
}

let package = Package(name: "engine", targets: targets)
