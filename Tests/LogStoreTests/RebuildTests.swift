import Bytes
import Disk
import Testing

@testable import LogStore

/// A manifest that is lost is rebuilt from tables and log: the store then holds exactly what it would have held with
/// it.
@Suite struct RebuildTests {
    private func options() -> StoreOptions {
        var options = tinyOptions()
        options.memtableBytes = 64 << 10
        options.tableBytes = 16 << 10
        options.commitBytesMax = 64 << 10
        options.firstSegmentBytes = 160 << 10
        options.segmentBytes = 160 << 10
        options.extentFileBytes = 64 << 10
        return options
    }

    private func workload(_ seed: UInt64) -> Workload {
        var workload = Workload(seed: seed)
        workload.keyCount = 200
        workload.drawsRangeDeletes = true
        workload.inlineBytesMax = 6_000
        workload.writerBytesMax = 20_000
        return workload
    }

    private enum Loss: CaseIterable {
        case everything, current, damage, end
    }

    private func lose(_ loss: Loss, on disk: SimulatedDisk) throws {
        let manifests = try disk.list().filter { $0.hasSuffix(".man") }.sorted()
        switch loss {
        case .everything:
            for name in manifests { try disk.remove(name) }
            if try disk.list().contains(FileName.current) { try disk.remove(FileName.current) }
        case .current: try disk.remove(FileName.current)
        case .damage: for name in manifests { disk.corrupt(name: name, offset: 4096 + 40) }
        case .end: for name in manifests { try disk.open(name, direct: false).truncate(to: 4096) }
        }
    }

    /// Works until the disk stops, at any point of a flush or a merge.
    private func work(_ seed: UInt64, _ random: inout SeededRandom, on disk: SimulatedDisk) async throws {
        var workload = workload(seed)
        let store = try openStore(disk, options: options(), seed: seed)
        for _ in 0..<Int.random(in: 0...600, using: &random) { try await workload.nextCommit().commit(to: store) }
        disk.crashAfterOperations = disk.operationCount + Int.random(in: 1...300, using: &random)
        do {
            while true { try await workload.nextCommit().commit(to: store) }
        } catch is StoreError {
            try? store.close()
        }
    }

    @Test func aRebuiltManifestMakesTheSameStore() async throws {
        var seen = Set<String>()
        for seed in 0..<24 as Range<UInt64> {
            var random = SeededRandom(seed: seed &+ 500)
            let disk = SimulatedDisk(seed: seed)
            try await work(seed, &random, on: disk)
            let end = random.oneIn(2) ? disk.crash() : disk.killProcess()
            let kept = end.killProcess()
            let lost = end.killProcess()
            let loss = try #require(Loss.allCases.randomElement(using: &random))
            try lose(loss, on: lost)
            #expect(throws: StoreError.self) { try openStore(lost, options: options(), seed: 1) }
            let report: ManifestRebuild.Report
            do throws(ManifestRebuild.Failure) {
                report = try ManifestRebuild(lost, acceptsLosses: false).run()
            } catch {
                Issue.record("seed \(seed), \(loss): \(error)")
                continue
            }
            seen.formUnion(report.notes.map { String($0.prefix(7)) })
            let names = Set(try lost.list())
            #expect(report.setAside.allSatisfy(names.contains))
            #expect(loss == .everything || report.setAside.contains { $0.hasSuffix(".man.replaced") })
            let expected = try openStore(kept, options: options(), seed: 2)
            let rebuilt = try openStore(lost, options: options(), seed: 2)
            #expect(try await readAll(rebuilt) == (try await readAll(expected)), "seed \(seed), \(loss)")
            #expect(rebuilt.core.withLock { $0.published } == expected.core.withLock { $0.published })
            // It goes on from there.
            var workload = workload(seed &+ 1_000)
            for _ in 0..<40 { try await workload.nextCommit().commit(to: rebuilt) }
            try rebuilt.close()
            #expect(try StoreScrub(lost.killProcess(), isServed: false).run().damages == [])
        }
        // Both ways of an unfinished job were met.
        #expect(seen.count >= 2, "\(seen)")
    }

