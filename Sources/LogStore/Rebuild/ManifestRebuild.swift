internal import Bytes
package import Disk

/// Writes a new manifest for a store that has lost its own, from what the tables and the log say: only ever on request.
///
/// Nothing is removed. The old manifests, tables that the new one does not name, and extent files that only these name
/// get other names, under which no store touches them.
package struct ManifestRebuild {
    package enum Failure: Error, Sendable {
        /// The manifest can be read.
        case notNeeded
        /// Too little is left, or not enough to say what was there.
        case cannot(String)
        /// It can be done without these only.
        case losses([String])
        case store(StoreError)
    }

    package struct Report: Sendable {
        package var storeID = ""
        package var manifest = ""
        package var tables = 0
        /// Names of the snapshots that the tables know of.
        package var snapshots: [String] = []
        /// Commits that are in the log.
        package var commits = 0
        /// Files under their new names.
        package var setAside: [String] = []
        package var losses: [String] = []
        package var notes: [String] = []
    }

    private static let replacedSuffix = ".replaced"
    private static let unclaimedSuffix = ".unclaimed"

    private let disk: any Disk
    private let acceptsLosses: Bool

    /// - Parameter acceptsLosses: whether to go on without tables that cannot be found or read.
    package init(_ disk: any Disk, acceptsLosses: Bool) {
        self.disk = disk
        self.acceptsLosses = acceptsLosses
    }

    /// Rebuilds the manifest. Nobody may serve the directory meanwhile. Costs a look at every table and a read of the
    /// log.
    package func run() throws(Failure) -> Report {
        let lock = try Self.calling { () throws(StoreError) in
            try storeCall { () throws(DiskError) in try disk.lock(FileName.lock) }
        }
        defer { withExtendedLifetime(lock) {} }
        let names = try Self.calling { () throws(StoreError) in
            try storeCall { () throws(DiskError) in try disk.list() }
        }
        try refuseReadable(names)
        let storeID = try storeID(names)
        var tables: [UInt64: TableSummary] = [:]
        var unreadable: [UInt64] = []
        for case let name? in names.map(FileName.init) where name.kind == .table {
            if let table = try summary(of: name) { tables[name.number] = table } else { unreadable.append(name.number) }
        }
        let extents = names.compactMap(FileName.init).filter { $0.kind == .extent }
        var plan = try RebuildPlan(
            storeID: storeID, tables: tables, unreadable: unreadable.sorted(), extents: Set(extents.map(\.number)),
            segments: try segments(names, storeID))
        guard plan.losses.isEmpty || acceptsLosses else { throw .losses(plan.losses) }
        try checkNames(plan.state, tables, storeID)
        try checkLevels(plan.state)
        let log = try readLog(plan.state, storeID)
        var report = Report(
            storeID: Hex.encode(storeID), tables: plan.state.tables.count, commits: log.commits,
            losses: plan.losses, notes: plan.notes)
        let number = (names.compactMap { FileName($0)?.number } + [plan.state.nextFile]).max().map { $0 + 1 } ?? 1
        plan.raiseNextFile(above: number)
        report.manifest = FileName(storeID: storeID, number: number, kind: .manifest).string
        report.snapshots = plan.state.checkpoints.all.map(\.name)
        let claimed = Set(plan.state.allTables.map(\.file))
        report.setAside = try Self.calling { () throws(StoreError) in
            let aside = unclaimed(tables, unreadable, claimed, log.extents, names)
            let renamed = try rename(names.filter { FileName($0)?.kind == .manifest || $0 == FileName.current }, aside)
            try Manifest.create(plan.state, number: number, disk: disk, storeID: storeID)
            return renamed
        }
        return report
    }

    private static func calling<Result>(_ body: () throws(StoreError) -> Result) throws(Failure) -> Result {
        do throws(StoreError) { return try body() } catch { throw .store(error) }
    }

    // MARK: What is there

    private func refuseReadable(_ names: [String]) throws(Failure) {
        let manifest: Manifest?
        do throws(StoreError) { manifest = try Manifest.open(disk: disk, isRepairing: false) } catch {
            if case .damaged = error { return }
            throw .store(error)
        }
        guard manifest == nil else { throw .notNeeded }
        guard names.contains(where: { FileName($0) != nil }) else {
            throw .store(.disk(.notFound(name: FileName.current)))
        }
    }

    private func storeID(_ names: [String]) throws(Failure) -> UInt64 {
        // Tables and extents of a branch may be its origin's.
        let own = Set(names.compactMap(FileName.init).filter { $0.kind == .log || $0.kind == .manifest }.map(\.storeID))
        guard let id = own.first else { throw .cannot("neither a log nor a manifest says whose store it is") }
        guard own.count == 1 else { throw .cannot("the directory holds logs and manifests of \(own.count) stores") }
        return id
    }

    /// Nil when nothing of it can be read.
    private func summary(of name: FileName) throws(Failure) -> TableSummary? {
        do throws(StoreError) {
            return try TableSummary(disk: disk, name: name)
        } catch {
            if error.asDamage(of: name.string) != nil { return nil }
            throw .store(error)
        }
    }

    private func segments(_ names: [String], _ storeID: UInt64) throws(Failure) -> [RebuildPlan.Segment] {
        var found: [RebuildPlan.Segment] = []
        for case let name? in names.map(FileName.init) where name.kind == .log && name.storeID == storeID {
            do throws(StoreError) {
                let file = try storeCall { () throws(DiskError) in try disk.open(name.string, direct: false) }
                let header = try FileHeader.read(from: file, kind: .log)
                guard header.number == name.number else { continue }
                found.append(RebuildPlan.Segment(number: header.segment, startPosition: header.startPosition))
            } catch {
                // Laid out and never begun, or damaged: then the log does not fit together without it.
                if case .damaged = error { continue }
                throw .store(error)
            }
        }
        return found.sorted { $0.number < $1.number }
    }

    // MARK: Whether it fits together

    /// A file number says whose name a file carries.
    private func checkNames(
        _ state: ManifestState, _ tables: [UInt64: TableSummary], _ storeID: UInt64
    ) throws(Failure) {
        let identity = StoreIdentity(storeID: storeID, origins: state.origins)
        for record in state.allTables {
            guard let name = tables[record.file]?.name, !identity.owns(name) else { continue }
            throw .cannot("\(name.string) carries the name of another store")
        }
    }

    private func checkLevels(_ state: ManifestState) throws(Failure) {
        var runs: [String: [ManifestEdit.TableRecord]] = [:]
        for table in state.tables { runs["\(table.keyspace) \(table.level) \(table.run)", default: []].append(table) }
        for (_, tables) in runs.sorted(by: { $0.key < $1.key }) {
            let sorted = tables.sorted { precedes($0.properties.smallestKey, $1.properties.smallestKey) }
            for (one, next) in zip(sorted, sorted.dropFirst())
            where !precedes(one.properties.largestKey, next.properties.smallestKey) {
                throw .cannot("tables \(one.file) and \(next.file) of level \(one.level) overlap")
            }
        }
    }

    private func readLog(
        _ state: ManifestState, _ storeID: UInt64
    ) throws(Failure) -> (commits: Int, extents: Set<UInt64>) {
        var commits = 0
        var extents: Set<UInt64> = []
        var next = state.lastSequence + 1
        try Self.calling { () throws(StoreError) in
            let recovery = try LogRecovery(disk: disk, state: state, storeID: storeID)
            _ = try recovery.read(isRepairing: false) { (frame, payload, segment) throws(StoreError) in
                let damage = StoreError.damaged(
                    file: segment.file.name, offset: segment.offset(of: frame.position),
                    what: "commits that do not follow those in tables")
                guard frame.firstSequence == next else { throw damage }
                next += UInt64(frame.commitCount)
                commits += frame.commitCount
                var reader = CommitReader(payload: payload)
                do {
                    while !reader.isAtEnd {
                        try reader.readCommit { (operation: CommitReader.Operation) throws(ByteReaderError) in
                            guard operation.kind == .put,
                                case .runs(let runs) = try ValueCodec.view(operation.value).content
                            else { return }
                            extents.formUnion(runs.map(\.file))
                        }
                    }
                } catch { throw damage }
            }
        }
        return (commits, extents)
    }

    // MARK: What changes

    /// Tables that the new manifest does not name, and extent files that only they name; with tables that cannot be
    /// read, all that nothing names.
    private func unclaimed(
        _ tables: [UInt64: TableSummary], _ unreadable: [UInt64], _ claimed: Set<UInt64>, _ inLog: Set<UInt64>,
        _ names: [String]
    ) -> [String] {
        var named = inLog
        var doubtful: Set<UInt64> = []
        for (number, table) in tables {
            let files = table.properties.extentReferences.map(\.file)
            if claimed.contains(number) { named.formUnion(files) } else { doubtful.formUnion(files) }
        }
        return names.filter { name in
            guard let file = FileName(name) else { return false }
            switch file.kind {
            case .table: return !claimed.contains(file.number)
            case .extent:
                return !named.contains(file.number) && (doubtful.contains(file.number) || !unreadable.isEmpty)
            case .log, .manifest: return false
            }
        }
    }

    /// Gives files other names, durably, and returns these.
    private func rename(_ replaced: [String], _ unclaimed: [String]) throws(StoreError) -> [String] {
        let pairs =
            replaced.map { ($0, $0 + Self.replacedSuffix) } + unclaimed.map { ($0, $0 + Self.unclaimedSuffix) }
        try storeCall { () throws(DiskError) in
            for (old, new) in pairs { try disk.rename(old, to: new) }
            try disk.syncDirectory()
        }
        return pairs.map(\.1)
    }
}
