import Bytes
import Disk
import Testing

@testable import LogStore

/// `StoreScrub` reads everything: a whole store is found whole, and no damage goes unseen.
@Suite struct ScrubTests {
    /// A store with tables over tables, extents and, unless it is closed, a log. `crash()` of the disk is a copy.
    private func sample(close: Bool = true, commits: Int = 100) async throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 21)
        let store = try openStore(disk, options: tinyOptions())
        var workload = Workload(seed: 21)
        for _ in 0..<commits { try await workload.nextCommit().commit(to: store) }
        if close {
            try store.close()
        } else {
            // Commits that nothing makes flush: they are in the log alone.
            for index in 0..<4 { try await store.put("tail\(index)", value("v")) }
        }
        return disk
    }

    private func scrub(_ disk: any Disk, isServed: Bool = false) throws -> StoreScrub.Report {
        try StoreScrub(disk, isServed: isServed).run()
    }

    @Test(arguments: [true, false])
    func aWholeStoreHasNoDamage(isClosed: Bool) async throws {
        let disk = try await sample(close: isClosed)
        let report = try scrub(disk.crash())
        #expect(report.damages == [])
        #expect(report.tables > 0 && report.entries > 0 && report.runs > 0 && report.extentFiles > 0)
        #expect(report.commits > 0)
    }

    @Test func everyByteOfATableIsChecked() async throws {
        let disk = try await sample()
        let name = try #require(try disk.list().first { $0.hasSuffix(".tab") })
        let size = try disk.crash().open(name, direct: false).size()
        var random = SeededRandom(seed: 4)
        for piece in 0..<80 as Range<UInt64> {
            // Every part of the file, the footer's bytes included.
            let offset = size * piece / 80 + UInt64.random(in: 0..<(size / 80), using: &random)
            let copy = disk.crash()
            copy.corrupt(name: name, offset: offset)
            let report = try scrub(copy)
            let damage = try #require(report.damages.first { $0.file == name }, "byte \(offset) of \(size)")
            #expect(damage.owner != nil)
            #expect(report.damages.allSatisfy { $0.file == name })
        }
    }

    @Test func everyNamedByteOfAnExtentIsChecked() async throws {
        let disk = try await sample()
        let whole = disk.crash()
        let named = try namedRuns(whole)
        #expect(named.count > 10)
        var random = SeededRandom(seed: 5)
        for round in 0..<40 {
            let copy = disk.crash()
            let run = named[round % named.count]
            let name = FileName(storeID: try storeID(whole), number: run.file, kind: .extent).string
            let offset = run.offset + UInt64.random(in: 0..<UInt64(run.storedLength), using: &random)
            copy.corrupt(name: name, offset: offset)
            let report = try scrub(copy)
            #expect(!report.damages.isEmpty, "byte \(offset) of \(name)")
            for damage in report.damages {
                #expect(damage.file == name && damage.offset <= offset)
                #expect(damage.offset >= run.offset)
                // The key is known, not only the table.
                #expect(damage.owner.map { $0.smallestKey == $0.largestKey } ?? false)
            }
        }
    }

    private func storeID(_ disk: any Disk) throws -> UInt64 {
        try #require(try Manifest.open(disk: disk, isRepairing: false)).storeID
    }

    private func namedRuns(_ disk: any Disk) throws -> [Run] {
        let manifest = try #require(try Manifest.open(disk: disk, isRepairing: false))
        var runs: [Run] = []
        for record in manifest.state.tables {
            let name = FileName(storeID: manifest.storeID, number: record.file, kind: .table)
            try TableScrub(disk: disk, name: name, record: record) { _, batch in runs += batch.map(\.run) }.run()
        }
        return runs
    }

    @Test(arguments: ["tab", "ext", "man", "CURRENT"])
    func aMissingOrShortFileIsFound(kind: String) async throws {
        let disk = try await sample()
        // What the disk shows now: a crash may bring names back that were taken away.
        let names = try disk.list().filter { $0.hasSuffix(kind) }
        #expect(!names.isEmpty)
        for name in names {
            let missing = disk.crash()
            try missing.remove(name)
            #expect(try scrub(missing).damages.contains { $0.file == name }, "\(name) is missing")
            guard kind != "ext" || names.count < 3 else { continue }
            let short = disk.crash()
            let file = try short.open(name, direct: false)
            try file.truncate(to: try file.size() / 2)
            let damages = try scrub(short).damages
            #expect(damages.contains { $0.file == name } || kind == "man", "\(name) is cut short")
        }
    }

    @Test func damageInTheLogIsFound() async throws {
        let disk = try await sample(close: false)
        let report = try scrub(disk.crash())
        #expect(report.frames > 1)
        let whole = disk.crash()
        let manifest = try #require(try Manifest.open(disk: whole, isRepairing: false))
        let recovery = try LogRecovery(disk: whole, manifest: manifest)
        _ = try recovery.read(isRepairing: false) { _, _, _ in }
        let segment = try #require(recovery.segments.first)
        let offset = segment.offset(of: manifest.state.logStart.position)
        let copy = disk.crash()
        copy.corrupt(name: segment.file.name, offset: offset + 8)
        let found = try scrub(copy).damages
        #expect(found.contains { $0.file == segment.file.name && $0.offset == offset })
    }

    @Test func unreadableSectorsAreDamageToo() async throws {
        let disk = try await sample()
        let copy = disk.crash()
        let name = try #require(try copy.list().first { $0.hasSuffix(".ext") })
        copy.inject(FaultRule(operation: .read, nameSuffix: name, error: .io(errno: 5), isSticky: true))
        let damages = try scrub(copy).damages
        #expect(!damages.isEmpty && damages.allSatisfy { $0.file == name && $0.what.contains("cannot read") })
    }

    @Test func aStoreBeingServedIsRead() async throws {
        let disk = SimulatedDisk(seed: 22)
        let store = try openStore(disk, options: tinyOptions())
        var workload = Workload(seed: 22)
        var seen = 0
        for round in 0..<300 {
            try await workload.nextCommit().commit(to: store)
            guard round.isMultiple(of: 30) else { continue }
            let report = try scrub(disk, isServed: true)
            #expect(report.damages == [])
            seen += report.tables
        }
        #expect(seen > 0)
        try store.close()
    }

    @Test func nothingIsNoStore() throws {
        #expect(throws: StoreError.disk(.notFound(name: FileName.current))) { try scrub(SimulatedDisk(seed: 1)) }
    }
}
