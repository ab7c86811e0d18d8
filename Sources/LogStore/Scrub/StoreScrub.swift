internal import Bytes
package import Disk

/// Reads everything that a store consists of and says what is damaged. Nothing is written, locked or recovered.
///
/// A directory that is being served may be read too: what looks damaged is then looked at again, and counts only if it
/// still belongs to the store and still looks so.
package final class StoreScrub {
    /// What was read and found.
    package struct Report: Sendable {
        package var storeID = ""
        package var damages: [StoreDamage] = []
        /// Damages beyond those listed.
        package var unlistedDamages = 0
        /// What is no damage and somebody may want to know.
        package var notes: [String] = []
        package var tables = 0
        package var entries: UInt64 = 0
        package var extentFiles = 0
        package var runs = 0
        package var frames = 0
        package var commits = 0
        package var readBytes: UInt64 = 0
    }

    /// How far a run is.
    package struct Progress: Sendable {
        package var doneBytes: UInt64
        /// An estimate: overwritten content is read too.
        package var totalBytes: UInt64
        package var file: String
    }

    /// More damages than this are counted, not listed.
    static let damagesMax = 10_000
    /// How often a served directory is looked at again.
    private static let attemptsMax = 4

    private let disk: any Disk
    private let isServed: Bool
    private let onProgress: (Progress) -> Void
    private var report = Report()
    private var totalBytes: UInt64 = 0

    /// - Parameters:
    ///   - isServed: whether a process may change the directory meanwhile.
    ///   - onProgress: called after each file or 64 MiB of content.
    package init(_ disk: any Disk, isServed: Bool, onProgress: @escaping (Progress) -> Void = { _ in }) {
        self.disk = disk
        self.isServed = isServed
        self.onProgress = onProgress
    }

    /// Reads it all. Costs a read of the whole store.
    ///
    /// - Throws: `.disk` when the directory cannot be read; `.disk(.notFound)` when it holds no store.
    package func run() throws(StoreError) -> Report {
        report = Report()
        let names = try storeCall { () throws(DiskError) in try disk.list() }
        guard let manifest = try openManifest(names) else {
            checkLooseTables(names)
            return report
        }
        report.storeID = Hex.encode(manifest.storeID)
        let records = manifest.state.allTables
        totalBytes = records.reduce(0) { sum, table in
            table.properties.extentReferences.reduce(sum + table.length) { $0 + $1.storedBytes }
        }
        checkPreviousManifest(manifest)
        checkDisjoint(manifest.state)
        let runs = RunScrub(disk: disk, identity: manifest.identity)
        for record in records { checkTable(record, manifest, runs) }
        checkLog(runs, manifest)
        for (_, damage) in runs.files.sorted(by: { $0.key < $1.key }) {
            if let damage { add(damage) }
        }
        report.extentFiles = runs.files.count
        report.runs = runs.runCount
        report.readBytes += runs.readBytes
        noteStrays(names, manifest)
        return report
    }

    private func add(_ damage: StoreDamage) {
        if report.damages.count < Self.damagesMax { report.damages.append(damage) } else { report.unlistedDamages += 1 }
    }

    private func tell(_ file: String, _ runs: RunScrub?) {
        let done = report.readBytes + (runs?.readBytes ?? 0)
        onProgress(Progress(doneBytes: done, totalBytes: max(totalBytes, done), file: file))
    }

    // MARK: The manifest

    private func openManifest(_ names: [String]) throws(StoreError) -> Manifest? {
        do {
            if let manifest = try Manifest.open(disk: disk, isRepairing: false) { return manifest }
        } catch {
            guard let damage = StoreDamage(error) else { throw error }
            add(damage)
            report.notes.append("without a manifest, tables are checked each by itself, and the log not at all")
            return nil
        }
        guard names.contains(where: { FileName($0) != nil }) else { throw .disk(.notFound(name: FileName.current)) }
        add(StoreDamage(file: FileName.current, offset: 0, what: "missing beside files of a store"))
        report.notes.append("without a manifest, tables are checked each by itself, and the log not at all")
        return nil
    }

    /// The manifest before the one in force is a spare part: it should be whole when it is needed.
    private func checkPreviousManifest(_ manifest: Manifest) {
        guard let number = manifest.previousNumber else { return }
        do { _ = try Manifest.read(disk: disk, storeID: manifest.storeID, number: number) } catch {
            // A served store may have replaced it.
            if case .disk(.notFound) = error { return }
            if var damage = StoreDamage(error) {
                damage.what += " (of the manifest before the one in force)"
                add(damage)
            }
        }
    }

    /// Without a manifest: what tables say of themselves.
    private func checkLooseTables(_ names: [String]) {
        for name in names {
            guard let parsed = FileName(name), parsed.kind == .table else { continue }
            do {
                let table = try TableScrub(disk: disk, name: parsed, record: nil) { _, _ in }
                table.run()
                report.tables += 1
                report.entries += table.entryCount
                report.readBytes += table.readBytes
                table.damages.forEach(add)
            } catch {
                if let damage = StoreDamage(error) { add(damage) }
            }
            tell(name, nil)
        }
    }

    // MARK: Tables

    /// Tables of one run have disjoint keys.
    private func checkDisjoint(_ state: ManifestState) {
        let sorted = state.tables.sorted { first, second in
            let a = (first.keyspace.rawValue, first.level, first.run)
            let b = (second.keyspace.rawValue, second.level, second.run)
            return a == b ? precedes(first.properties.smallestKey, second.properties.smallestKey) : a < b
        }
        for (first, second) in zip(sorted, sorted.dropFirst())
        where first.keyspace == second.keyspace && first.level == second.level && first.run == second.run {
            guard !precedes(first.properties.largestKey, second.properties.smallestKey) else { continue }
            add(
                StoreDamage(
                    file: FileName.current, offset: 0,
                    what: "tables \(first.file) and \(second.file) of one level overlap",
                    owner: StoreDamage.Owner(
                        keyspace: second.keyspace, smallestKey: second.properties.smallestKey,
                        largestKey: first.properties.largestKey)))
        }
    }

    private func checkTable(_ record: ManifestEdit.TableRecord, _ manifest: Manifest, _ runs: RunScrub) {
        var found = damages(of: record, manifest.identity, runs, counts: true)
        if isServed, !found.isEmpty {
            // Compacted away meanwhile, or caught in the middle of something: look again.
            let now = try? Manifest.open(disk: disk, isRepairing: false)
            guard let now, now.state.names(table: record.file) else { return }
            let again = damages(of: record, manifest.identity, runs, counts: false)
            found = found.filter(again.contains)
        }
        found.forEach(add)
        tell(manifest.identity.name(record.file, .table), runs)
    }

    private func damages(
        of record: ManifestEdit.TableRecord, _ identity: StoreIdentity, _ runs: RunScrub, counts: Bool
    ) -> [StoreDamage] {
        let owner = StoreDamage.Owner(
            keyspace: record.keyspace, smallestKey: record.properties.smallestKey,
            largestKey: record.properties.largestKey)
        let name = FileName(storeID: identity.owner(of: record.file), number: record.file, kind: .table)
        var found: [StoreDamage] = []
        do {
            let table = try TableScrub(disk: disk, name: name, record: record) { [self] table, batch in
                found += check(batch, of: table, runs)
            }
            table.run()
            found = table.damages + found
            report.readBytes += table.readBytes
            if counts {
                report.tables += 1
                report.entries += table.entryCount
            }
        } catch .disk(.notFound) {
            found.append(
                StoreDamage(file: name.string, offset: 0, what: "a table the manifest names is missing", owner: owner))
        } catch {
            if let damage = StoreDamage(error, owner: owner) { found.append(damage) }
        }
        return found
    }

    // MARK: Content

    /// Checks the runs that a table's entries name, in the order of their places.
    private func check(_ batch: [TableScrub.NamedRun], of table: TableScrub, _ runs: RunScrub) -> [StoreDamage] {
        let sorted = batch.sorted { ($0.run.file, $0.run.offset) < ($1.run.file, $1.run.offset) }
        let ends = RunScrub.spans(sorted.map(\.run))
        var found: [StoreDamage] = []
        for (named, end) in zip(sorted, ends) {
            do { try runs.check(named.run, readAheadTo: end) } catch {
                guard var damage = StoreDamage(error, owner: table.owner) else { continue }
                if let key = table.keys(naming: named.run, inBlock: named.block).first {
                    damage.owner?.smallestKey = key
                    damage.owner?.largestKey = key
                }
                Self.append(damage, to: &found)
            }
            if runs.runCount.isMultiple(of: 1024) { tell(runs.name(named.run.file), runs) }
        }
        return found
    }

    /// One report for a file that is missing as a whole, however many runs lay in it.
    private static func append(_ damage: StoreDamage, to list: inout [StoreDamage]) {
        if let last = list.last, last.file == damage.file, last.offset == damage.offset, last.what == damage.what {
            list[list.count - 1].absorb(damage)
        } else {
            list.append(damage)
        }
    }

    // MARK: The log

    private func checkLog(_ runs: RunScrub, _ manifest: Manifest) {
        var found = LogScrub(disk: disk, runs: runs).check(manifest)
        var attempt = 1
        // The frame being written looks torn, and a segment may be used anew while it is read.
        while isServed, !found.damages.isEmpty, attempt < Self.attemptsMax {
            attempt += 1
            guard let now = try? Manifest.open(disk: disk, isRepairing: false) else { continue }
            let again = LogScrub(disk: disk, runs: runs).check(now)
            let confirmed = found.damages.filter(again.damages.contains)
            found = again
            found.damages = confirmed
        }
        found.damages.forEach(add)
        report.frames = found.frames
        report.commits = found.commits
        report.readBytes += found.readBytes
        tell("the log", runs)
    }

    private func noteStrays(_ names: [String], _ manifest: Manifest) {
        let tables = Set(manifest.state.allTables.map(\.file))
        let strays = names.compactMap(FileName.init).filter { name in
            name.kind == .table && manifest.identity.owns(name) && !tables.contains(name.number)
        }
        guard !strays.isEmpty, !isServed else { return }
        report.notes.append("\(strays.count) tables that the manifest does not name go when the store is opened")
    }
}
