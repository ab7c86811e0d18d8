internal import Bytes
package import Disk
internal import Synchronization

/// Opening, recovering and closing a store.
extension LogStore {
    /// Opens the store in `disk`, making one when there is none, and recovers what an unclean end left. Blocks.
    ///
    /// What recovery accepts it makes durable before anything is read or committed; it may be interrupted and repeated
    /// any number of times.
    ///
    /// - Parameter randomSeed: where the engine's random numbers (store id, salts) come from.
    /// - Throws: `.locked`, `.damaged`, `.unsupportedFormat`, `.noSpace`, `.disk`.
    package static func open(
        disk: any Disk, options: StoreOptions, driver: any StoreDriver, randomSeed: UInt64
    ) throws(StoreError) -> LogStore {
        let lock = try storeCall { () throws(DiskError) in try disk.lock(FileName.lock) }
        var random = SeededRandom(seed: randomSeed)
        let manifest: Manifest
        if let existing = try Manifest.open(disk: disk, isRepairing: true) {
            manifest = existing
        } else {
            manifest = try Manifest.create(disk: disk, storeID: random.next())
        }
        manifest.rollBytes = options.manifestRollBytes
        let janitor = Janitor(driver: driver)
        let registry = ExtentRegistry(disk: disk, identity: manifest.identity, damages: DamageLog()) {
            driver.backgroundIsWaiting()
        }
        let numbers = FileNumbers(
            next: options.makes(.numbersReused) ? manifest.state.nextFile : try firstFreeNumber(disk, manifest))
        let reserve = SpaceReserve(disk: disk)
        let pool = ExtentPool(
            registry: registry, numbers: numbers, storeID: manifest.storeID, options: options, reserve: reserve)
        let parts = StoreParts(
            driver: driver, disk: disk, options: options, registry: registry, numbers: numbers, pool: pool,
            cache: BlockCache(bytesMax: options.blockCacheBytesMax, isSharedWithTables: options.blockCacheBytes == nil),
            memtableMemory: ArenaMemory(spareBytesMax: options.memtableBytesMax), janitor: janitor, manifest: manifest,
            reserve: reserve, lock: lock)
        let recovery = try LogRecovery(
            disk: disk, manifest: manifest, acceptsStaleFrames: options.makes(.staleFramesAccepted))
        var spares = try SpareSegments(disk: disk, storeID: manifest.storeID, recovery: recovery, options: options)
        let first: LogSegment
        if let spare = spares.takeAny() {
            first = spare
        } else {
            first = try LogSegment.layOut(
                disk: disk, storeID: manifest.storeID, fileNumber: numbers.next(), length: options.firstSegmentBytes)
        }
        let version = StoreVersion(memtables: [MemtableSet(memory: parts.memtableMemory)])
        var core = StoreCore(
            nextSequence: manifest.state.lastSequence + 1, version: version,
            shown: ShownState(version, published: manifest.state.lastSequence), pin: VersionPin(version),
            validationFloor: manifest.state.lastSequence, nextRun: manifest.state.newestRun + 1,
            groupBytesMax: options.groupBytesAllowed, currentSegment: first,
            logPosition: manifest.state.logStart.position, durablePosition: manifest.state.logStart.position,
            admission: AdmissionController(options: options), random: random)
        core.freeSegments = try spares.takeRegular()
        let store = LogStore(parts: parts, core: core)
        let wasClosed = manifest.state.cleanClose != nil
        try store.loadTables()
        store.pinCheckpoints()
        try store.replay(recovery, into: first)
        try store.removeStrays(wasClosed: wasClosed)
        try store.shortenLog(recovery)
        store.noteFreeSpace()
        driver.backgroundIsWaiting()
        return store
    }

    /// Above every number in the directory and every number that the manifest knows to be taken.
    private static func firstFreeNumber(_ disk: any Disk, _ manifest: Manifest) throws(StoreError) -> UInt64 {
        let names = try storeCall { () throws(DiskError) in try disk.list() }
        let largest = names.compactMap { FileName($0)?.number }.max() ?? 0
        return max(manifest.state.nextFile, largest + 1)
    }

