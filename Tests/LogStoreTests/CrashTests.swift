import Disk
import Foundation
import Testing

@testable import LogStore

/// The engine on a disk that loses what was not synced.
///
/// `VARVE_CRASH_SEEDS=n` runs so many seeds, `VARVE_SEED=n` a single one; `scripts/simulate` runs a night's worth.
@Suite struct CrashTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// How many chunks the seeds are cut into, so that they run side by side.
    private static let chunkCount: UInt64 = 4

    private static let seeds: ClosedRange<UInt64> = {
        if let text = environment["VARVE_SEED"], let seed = UInt64(text) { return seed...seed }
        return 1...(environment["VARVE_CRASH_SEEDS"].flatMap { UInt64($0) } ?? 200)
    }()

    @Test(arguments: 0..<chunkCount) func acknowledgedCommitsSurviveCrashes(chunk: UInt64) async throws {
        var probes = CrashProbes()
        for seed in Self.seeds where seed % Self.chunkCount == chunk {
            var run = CrashRun(seed: seed)
            do { try await run.run() } catch { Issue.record(error) }
            probes.add(run.seen)
        }
        // Fails when the runs no longer go where crashes hurt.
        if Self.seeds.count >= 200 { #expect(probes.fewest > 0, "\(probes)") }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>) func aRunIsAFunctionOfItsSeed(seed: UInt64) async throws {
        var first = CrashRun(seed: seed)
        var second = CrashRun(seed: seed)
        try await first.run()
        try await second.run()
        #expect(first.disk.traceHash == second.disk.traceHash)
    }
}

/// The checker is checked: with a step of a protocol left out it must find fault within some hundred seeds.
@Suite struct PlantedBugTests {
    private static let seedsMax: UInt64 = 300

    struct Plant: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var lie = LyingDisk.Lie()
        var bugs: PlantedBugs = []
    }

    static let plants = [
        Plant(testDescription: "acknowledge before the log is synced", lie: .init(fileSuffix: ".log")),
        Plant(testDescription: "skip the sync of the directory", lie: .init(skipsDirectory: true)),
        Plant(testDescription: "take bytes of an earlier use for new ones", bugs: .staleFramesAccepted),
        Plant(testDescription: "use segments again before the manifest lets go", bugs: .earlyRecycling),
        Plant(testDescription: "commit before the content is synced", lie: .init(fileSuffix: ".ext")),
        Plant(
            testDescription: "do not sync what recovery accepts", lie: .init(fileSuffix: ".log", onlyWhileOpening: true)
        ),
        Plant(testDescription: "use a file number again", bugs: .numbersReused),
        Plant(testDescription: "name a table before it is synced", lie: .init(fileSuffix: ".tab")),
        Plant(testDescription: "go on before the manifest is synced", lie: .init(fileSuffix: ".man")),
    ]

    @Test(arguments: plants) func aPlantedBugIsFound(plant: Plant) async throws {
        var foundAt: UInt64?
        for seed in 1...Self.seedsMax where foundAt == nil {
            var run = CrashRun(seed: seed, lie: plant.lie, bugs: plant.bugs)
            do { try await run.run() } catch is Violation { foundAt = seed }
        }
        #expect(foundAt != nil, "nothing was found in \(Self.seedsMax) seeds")
    }
}