    private func sample() async throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 9)
        let store = try openStore(disk, options: options())
        var workload = workload(9)
        for _ in 0..<300 { try await workload.nextCommit().commit(to: store) }
        try store.close()
        return disk.killProcess()
    }

    private func failure(_ disk: SimulatedDisk, acceptsLosses: Bool = false) -> ManifestRebuild.Failure? {
        do throws(ManifestRebuild.Failure) {
            _ = try ManifestRebuild(disk, acceptsLosses: acceptsLosses).run()
            return nil
        } catch { return error }
    }

    @Test func aWholeManifestIsNotReplaced() async throws {
        let disk = try await sample()
        let before = Set(try disk.list())
        guard case .notNeeded? = failure(disk) else {
            Issue.record("it was replaced")
            return
        }
        #expect(Set(try disk.list()) == before)
        let store = try openStore(disk, options: options())
        guard case .store(.locked)? = failure(disk) else {
            Issue.record("a served store was touched")
            return
        }
        try store.close()
    }

    @Test func snapshotsAndBranchesAreRebuiltToo() async throws {
        let disk = SimulatedDisk(seed: 3)
        var workload = workload(3)
        func work(_ count: Int, _ store: LogStore) async throws {
            for _ in 0..<count { try await workload.nextCommit().commit(to: store) }
        }
        let store = try openStore(disk, options: options())
        try await work(200, store)
        _ = try await store.saveCheckpoint(named: "one", createdMilliseconds: 1)
        let saved = try await readAll(store)
        try await store.branch(fromCheckpoint: "one", into: try disk.stage("there"))
        try await store.branch(fromCheckpoint: "one", into: try disk.stage("new"))
        try await work(300, store)
        try store.close()
        let place = try #require(disk.directory(at: "there"))
        let branch = try openStore(place, options: options(), seed: 9)
        try await work(300, branch)
        _ = try await branch.saveCheckpoint(named: "two", createdMilliseconds: 2)
        try await work(300, branch)
        let theirs = try await readAll(branch)
        try branch.close()

        for (files, names) in [(disk, ["one"]), (place, ["two"])] {
            let lost = files.killProcess()
            let expected = try openStore(files.killProcess(), options: options())
            try lose(.everything, on: lost)
            #expect(try ManifestRebuild(lost, acceptsLosses: false).run().snapshots == names)
            let rebuilt = try openStore(lost, options: options())
            #expect(try await readAll(rebuilt) == (try await readAll(expected)))
            #expect(rebuilt.identity == expected.identity)
            _ = try await rebuilt.restoreCheckpoint(named: names[0], createdMilliseconds: 3)
            if names == ["one"] { #expect(try await readAll(rebuilt) == saved) }
            try rebuilt.close()
            #expect(try StoreScrub(lost.killProcess(), isServed: false).run().damages == [])
        }
        #expect(theirs != saved)
        // A branch without tables of its own looks like what its origin was.
        let new = try #require(disk.directory(at: "new")).killProcess()
        try lose(.end, on: new)
        guard case .cannot? = failure(new) else {
            Issue.record("a new branch was taken for its origin")
            return
        }
    }

    @Test func openingAStoreWithoutCurrentTouchesNothing() async throws {
        let disk = try await sample()
        try disk.remove(FileName.current)
        let before = Set(try disk.list())
        #expect(before.contains { $0.hasSuffix("0000000000000001.man") })
        #expect(throws: StoreError.self) { try openStore(disk, options: options()) }
        #expect(Set(try disk.list()).subtracting([FileName.lock]) == before.subtracting([FileName.lock]))
    }

    @Test func aTableThatIsLostTooIsSaid() async throws {
        let disk = try await sample()
        let state = try #require(try Manifest.open(disk: disk, isRepairing: false)).state
        let table = try #require(state.tables.max { $0.length < $1.length })
        let name = try #require(try disk.list().first { FileName($0)?.number == table.file })
        try lose(.everything, on: disk)
        try disk.remove(name)
        let before = Set(try disk.list())
        guard case .losses(let losses)? = failure(disk) else {
            Issue.record("the loss was not said")
            return
        }
        #expect(losses.contains { $0.contains("table \(table.file) ") })
        #expect(Set(try disk.list()) == before)
        #expect(failure(disk, acceptsLosses: true) == nil)
        try openStore(disk, options: options()).close()
    }

    @Test func aHistoryReadsBackAsItWasWritten() throws {
        var history = TableHistory(
            stamp: 300, job: 17, waitingJob: 5, source: .flush(lastSequence: 1 << 40, logEnd: 4096), level: 3, run: 9,
            lastSequence: 77, generation: 2, logStart: (8192, 3),
            members: [.init(file: 1, level: 0, run: 4), .init(file: 200, level: 6, run: 0)])
        history.removed = [4, 5, 600]
        history.siblings = [18]
        history.isLast = true
        history.origins = [StoreIdentity.Origin(numbersBelow: 9, storeID: 1 << 50)]
        history.checkpoints = [
            Checkpoint(name: "one", sequence: 5, createdMilliseconds: 1_700, tables: [ManifestEdit.TableRecord]())
        ]
        let bytes = history.encoded()
        for count in 0...bytes.count {
            let read = try? Array(bytes[0..<count]).reading { bytes throws(ByteReaderError) in
                var reader = ByteReader(bytes)
                return try TableHistory(reading: &reader)
            }
            #expect(read == (count == bytes.count ? history : nil))
        }
    }
}
