import Bytes
import Disk
import Testing

@testable import S3

/// Power cuts under an S3 workload: what was acknowledged is there byte for byte, and what was not is there whole or
/// not at all.
struct CrashTests {
    @Test(arguments: 1...16) func noAcknowledgedObjectIsLost(seed: UInt64) async throws {
        let run = try await Run(seed: seed, ignoreSyncs: false)
        #expect(run.wasCut, "seed \(seed): the workload must be longer than the disk lives")
        #expect(run.acknowledged > 0, "seed \(seed): nothing was acknowledged that could be lost")
        #expect(run.violations == [], "seed \(seed)")
    }

    @Test func theCheckerSeesLossWhenSyncsDoNothing() async throws {
        var seen = 0
        for seed in 1...8 {
            // A store that lost its syncs may also refuse to open: that too is seen.
            let run = try? await Run(seed: UInt64(seed), ignoreSyncs: true)
            if run?.violations != [] { seen += 1 }
        }
        // Not all: a power cut may leave everything on the medium by chance.
        #expect(seen >= 6)
    }

    /// One workload run into a power cut, and what a reopened store holds compared with what was acknowledged.
    private struct Run {
        var wasCut = false
        var acknowledged = 0
        var violations: [String] = []

        init(seed: UInt64, ignoreSyncs: Bool) async throws {
            var random = SeededRandom(seed: seed &* 7919)
            let disk = SimulatedDisk(seed: seed)
            let fixture = try await S3Fixture(disk: disk)
            disk.ignoreSyncs = ignoreSyncs
            disk.crashAfterOperations = disk.operationCount + Int.random(in: 10...400, using: &random)
            var workload = Workload(seed: seed)
            var unfinished: Workload.Operation?
            for _ in 0..<300 {
                let operation = workload.next()
                do {
                    try await workload.run(operation, on: fixture)
                    workload.apply(operation)
                    acknowledged += 1
                } catch {
                    unfinished = operation
                    wasCut = true
                    break
                }
            }
            let reopened = try await S3Fixture(disk: disk.crash(), makeBucket: false)
            let listed = try await reopened.keys()
            for key in Set(listed).union(workload.model.keys).sorted() {
                let found = listed.contains(key) ? try await reopened.bytes(key) : nil
                if found == workload.model[key] { continue }
                if let unfinished, unfinished.key == key, found == workload.outcome(unfinished) { continue }
                violations.append("\(key): \(found?.count ?? -1) bytes, not \(workload.model[key]?.count ?? -1)")
            }
        }
    }
}
