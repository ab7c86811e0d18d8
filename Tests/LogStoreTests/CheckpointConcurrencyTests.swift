import Bytes
import Disk
import Testing

@testable import LogStore

/// Saves, restores and branches beside writers on real threads; run it under the thread sanitizer.
@Suite struct CheckpointConcurrencyTests {
    private static let writerCount = 4

    /// What writers have begun and what was acknowledged, and at which count of restores.
    private struct Progress {
        var begun = [Int](repeating: 0, count: writerCount)
        var acknowledged = [(restoreCount: Int, round: Int)](repeating: (-1, 0), count: writerCount)
        var isOver = false
    }

    private final class Board: Sendable {
        let progress = Lock(Progress())
    }

    /// A checkpoint holds everything that was acknowledged before it, nothing that was begun after it, and each commit
    /// whole or not at all; a commit that rests on the state before a restore is refused.
    @Test(arguments: 1...3 as ClosedRange<UInt64>) func whatWasAcknowledgedIsSaved(seed: UInt64) async throws {
        let driver = ThreadDriver()
        let disk = SimulatedDisk(seed: seed)
        let store = try LogStore.open(disk: disk, options: tinyOptions(), driver: driver, randomSeed: seed)
        driver.attach(store)
        let board = Board()
        await withTaskGroup { group in
            for writer in 0..<Self.writerCount {
                group.addTask {
                    do { try await Self.write(as: writer, to: store, board) } catch { Issue.record(error) }
                }
            }
            do { try await saveAndRestore(store, disk, board, seed: seed) } catch { Issue.record(error) }
            board.progress.withLock { $0.isOver = true }
        }
        driver.stop()
        #expect(board.progress.withLock { $0.acknowledged.allSatisfy { $0.round > 0 } })
        try store.close()
    }

    private static func write(as writer: Int, to store: LogStore, _ board: Board) async throws {
        var round = 0
        while !board.progress.withLock({ $0.isOver }) {
            round += 1
            let number = round
            let restoreCount = store.restoreCount
            board.progress.withLock { $0.begun[writer] = number }
            var batch = WriteBatch()
            batch.restoreCount = restoreCount
            let stored = StoredValue(
                head: key("\(number)"), content: .inline([UInt8](repeating: UInt8(number % 256), count: 3_000)))
            batch.put(.objects, key("\(writer)"), stored)
            batch.put(.bodies, key("\(writer)"), stored)
            if try await isTaken(batch, by: store) {
                board.progress.withLock { $0.acknowledged[writer] = (restoreCount, number) }
            }
        }
    }

    /// False when the store was restored since.
    private static func isTaken(_ batch: WriteBatch, by store: LogStore) async throws -> Bool {
        do {
            try await store.commit(batch)
            return true
        } catch {
            if error == .restored { return false }
            throw error
        }
    }

    /// The last round of a writer that a store holds; 0 when none.
    private static func round(of writer: Int, in store: LogStore) async throws -> Int {
        let name = key("\(writer)")
        let one = try await store.get(.objects, name)
        let other = try await store.get(.bodies, name)
        #expect(one?.head == other?.head, "half a commit")
        guard let one, let other else { return 0 }
        #expect(try store.bytes(one.content) == store.bytes(other.content))
        return try #require(Int(String(decoding: one.head, as: UTF8.self)))
    }

    private func saveAndRestore(_ store: LogStore, _ disk: SimulatedDisk, _ board: Board, seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<8 {
            let before = board.progress.withLock { $0.acknowledged }
            let restoreCount = store.restoreCount
            _ = try await store.saveCheckpoint(named: "\(round)", createdMilliseconds: 0)
            let begun = board.progress.withLock { $0.begun }
            try await store.branch(fromCheckpoint: "\(round)", into: try disk.stage("\(round)"))
            let branch = try openStore(
                try #require(disk.directory(at: "\(round)")), options: tinyOptions(), seed: seed + 100)
            for writer in 0..<Self.writerCount {
                let saved = try await Self.round(of: writer, in: branch)
                if before[writer].restoreCount == restoreCount { #expect(saved >= before[writer].round) }
                #expect(saved <= begun[writer])
            }
            try branch.close()
            let chosen = store.checkpoints().map(\.name).randomElement(using: &random) ?? ""
            let kept = try await store.restoreCheckpoint(named: chosen, createdMilliseconds: 0)
            if round % 2 == 0 { try await store.removeCheckpoint(named: kept) }
            // Some commits on what was restored.
            for _ in 0..<20 { try await store.barrier() }
        }
        #expect(store.restoreCount == 8)
    }
}