    /// - Parameter record: what the manifest says of it; a table that was just written has none and must be whole.
    func openTable(_ number: UInt64, record: ManifestEdit.TableRecord? = nil) throws(StoreError) -> Table {
        try Table(
            disk: disk, storeID: identity.owner(of: number), number: number, record: record, cache: cache,
            registry: registry, readsDirect: options.directReads
        ) { [janitor] name in
            janitor.discard(name)
        }
    }

    private func loadTables() throws(StoreError) {
        var opened: [(ManifestEdit.TableRecord, Table)] = []
        for record in manifest.state.tables {
            let table = try openTable(record.file, record: record)
            guard record.level <= TreeShape.lastLevel, record.level == 0 || record.run == 0 else {
                throw .damaged(file: table.name, offset: 0, what: "a table in a level or run that does not exist")
            }
            opened.append((record, table))
        }
        let runs = SortedRun.all(of: opened)
        for run in runs.values.joined() {
            guard let table = run.firstOverlap else { continue }
            throw .damaged(file: table.name, offset: 0, what: "a table that overlaps another of its level")
        }
        core.withLock { core in
            core.version = core.version.replacing(runs: runs)
            for keyspace in Keyspace.allCases { noteMergeDebt(keyspace, in: &core) }
        }
    }

    // MARK: Recovery

    /// Replays the log into memtables, flushing when they fill, and starts a fresh segment behind it.
    private func replay(_ recovery: LogRecovery, into fresh: LogSegment) throws(StoreError) {
        var replayed: [LogSegment] = []
        let end = try recovery.read(isRepairing: true) { (frame: LogFrame, payload, segment) throws(StoreError) in
            if replayed.last !== segment { replayed.append(segment) }
            try self.apply(frame, payload, in: segment)
            let isFull = self.core.withLock { $0.activeSet.isFull(bytesMax: self.options.memtableBytesMax) }
            if isFull {
                // Nothing may be dropped from the log before what was replayed is on disk.
                try storeCall { () throws(DiskError) in for segment in replayed { try segment.file.sync() } }
                let set = self.core.withLock { core in
                    let set = self.freezeActiveSet(&core)
                    set.logEnd = frame.position + frame.length(in: segment)
                    return set
                }
                try self.flush(set, logSegment: segment.number)
            }
        }
        if let closed = manifest.state.cleanClose, closed != end.position {
            throw .damaged(
                file: replayed.last?.file.name ?? "", offset: end.position,
                what: "the log of a cleanly closed store ends early")
        }
        // A tail may have been only in the page cache: make durable what was accepted, then say where it ends.
        for segment in recovery.segments { try storeCall { () throws(DiskError) in try segment.file.sync() } }
        var edit = ManifestEdit([.reopened])
        let last = recovery.segments.last
        if let last { edit.records.append(.logCut(segment: last.number, position: end.position)) }
        let lastSequence = core.withLock { $0.nextSequence - 1 }
        edit.records.append(countersRecord(lastSequence: core.withLock { $0.validationFloor }))
        try manifest.append(edit, numbers: numbers)
        let salt = newSalt()
        let number = last.map { $0.number + 1 } ?? manifest.state.logStart.segment
        try fresh.begin(number: number, salt: salt, startPosition: end.position, storeID: storeID)
        core.withLock { core in
            for segment in recovery.segments { segment.endPosition = min(segment.endPosition, end.position) }
            core.retiredSegments = recovery.segments
            core.logPosition = end.position
            core.durablePosition = end.position
            core.published = lastSequence
        }
    }

