import Bytes
import Disk
import Testing

@testable import LogStore

/// Saving, restoring, branching and removing states of a whole store.
@Suite struct CheckpointTests {
    private let disk = SimulatedDisk(seed: 1)

    private func save(_ name: String, _ store: LogStore) async throws {
        _ = try await store.saveCheckpoint(named: name, createdMilliseconds: 1_700_000_000_000)
    }

    private func restore(_ name: String, _ store: LogStore) async throws -> String {
        try await store.restoreCheckpoint(named: name, createdMilliseconds: 1_700_000_000_001)
    }

    private func branch(_ name: String, _ store: LogStore, to place: String) async throws -> LogStore {
        try await store.branch(fromCheckpoint: name, into: try disk.stage(place))
        return try openStore(try #require(disk.directory(at: place)), options: tinyOptions(), seed: 99)
    }

    @Test func aRestoreBringsBackWhatWasSavedAndKeepsWhatWas() async throws {
        var store = try openStore(disk, options: tinyOptions())
        try await store.put("a", value("1"))
        try await store.put("b", value("1"))
        try await save("one", store)
        try await store.put("a", value("2"))
        try await store.remove("b")
        try await store.put("c", value("2"))
        let before = store.core.withLock { $0.nextSequence }
        #expect(try await restore("one", store) == "before-restore-1")
        #expect(store.core.withLock { $0.nextSequence } > before)
        for round in 0..<2 {
            #expect(try await store.get(.catalog, key("a")) == value("1"), "round \(round)")
            #expect(try await store.get(.catalog, key("b")) == value("1"))
            #expect(try await store.get(.catalog, key("c")) == nil)
            try store.close()
            store = try openStore(disk, options: tinyOptions(), seed: UInt64(round) + 2)
        }
        try await store.put("d", value("3"))
        #expect(try await restore("before-restore-1", store) == "before-restore-2")
        #expect(try await store.get(.catalog, key("a")) == value("2"))
        #expect(try await store.get(.catalog, key("b")) == nil)
        #expect(try await store.get(.catalog, key("d")) == nil)
        #expect(store.checkpoints().map(\.name) == ["one", "before-restore-1", "before-restore-2"])
        try store.close()
    }

    @Test func anEmptyStoreIsSavedAndRestored() async throws {
        var store = try openStore(disk, options: tinyOptions())
        try await save("empty", store)
        try store.close()
        store = try openStore(disk, options: tinyOptions(), seed: 2)
        try await store.put("a", value("1"))
        #expect(try await restore("empty", store) == "before-restore-1")
        #expect(try await readAll(store).isEmpty)
        #expect(try await restore("empty", store) == "before-restore-2")
        try await store.put("b", value("1"))
        let other = try await branch("empty", store, to: "there")
        #expect(try await readAll(other).isEmpty)
        try other.close()
        try store.close()
        store = try openStore(disk, options: tinyOptions(), seed: 3)
        #expect(try await readAll(store).count == 1)
        try store.close()
    }

    @Test func namesAreCheckedAndUnique() async throws {
        let store = try openStore(disk, options: tinyOptions())
        for name in ["", "a b", "\u{E9}", "-x", "a\n", String(repeating: "x", count: 65)] {
            await #expect("\(name)") { try await save(name, store) } throws: { error in
                if case .invalidName(name, _)? = error as? CheckpointError { true } else { false }
            }
        }
        try await save(String(repeating: "x", count: 64), store)
        try await save("a/b", store)
        await #expect(throws: CheckpointError.alreadyExists("a/b")) { try await save("a/b", store) }
        await #expect(throws: CheckpointError.notFound("c")) { _ = try await restore("c", store) }
        await #expect(throws: CheckpointError.notFound("c")) { try await store.removeCheckpoint(named: "c") }
        await #expect(throws: CheckpointError.notFound("c")) {
            try await store.branch(fromCheckpoint: "c", into: try disk.stage("c"))
        }
        try store.close()
        await #expect(throws: CheckpointError.store(.closed)) { try await save("late", store) }
        await #expect(throws: CheckpointError.store(.closed)) { try await store.removeCheckpoint(named: "a/b") }
        await #expect(throws: CheckpointError.store(.closed)) { _ = try await restore("a/b", store) }
    }

    @Test func theirNumberIsLimited() async throws {
        let store = try openStore(disk, options: tinyOptions())
        for index in 0..<EngineLimits.checkpointsMax { try await save("\(index)", store) }
        await #expect(throws: CheckpointError.tooMany) { try await save("more", store) }
        await #expect(throws: CheckpointError.tooMany) { _ = try await restore("0", store) }
        try await store.put("a", value("1"))
        try await store.removeCheckpoint(named: "7")
        try await save("more", store)
        try store.close()
    }

    @Test func oldSnapshotsAndCursorsSayThatTheStoreWasRestored() async throws {
        let store = try openStore(disk, options: tinyOptions())
        let content = [UInt8](repeating: 7, count: 100_000)
        let writer = store.contentWriter()
        try content.withUnsafeBytes { try writer.append($0) }
        let reserved = try await writer.finish()
        try await save("before", store)
        try await store.put("large", StoredValue(head: [], content: reserved.content))
        try await store.put("small", value("1"))
        let snapshot = store.snapshot()
        let cursor = store.cursor(.catalog)
        #expect(try await cursor.next() != nil)
        let found = try #require(try await store.get(.catalog, key("large")))
        let reader = store.openContent(found.content)
        let kept = try await restore("before", store)
        try await store.removeCheckpoint(named: kept)
        await #expect(throws: StoreError.restored) { try await store.get(.catalog, key("small"), at: snapshot) }
        await #expect(throws: StoreError.restored) { try await store.counter(.catalog, key("n"), at: snapshot) }
        #expect(throws: StoreError.restored) { try store.getBlocking(.catalog, key("small"), at: snapshot) }
        await #expect(throws: StoreError.restored) { try await cursor.next() }
        #expect(throws: StoreError.restored) { try cursor.previousBlocking() }
        var read = [UInt8](repeating: 0, count: content.count)
        #expect(try read.withUnsafeMutableBytes { try reader.read(into: $0, at: 0, mayBlock: true) })
        #expect(read == content)
        try store.close()
    }

    /// What was decided on the state before a restore is decided again.
    @Test func transactionsAndUpdatesRunAgainOnTheRestoredState() async throws {
        let store = try openStore(disk, options: tinyOptions())
        try await store.put("a", value("saved"))
        try await save("one", store)
        try await store.put("a", value("newer"))
        let runs = Attempts()
        try await store.transaction { transaction, batch in
            if await runs.next() == 1 { _ = try await restore("one", store) }
            let head = try await transaction.get(.catalog, key("a"))?.head ?? []
            batch.put(.catalog, key("b"), StoredValue(head: head))
        }
        #expect(await runs.count == 2)
        #expect(try await store.get(.catalog, key("b")) == value("saved"))

        // A read before the restore and the commit after it, without a newer write of the key.
        try await store.put("a", value("newest"))
        let late = Attempts()
        try await store.transaction { transaction, batch in
            let head = try await transaction.get(.catalog, key("a"))?.head ?? []
            if await late.next() == 1 { _ = try await restore("one", store) }
            batch.put(.catalog, key("c"), StoredValue(head: head))
        }
        #expect(try await store.get(.catalog, key("c")) == value("saved"))
        try await store.update(.catalog, key("a")) { current, batch in
            batch.put(.catalog, key("a"), StoredValue(head: (current?.head ?? []) + [33]))
        }
        #expect(try await store.get(.catalog, key("a")) == value("saved!"))
        try store.close()
    }

    @Test func aBranchAndItsOriginLiveOnIndependently() async throws {
        let store = try openStore(disk, options: tinyOptions())
        var workload = Workload(seed: 5)
        var model: Model = [:]
        for _ in 0..<60 {
            let commit = workload.nextCommit()
            try await commit.commit(to: store)
            commit.apply(to: &model)
        }
        try await save("one", store)
        let saved = model
        for _ in 0..<20 { try await workload.nextCommit().commit(to: store) }

        var other = try await branch("one", store, to: "there")
        #expect(try await readAll(other) == saved)
        #expect(other.storeID != store.storeID)
        // Everything that the first store has goes: what the branch needs stays.
        _ = try await restore("one", store)
        try await deleteAll(store)
        for checkpoint in store.checkpoints() { try await store.removeCheckpoint(named: checkpoint.name) }
        for _ in 0..<40 { try await workload.nextCommit().commit(to: store) }
        #expect(try await readAll(other) == saved)
        try other.close()
        let place = try #require(disk.directory(at: "there"))
        other = try openStore(place, options: tinyOptions(), seed: 7)
        #expect(try await readAll(other) == saved)

        // A branch of the branch, after the branch has files of its own.
        var theirs = saved
        for _ in 0..<60 {
            let commit = workload.nextCommit()
            try await commit.commit(to: other)
            commit.apply(to: &theirs)
        }
        try await save("two", other)
        let nested = try await branch("two", other, to: "further")
        #expect(nested.identity.origins.map(\.storeID) == [store.storeID, other.storeID])
        let ours = try await readAll(store)
        try await deleteAll(other)
        try await other.removeCheckpoint(named: "two")
        for _ in 0..<40 { try await workload.nextCommit().commit(to: other) }
        #expect(try await readAll(nested) == theirs)
        try await deleteAll(nested)
        #expect(try await readAll(store) == ours)
        for one in [store, other, nested] { try one.close() }
        let names = try disk.list() + place.list()
        // No name is two stores' own.
        let own = names.filter { $0.hasSuffix(".man") || $0.hasSuffix(".log") }
        #expect(Set(own).count == own.count)
    }

    private func deleteAll(_ store: LogStore) async throws {
        for place in try await readAll(store).keys.sorted() {
            var batch = WriteBatch()
            batch.delete(place.keyspace, place.key)
            try await store.commit(batch)
        }
    }

    @Test(arguments: [true, false]) func whatIsBeingAppendedToIsCopied(canLink: Bool) async throws {
        let store = try openStore(disk, options: smallOptions())
        disk.canLink = canLink
        let writer = store.contentWriter()
        let first = [UInt8](repeating: 1, count: 2 << 20)
        try first.withUnsafeBytes { try writer.append($0) }
        let reserved = try await writer.finish()
        try await store.put("first", StoredValue(head: [], content: reserved.content))
        // Takes the file that the first content lies in, and goes on writing.
        let second = store.contentWriter()
        try first.withUnsafeBytes { try second.append($0) }
        try await save("one", store)
        try await store.branch(fromCheckpoint: "one", into: try disk.stage("there"))
        let more = [UInt8](repeating: 2, count: 1 << 20)
        try more.withUnsafeBytes { try second.append($0) }
        let rest = try await second.finish()
        try await store.put("second", StoredValue(head: [], content: rest.content))
        let place = try #require(disk.directory(at: "there"))
        for name in try place.list() where name.hasSuffix(".ext") {
            #expect(try content(of: name, place) != content(of: name, disk), "\(name) is shared while it grows")
        }
        let other = try openStore(place, seed: 9)
        let found = try #require(try await other.get(.catalog, key("first")))
        #expect(try other.bytes(found.content) == first)
        try await other.remove("first")
        try other.close()
        #expect(try store.bytes(try #require(try await store.get(.catalog, key("first"))).content) == first)
        try store.close()
    }

    private func content(of name: String, _ disk: SimulatedDisk) throws -> [UInt8] {
        let file = try disk.open(name, direct: false)
        var bytes = [UInt8](repeating: 0, count: Int(try file.size()))
        _ = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return bytes
    }

    @Test func aTakenPlaceGetsNoBranch() async throws {
        let store = try openStore(disk, options: tinyOptions())
        try await store.put("a", value("1"))
        try await save("one", store)
        try await branch("one", store, to: "there").close()
        let place = try #require(disk.directory(at: "there"))
        let names = try place.list()
        await #expect(throws: CheckpointError.placeTaken("one")) {
            try await store.branch(fromCheckpoint: "one", into: try disk.stage("there"))
        }
        #expect(try place.list() == names)
        try store.close()
    }

    /// A save writes as much for a thousand times the data.
    @Test func savingAndRestoringCostTheSameWhateverTheStoreHolds() async throws {
        var costs: [(save: Int, restore: Int, branch: Int)] = []
        for valueCount in [10, 2_000] {
            let disk = SimulatedDisk(seed: 3)
            // Only the steps that an order needs: compaction has its own time.
            let store = try StepwiseStore(disk, options: smallOptions())
            for index in 0..<valueCount {
                try store.put("\(index)", [UInt8](repeating: 1, count: 8_000))
            }
            try store.save("base")
            try store.put("last", [1])
            let start = disk.writtenBytes
            try store.save("one")
            let saved = disk.writtenBytes
            try store.put("last", [2])
            let before = disk.writtenBytes
            _ = try await store.restore("one")
            let restored = disk.writtenBytes
            try await store.store.branch(fromCheckpoint: "one", into: try disk.stage("there"))
            costs.append((saved - start, restored - before, disk.writtenBytes - restored))
            try store.store.close()
        }
        for (small, large) in [
            (costs[0].save, costs[1].save), (costs[0].restore, costs[1].restore), (costs[0].branch, costs[1].branch),
        ] {
            #expect(large <= small + 2 * diskBlockSize, "\(costs)")
        }
    }

    /// Nothing hangs, nothing is left behind, and once there is space the same is done.
    @Test func aFullDiskRefusesAndTheStoreGoesOn() async throws {
        let disk = SimulatedDisk(seed: 1, capacityBytes: 32 << 20)
        let store = try openStore(disk, options: smallOptions())
        try await store.put("a", value("saved"))
        try await save("first", store)
        try await store.put("a", StoredValue(head: [], content: .inline([UInt8](repeating: 1, count: 60_000))))
        let ballast = try disk.create("ballast", direct: false)
        try ballast.allocate(offset: 0, length: try disk.freeBytes())
        for _ in 0..<2 {
            await #expect(throws: CheckpointError.store(.noSpace)) { try await save("second", store) }
            await #expect(throws: CheckpointError.store(.noSpace)) { _ = try await restore("first", store) }
        }
        #expect(store.checkpoints().map(\.name) == ["first"])
        #expect(try await store.get(.catalog, key("a"))?.head == [])
        // No fence is left standing.
        try await store.remove("b")
        try disk.remove("ballast")
        withExtendedLifetime(ballast) {}
        try await save("second", store)
        #expect(try await restore("first", store) == "before-restore-1")
        #expect(try await store.get(.catalog, key("a")) == value("saved"))
        try store.close()
    }

    @Test func whatRestsOnTheStateBeforeIsNotTaken() async throws {
        let store = try openStore(disk, options: tinyOptions())
        try await save("one", store)
        var batch = WriteBatch()
        batch.put(.catalog, key("a"), value("1"))
        batch.restoreCount = store.restoreCount
        try await store.commit(batch)
        _ = try await restore("one", store)
        let late = batch
        await #expect(throws: StoreError.restored) { try await store.commit(late) }
        await #expect(throws: StoreError.restored) {
            try await store.update(.catalog, key("b")) { _, batch in batch = late }
        }
        await #expect(throws: StoreError.restored) { try await store.transaction { $1 = late } }
        #expect(try await readAll(store).isEmpty)
        batch.restoreCount = store.restoreCount
        try await store.commit(batch)
        #expect(try await store.get(.catalog, key("a")) == value("1"))
        try store.close()
    }

    /// What a checkpoint held in files that the store needs too is cleaned once it is gone.
    @Test func aRemovalFreesWhatLiesBetweenWhatIsNeeded() async throws {
        let store = try openStore(disk, options: tinyOptions())
        var random = SeededRandom(seed: 6)
        for index in 0..<60 {
            let noise = (0..<8_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            try await store.put("\(index)", StoredValue(head: [], content: .inline(noise)))
        }
        try await save("full", store)
        for index in 0..<60 where index % 10 != 0 { try await store.remove("\(index)") }
        // Flushes, until a merge meets what was deleted.
        for index in 0..<10 {
            try await store.put("0", value("\(index)"))
            try await save("few", store)
            try await store.removeCheckpoint(named: "few")
        }
        let used = disk.capacityBytes - (try disk.freeBytes())
        try await store.removeCheckpoint(named: "full")
        #expect(disk.capacityBytes - (try disk.freeBytes()) + 300_000 < used)
        #expect(try await readAll(store).count == 6)
        try store.close()
    }

    @Test func bytesThatOnlyCheckpointsHoldAreShownAndComeBack() async throws {
        let store = try openStore(disk, options: tinyOptions())
        var random = SeededRandom(seed: 4)
        try await save("empty", store)
        for index in 0..<60 {
            let noise = (0..<8_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            try await store.put("\(index)", StoredValue(head: [], content: .inline(noise)))
        }
        try await save("full", store)
        #expect(store.checkpoints()[1].bytes > 400_000)
        #expect(store.statistics().checkpointOnlyBytes == 0)
        let kept = try await restore("empty", store)
        let used = disk.capacityBytes - (try disk.freeBytes())
        let held = try #require(store.checkpoints().first { $0.name == "full" }).heldBytes
        #expect(held > 400_000)
        #expect(store.checkpoints().map(\.ownBytes) == [0, 0, 0], "two have the same")
        #expect(store.statistics().checkpointOnlyBytes > 400_000)
        #expect(store.statistics().checkpoints == 3)
        try await store.removeCheckpoint(named: "full")
        // The other one has the same tables.
        #expect(store.checkpoints().map(\.name) == ["empty", kept] && store.checkpoints()[1].ownBytes == held)
        #expect(store.statistics().checkpointOnlyBytes > 400_000)
        #expect(disk.capacityBytes - (try disk.freeBytes()) + 100_000 > used)
        try await store.removeCheckpoint(named: kept)
        #expect(store.statistics().checkpointOnlyBytes < 10_000)
        #expect(disk.capacityBytes - (try disk.freeBytes()) + 400_000 < used)
        try store.close()
    }
}

private actor Attempts {
    private(set) var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}
