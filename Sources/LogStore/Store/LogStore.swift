internal import Bytes
internal import Disk

/// The engine: an ordered, transactional, crash-safe map from keys to values, per keyspace, in one directory.
///
/// All methods may be called from any thread. Reads take the newest published state without waiting for writers. Writes
/// go through one pipeline that gives each commit its sequence number, writes waiting commits in one frame of the log
/// and syncs once for all. The engine runs nothing by itself: see `StoreDriver`.
///
/// `docs/engine.md` says how its promises are kept; `docs/format/` is what it writes.
package final class LogStore: Sendable {
    /// Who runs the engine's steps.
    package let driver: any StoreDriver
    let disk: any Disk
    let options: StoreOptions
    let storeID: UInt64
    let identity: StoreIdentity
    let core: Lock<StoreCore>
    /// For reads that need no more of `core`.
    let shown: ShownState
    let registry: ExtentRegistry
    let numbers: FileNumbers
    let pool: ExtentPool
    let cache: BlockCache
    let memtableMemory: ArenaMemory
    let latches = LatchTable()
    let janitor: Janitor
    let reserve: SpaceReserve
    let counters = StoreCounters()
    let pins = CheckpointPins()
    let restores = RestoreCount()
    let hints: ReadHints
    /// Owned by whoever has the maintenance turn (`isMaintaining` in `Janitor`).
    let manifest: Manifest
    /// Held until the store is closed.
    let directoryLock: Lock<(any DiskLock)?>

    init(parts: StoreParts, core: StoreCore) {
        driver = parts.driver
        hints = ReadHints(driver: parts.driver)
        disk = parts.disk
        options = parts.options
        storeID = parts.manifest.storeID
        identity = parts.manifest.identity
        registry = parts.registry
        numbers = parts.numbers
        pool = parts.pool
        cache = parts.cache
        memtableMemory = parts.memtableMemory
        janitor = parts.janitor
        manifest = parts.manifest
        reserve = parts.reserve
        directoryLock = Lock(parts.lock)
        shown = core.shown
        self.core = Lock(core)
    }

    /// The damage that was met since the store was opened.
    package var damages: DamageLog { registry.damages }

    /// How often the store was restored since it was opened: what was read at another count is no longer so. Read it
    /// before that.
    package var restoreCount: Int { restores.value }

    // MARK: Reading

    /// Pins the newest published state. Cheap. Released with the last reference, or given up before when it holds too
    /// much: reads then fail with `.tooOld`.
    package func snapshot() -> Snapshot {
        core.withLock { Snapshot(sequence: SequenceNumber($0.published), pin: $0.pin) }
    }

    /// What commits have decided, published or not: for read-modify-write.
    func sequencedSnapshot() -> Snapshot {
        core.withLock { Snapshot(sequence: SequenceNumber($0.nextSequence - 1), pin: $0.pin) }
    }

    /// The value of a key in the newest published state, or in a snapshot. A counter reads as a head of eight bytes.
    ///
    /// - Throws: `.damaged`, `.disk`; `.tooOld` or `.restored` for a snapshot that was given up.
    package func get(
        _ keyspace: Keyspace, _ key: [UInt8], at snapshot: Snapshot? = nil
    ) async throws(StoreError) -> StoredValue? {
        StoredValue(try await lookup(keyspace, key, at: snapshot))
    }

    /// The value of a counter written with `WriteBatch.add`, 0 when absent.
    ///
    /// - Throws: `.damaged` (also when the key holds something else), `.disk`, `.tooOld`,
    ///   `.restored`.
    package func counter(
        _ keyspace: Keyspace, _ key: [UInt8], at snapshot: Snapshot? = nil
    ) async throws(StoreError) -> Int64 {
        switch try await lookup(keyspace, key, at: snapshot) {
        case .absent: return 0
        case .counter(let value): return value
        case .value(let value):
            guard value.head.count == 8 else { throw .damaged(file: "", offset: 0, what: "a counter that is a value") }
            return value.head.withUnsafeBytes { $0.counterDelta }
        }
    }

    /// The same on the calling thread, which waits for the disk when it must: for callers that have a thread each.
    ///
    /// - Throws: as `get`.
    package func getBlocking(
        _ keyspace: Keyspace, _ key: [UInt8], at snapshot: Snapshot? = nil
    ) throws(StoreError) -> StoredValue? {
        if let snapshot {
            let version = try snapshot.pin.pinned()
            return StoredValue(
                try lookupBlocking(keyspace, key, in: version.view, of: version, upTo: snapshot.sequence.rawValue))
        }
        let (hold, sequence) = shown.take()
        return StoredValue(try lookupBlocking(keyspace, key, in: hold.view, of: hold, upTo: sequence))
    }

    private func lookup(
        _ keyspace: Keyspace, _ key: [UInt8], at snapshot: Snapshot?
    ) async throws(StoreError) -> LookupResult {
        if let snapshot {
            let version = try snapshot.pin.pinned()
            return try await lookup(
                keyspace, key, in: version.view, of: version, upTo: snapshot.sequence.rawValue)
        }
        let (hold, sequence) = shown.take()
        return try await lookup(keyspace, key, in: hold.view, of: hold, upTo: sequence)
    }

    /// The newest state of a key up to `sequence`.
    ///
    /// - Parameter holder: keeps what the view shows.
    func lookup<Holder: AnyObject & Sendable>(
        _ keyspace: Keyspace, _ key: [UInt8], in view: VersionView, of holder: Holder, upTo sequence: UInt64
    ) async throws(StoreError) -> LookupResult {
        let lookup = Lookup(view: view, registry: registry, hints: hints)
        do throws(ReadInterruption) {
            return try withExtendedLifetime(holder) { () throws(ReadInterruption) in
                try key.reading { bytes throws(ReadInterruption) in
                    try lookup.find(keyspace, bytes, upTo: sequence, mode: .cachedOnly)
                }
            }
        } catch .failed(let error) {
            throw error
        } catch {
            return try await driver.offload { () throws(StoreError) in
                try self.lookupBlocking(keyspace, key, in: view, of: holder, upTo: sequence)
            }
        }
    }

    private func lookupBlocking<Holder: AnyObject & Sendable>(
        _ keyspace: Keyspace, _ key: [UInt8], in view: VersionView, of holder: Holder, upTo sequence: UInt64
    ) throws(StoreError) -> LookupResult {
        let lookup = Lookup(view: view, registry: registry, hints: hints)
        return try withExtendedLifetime(holder) { () throws(StoreError) in
            try key.reading { bytes throws(StoreError) in
                try lookup.findBlocking(keyspace, bytes, upTo: sequence)
            }
        }
    }

    /// An iterator over one keyspace at one snapshot, within `lower..<upper` (nil: unbounded above). It starts at
    /// `lower`.
    package func cursor(
        _ keyspace: Keyspace, lower: [UInt8] = [], upper: [UInt8]? = nil, at snapshot: Snapshot? = nil
    ) -> Cursor {
        Cursor(
            keyspace: keyspace, lower: lower, upper: upper, snapshot: snapshot ?? self.snapshot(), registry: registry,
            driver: driver, hints: hints)
    }

    /// Opens a value's content for reading; its files stay as long as the reader does.
    package func openContent(_ content: Content) -> ContentReader { ContentReader(content) }

    // MARK: Large values

    /// Starts writing content too large for the log. See `ContentWriter`.
    package func contentWriter() -> ContentWriter {
        ContentWriter(pool: pool, driver: driver, extentFileBytes: options.extentFileBytes) { [self] in
            noteFreeSpace()
            driver.backgroundIsWaiting()
        }
    }
}

/// What `open` puts together for a store.
struct StoreParts {
    var driver: any StoreDriver
    var disk: any Disk
    var options: StoreOptions
    var registry: ExtentRegistry
    var numbers: FileNumbers
    var pool: ExtentPool
    var cache: BlockCache
    var memtableMemory: ArenaMemory
    var janitor: Janitor
    var manifest: Manifest
    var reserve: SpaceReserve
    var lock: any DiskLock
}
