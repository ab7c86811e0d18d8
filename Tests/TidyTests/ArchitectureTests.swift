import Testing

/// The house stands: dependencies point down, along edges that were decided on.
struct ArchitectureTests {
    /// The layers from the ground up. A target depends on lower layers only.
    private static let layers: [Set<String>] = [
        ["CLZ4", "COpenSSL", "CPlatform", "CZlib", "CZstd"],
        ["Bytes"],
        ["Compression", "Disk", "Encryption", "Items", "IAM"],
        ["LogStore", "HTTPFront", "Expressions"],
        ["LabClock"],
        ["AWSWire", "PartiQL"],
        ["DynamoDB", "S3", "enginebench", "wirecost"],
        ["Daemon"],
        ["varve"],
    ]

    private struct Edges {
        var targets: Set<String> = []
        var products: Set<String> = []
    }

    /// What each target may depend on. A new target or edge is a decision about the design: make it there, then here.
    private static let allowed: [String: Edges] = [
        "CLZ4": Edges(),
        "COpenSSL": Edges(),
        "CPlatform": Edges(),
        "CZlib": Edges(),
        "CZstd": Edges(),
        "Bytes": Edges(targets: ["CPlatform", "CLZ4"]),
        "Disk": Edges(targets: ["Bytes", "CPlatform"]),
        "LabClock": Edges(targets: ["Bytes", "LogStore"]),
        "IAM": Edges(targets: ["Bytes"]),
        "Compression": Edges(targets: ["CZlib", "CZstd"]),
        "Encryption": Edges(targets: ["Bytes", "COpenSSL"]),
        "Items": Edges(targets: ["Bytes"]),
        "Expressions": Edges(targets: ["Items"]),
        "PartiQL": Edges(targets: ["Expressions", "Items"]),
        "LogStore": Edges(targets: ["Bytes", "CPlatform", "Disk"]),
        "HTTPFront": Edges(
            targets: ["Bytes", "CPlatform"], products: ["Logging", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL"]),
        "AWSWire": Edges(
            targets: ["Bytes", "Encryption", "HTTPFront", "IAM", "LabClock"], products: ["NIOCore", "NIOHTTP1"]),
        "S3": Edges(
            targets: ["AWSWire", "Bytes", "Encryption", "HTTPFront", "IAM", "LabClock", "LogStore"],
            products: ["NIOCore", "NIOHTTP1"]),
        "DynamoDB": Edges(
            targets: [
                "AWSWire", "Bytes", "Compression", "Encryption", "Expressions", "HTTPFront", "IAM", "Items", "LabClock",
                "LogStore", "PartiQL",
            ],
            products: ["NIOCore", "NIOHTTP1"]),
        "Daemon": Edges(
            targets: [
                "AWSWire", "Bytes", "CPlatform", "Disk", "DynamoDB", "Encryption", "HTTPFront", "IAM", "LabClock",
                "LogStore", "S3",
            ],
            products: ["Logging", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "TOMLKit"]),
        // Measurements: one run by `scripts/bench engine`, one by hand.
        "enginebench": Edges(targets: ["Bytes", "Disk", "LogStore"]),
        "wirecost": Edges(targets: ["AWSWire", "IAM"], products: ["NIOCore", "NIOHTTP1"]),
        "varve": Edges(targets: ["Daemon"], products: ["ArgumentParser"]),
    ]

    private static let targets = Manifest(Repository.text("Package.swift") ?? "").targets

    @Test func dependenciesAreTheOnesDecidedOn() {
        let own = Self.targets.filter { $0.kind != "testTarget" }
        #expect(own.count >= 14, "the manifest could not be read")
        for target in own {
            guard let allowed = Self.allowed[target.name] else {
                Issue.record("\(target.name) has no place in the house: decide its layer and edges in this test")
                continue
            }
            for edge in target.targets.subtracting(allowed.targets).sorted() {
                Issue.record("\(target.name) may not depend on \(edge): pass in what it needs, or move the code down")
            }
            for edge in target.products.subtracting(allowed.products).sorted() {
                Issue.record("\(target.name) may not depend on the product \(edge)")
            }
        }
    }

    @Test func decidedDependenciesPointDown() {
        var layerOf: [String: Int] = [:]
        for (index, layer) in Self.layers.enumerated() {
            for name in layer { layerOf[name] = index }
        }
        #expect(Set(layerOf.keys) == Set(Self.allowed.keys))
        for (name, edges) in Self.allowed {
            for edge in edges.targets where (layerOf[edge] ?? .max) >= (layerOf[name] ?? 0) {
                Issue.record("\(name) on \(edge) points up or sideways")
            }
        }
    }

    /// Targets without tests of their own, and why.
    private static let untested = [
        "CLZ4": "a module map",
        "COpenSSL": "a module map",
        "CZlib": "a module map",
        "CZstd": "a module map",
        "CPlatform": "tested through Bytes and Disk, which wrap all of it",
        "IAM": "a table of identities, used in every test of AWSWire",
        "varve": "the commands only parse and call Daemon",
    ]

    @Test func everyTargetHasTests() {
        for name in Repository.directories(in: "Sources") where Self.untested[name] == nil {
            let tests = Repository.swiftTests.filter { $0.path.hasPrefix("Tests/\(name)Tests/") }
            let hasTest = tests.contains { $0.codeLines.contains { $0.contains("@Test") } }
            if !hasTest { Issue.record("\(name) has no tests: fill Tests/\(name)Tests, or give a reason in this test") }
        }
        for name in Self.untested.keys where !Repository.directories(in: "Sources").contains(name) {
            Issue.record("\(name) is excepted but does not exist")
        }
    }

    /// The semantics of a service know nothing of HTTP: only its wire folder does, and the tables generated for it.
    @Test func onlyTheWireKnowsHTTP() {
        let wire = ["NIOHTTP1", "HTTPFront", "AWSWire"]
        for source in Repository.swiftSources {
            guard let service = ["S3", "DynamoDB"].first(where: { source.path.hasPrefix("Sources/\($0)/") }) else {
                continue
            }
            let edges = ["Wire", "Generated"].map { "Sources/\(service)/\($0)/" }
            if edges.contains(where: { source.path.hasPrefix($0) }) { continue }
            for (index, line) in source.codeLines.enumerated() {
                for module in wire where line.contains("import \(module)") {
                    Issue.record("\(source.path):\(index + 1): semantics import \(module): move it to Sources/S3/Wire")
                }
            }
        }
    }

    @Test func theManifestReaderReads() {
        let manifest = Manifest(
            """
            // .target(name: "Ghost", dependencies: ["Up"]),
            .target(name: "A", dependencies: ["B", .product(name: "P", package: "q"), "C"], swiftSettings: s),
            .systemLibrary(name: "B", pkgConfig: "lib"),
            .testTarget(name: "ATests", dependencies: ["A"]),
            """)
        #expect(
            manifest.targets == [
                .init(kind: "target", name: "A", targets: ["B", "C"], products: ["P"]),
                .init(kind: "testTarget", name: "ATests", targets: ["A"], products: []),
                .init(kind: "systemLibrary", name: "B", targets: [], products: []),
            ])
    }
}
