/// Which rare paths runs have taken.
struct SimulationProbes {
    var powerCuts = 0
    var kills = 0
    var closes = 0
    var poisonings = 0
    var unknownOutcomes = 0
    var refusals = 0
    var waits = 0
    var retriedTransactions = 0
    var fencedTransactions = 0
    var snapshotsOutlived = 0
    var severalFrozenSets = 0
    var segmentRolls = 0
    var recycledSegments = 0
    var manifestRolls = 0
    var flushes = 0
    var flushesInRecovery = 0
    var compactions = 0
    var deepLevels = 0
    var cleanings = 0
    var unlinks = 0
    var interruptedRecoveries = 0
    var nestedInterruptions = 0
    var unacknowledgedSurvivals = 0
    var losses = 0
    var damages = 0

    static let all: [(name: String, path: any WritableKeyPath<SimulationProbes, Int> & Sendable)] = [
        ("power cuts", \.powerCuts), ("kills", \.kills), ("closes", \.closes), ("poisonings", \.poisonings),
        ("unknown outcomes", \.unknownOutcomes), ("refusals for space", \.refusals), ("waits for room", \.waits),
        ("retried transactions", \.retriedTransactions),
        ("fenced transactions", \.fencedTransactions), ("snapshots outlived", \.snapshotsOutlived),
        ("several frozen sets", \.severalFrozenSets), ("segment rolls", \.segmentRolls),
        ("recycled segments", \.recycledSegments), ("manifest rolls", \.manifestRolls), ("flushes", \.flushes),
        ("flushes in recovery", \.flushesInRecovery), ("compactions", \.compactions), ("deep levels", \.deepLevels),
        ("cleanings", \.cleanings),
        ("unlinks", \.unlinks), ("interrupted recoveries", \.interruptedRecoveries),
        ("nested interruptions", \.nestedInterruptions), ("unacknowledged survivals", \.unacknowledgedSurvivals),
        ("losses", \.losses), ("damages noticed", \.damages),
    ]

    mutating func add(_ other: SimulationProbes) {
        for (_, path) in Self.all { self[keyPath: path] += other[keyPath: path] }
    }

    /// Those never taken.
    var missing: [String] { Self.all.filter { self[keyPath: $0.path] == 0 }.map(\.name) }
}
