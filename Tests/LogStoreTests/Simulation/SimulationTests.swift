import Disk
import Foundation
import Testing

@testable import LogStore

/// The engine with several clients at once on a disk that fails in every way it can.
///
/// A few seeds by default, since a debug build is slow. `VARVE_SIMULATION_SEEDS=n` runs so many, `VARVE_SEED=n` a
/// single one; `scripts/simulate` runs thousands in a release build.
@Suite struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// How many chunks the seeds are cut into, so that they run side by side.
    private static let chunkCount: UInt64 = 4
    private static let probes = ProbeSum()

    private static let seeds: ClosedRange<UInt64> = {
        if let text = environment["VARVE_SEED"], let seed = UInt64(text) { return seed...seed }
        let first = environment["VARVE_SIMULATION_FIRST"].flatMap { UInt64($0) } ?? 1
        return first...(first + (environment["VARVE_SIMULATION_SEEDS"].flatMap { UInt64($0) } ?? 60) - 1)
    }()

    /// Each seed runs twice, and does the same twice.
    @Test(arguments: 0..<chunkCount) func historiesAreSerializableAndSurviveFailures(chunk: UInt64) async throws {
        var probes = SimulationProbes()
        for seed in Self.seeds where seed % Self.chunkCount == chunk {
            let plan = SimulationRun.Plan(flips: seed % 8 == 0 ? 4 : 0)
            var first = SimulationRun(seed: seed, plan: plan)
            var second = SimulationRun(seed: seed, plan: plan)
            do {
                try await first.run()
                try await second.run()
                #expect(
                    first.disk.traceHash == second.disk.traceHash && first.digest == second.digest,
                    "seed \(seed) does not repeat itself")
            } catch {
                Issue.record(error)
            }
            probes.add(first.seen)
        }
        // Fails when the runs no longer go where it hurts.
        if let all = Self.probes.add(probes, of: Int(Self.chunkCount)), Self.seeds.count >= 400 {
            #expect(all.missing.isEmpty, "never seen: \(all.missing)")
        }
    }

    // MARK: A small workload, exhaustively

    /// Every so manieth point is tried by default; `scripts/simulate` tries all.
    private static let stride = environment["VARVE_SIMULATION_STRIDE"].flatMap { Int($0) } ?? 16
    private static let small = SimulationRun.Plan(rounds: 1, operations: 90, isQuiet: true)

    private static func sizeOfSmall(seed: UInt64) async throws -> (operations: Int, calls: Int) {
        var run = SimulationRun(seed: seed, plan: small)
        try await run.run()
        // The first round opens, works, flushes, compacts and closes.
        #expect(run.seen.flushes > 0 && run.seen.closes > 0)
        return run.firstRound
    }

    /// The power goes in every single write, sync, creation, renaming and removal, and again in the recovery after.
    @Test(arguments: [1, 2] as [UInt64]) func aCrashAtEveryWriteAndSyncIsSurvived(seed: UInt64) async throws {
        let size = try await Self.sizeOfSmall(seed: seed)
        for operation in Swift.stride(from: 1 + Int(seed) % Self.stride, through: size.operations, by: Self.stride) {
            var plan = Self.small
            plan.crashAtOperation = operation
            plan.crashesInRecovery = operation % 3 == 0 ? [operation % 11 + 1, operation % 7 + 1] : []
            var run = SimulationRun(seed: seed, plan: plan)
            do { try await run.run() } catch { Issue.record("crash at operation \(operation): \(error)") }
        }
    }

    /// Every single call fails once, reads included, for every reason.
    @Test(arguments: [1, 2] as [UInt64]) func aFailureOfEveryCallIsSurvived(seed: UInt64) async throws {
        let size = try await Self.sizeOfSmall(seed: seed)
        for call in Swift.stride(from: 1 + Int(seed) % Self.stride, through: size.calls, by: Self.stride) {
            var plan = Self.small
            plan.failingCall = (call, call / Self.stride % 2 == 0 ? .noSpace : .io(errno: 5))
            var run = SimulationRun(seed: seed, plan: plan)
            do { try await run.run() } catch { Issue.record("failure of call \(call): \(error)") }
        }
    }
}

/// Adds up what chunks that run side by side have seen.
private final class ProbeSum: Sendable {
    private let sum = Lock((count: 0, probes: SimulationProbes()))

    /// The whole sum with the last chunk.
    func add(_ probes: SimulationProbes, of chunkCount: Int) -> SimulationProbes? {
        sum.withLock { sum in
            sum.count += 1
            sum.probes.add(probes)
            return sum.count == chunkCount ? sum.probes : nil
        }
    }
}
