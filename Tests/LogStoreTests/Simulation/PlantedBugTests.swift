import Disk
import Testing

@testable import LogStore

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
        Plant(testDescription: "rename CURRENT before it is synced", lie: .init(fileSuffix: "CURRENT.new")),
        Plant(testDescription: "commit without looking at what was committed since", bugs: .readsNotValidated),
        Plant(testDescription: "leave a segment without syncing it", bugs: .segmentsNotSynced),
        Plant(testDescription: "drop deletes above a deeper level", bugs: .deletesDropped),
        Plant(testDescription: "write tables without range deletes", bugs: .rangeDeletesLost),
        Plant(testDescription: "show readers what is not on disk", bugs: .publishedEarly),
    ]

    @Test(arguments: plants) func aPlantedBugIsFound(plant: Plant) async throws {
        var foundAt: UInt64?
        for seed in 1...Self.seedsMax where foundAt == nil {
            var run = SimulationRun(seed: seed, plan: SimulationRun.Plan(lie: plant.lie, bugs: plant.bugs))
            do { try await run.run() } catch is Violation { foundAt = seed }
        }
        #expect(foundAt != nil, "nothing was found in \(Self.seedsMax) seeds")
    }
}