    private func apply(_ frame: LogFrame, _ payload: UnsafeRawBufferPointer, in segment: LogSegment) throws(StoreError)
    {
        let damage = StoreError.damaged(
            file: segment.file.name, offset: segment.offset(of: frame.position),
            what: "a frame whose checksum fits but whose content does not")
        let expected = core.withLock { $0.nextSequence }
        guard frame.firstSequence == expected else { throw damage }
        var reader = CommitReader(payload: payload)
        let set = core.withLock { $0.activeSet }
        do {
            for index in 0..<UInt64(frame.commitCount) {
                let sequence = frame.firstSequence + index
                try reader.readCommit { (operation: CommitReader.Operation) throws(ByteReaderError) in
                    set.apply(
                        operation.kind, operation.keyspace, key: operation.key, value: operation.value,
                        sequence: sequence)
                    if operation.kind == .delete || operation.kind == .deleteRange { set.hasDeletes = true }
                    guard operation.kind == .put, case .runs(let runs) = try ValueCodec.view(operation.value).content
                    else { return }
                    for run in runs {
                        set.hold(registry.file(run.file))
                        if !options.makes(.numbersReused) { numbers.raise(above: run.file) }
                    }
                }
            }
            guard reader.isAtEnd else { throw ByteReaderError.malformed }
        } catch {
            throw damage
        }
        let next = frame.firstSequence + UInt64(frame.commitCount)
        core.withLock { core in
            core.nextSequence = max(core.nextSequence, next)
            core.published = core.nextSequence - 1
        }
    }

    /// Segments that a recovered log may keep; more are let go by a flush, so that openings do not pile them up.
    private static let recoveredSegmentsMax = 2

    private func shortenLog(_ recovery: LogRecovery) throws(StoreError) {
        guard recovery.segments.count > Self.recoveredSegmentsMax else { return }
        let set = core.withLock { core in
            let set = freezeActiveSet(&core)
            set.logEnd = core.logPosition
            return set
        }
        // Without space for it the flush waits with the others.
        do { try flush(set) } catch .noSpace { return } catch { throw error }
    }

    /// Files that nothing names: what was being written at a crash.
    private func removeStrays(wasClosed: Bool) throws(StoreError) {
        let names = try storeCall { () throws(DiskError) in try disk.list() }
        try noteExtentFiles(names, wasClosed: wasClosed)
        let tables = Set(manifest.state.tables.map(\.file))
        for name in names {
            guard let file = FileName(name), identity.owns(file) else { continue }
            let isStray =
                switch file.kind {
                case .table: !tables.contains(file.number) && !manifest.state.checkpoints.names(table: file.number)
                case .log: false
                case .extent: !registry.isAlive(file.number)
                case .manifest: file.number != manifest.number && file.number != manifest.previousNumber
                }
            if isStray { janitor.discard(name) }
        }
    }

    // MARK: Closing

    /// A log longer than this is not left for the next opening to replay, which would take as long as reading it.
    private static let logLeftBytesMax: UInt64 = 4 << 20

    /// Without space, or after an error, the log keeps what it holds.
    private func flushBeforeClosing() {
        core.withLock { core in
            guard core.poison == nil, core.logPosition - manifest.state.logStart.position > Self.logLeftBytesMax,
                !core.activeSet.isEmpty
            else { return }
            freezeActiveSet(&core).logEnd = core.logPosition
        }
        do { while try flushOldestSet() {} } catch .noSpace {} catch { poison("the last flush failed: \(error)") }
    }

    /// Finishes what waits, makes it durable, marks a clean close, and refuses everything after. Nobody else may drive
    /// the store any more. Blocks.
    ///
    /// - Throws: `.poisoned`, `.noSpace`, `.disk`: the store is closed all the same, and recovers when it is opened
    ///   again.
    package func close() throws(StoreError) {
        core.withLock { $0.isClosed = true }
        // What has its place in the order is written; nothing new gets one.
        while runCommitStep() {}
        wakeWaiters()
        flushBeforeClosing()
        let (segment, position, poison) = core.withLock { ($0.currentSegment, $0.logPosition, $0.poison) }
        registry.close()
        pool.sealAll()
        defer { directoryLock.withLock { $0 = nil } }
        janitor.flush?.output.abandon()
        janitor.flush = nil
        janitor.compaction?.output.abandon()
        janitor.compaction = nil
        failCheckpointOrders(.closed)
        if let poison { throw .poisoned(reason: poison) }
        try storeCall { () throws(DiskError) in try segment.file.sync() }
        while let name = janitor.takeDiscarded() {
            if mayUnlink(name) { try? disk.remove(name) }
        }
        let edit = ManifestEdit([countersRecord(lastSequence: 0), .cleanClose(position: position)])
        try manifest.append(edit, numbers: numbers)
    }
}
