internal import Synchronization

/// Snapshots are bounded by what they hold: a state that readers have held for too long is given up, and they are told
/// (`.tooOld`). There is no bound on their number, since one more snapshot of a state takes nothing.
extension LogStore {
    /// Bounds of what snapshots may hold.
    private struct Bounds {
        var age: UInt64
        var memoryBytes: Int
        var diskBytes: UInt64

        func allow(_ holdings: SnapshotHoldings) -> Bool {
            holdings.oldestAge <= age && holdings.memoryBytes <= memoryBytes && holdings.diskBytes <= diskBytes
        }
    }

    private struct Picture {
        var older: [OlderState]
        var current: StoreVersion
        var inMemtables: Set<UInt64>
        var changes: UInt64
        var isLowOnSpace: Bool
    }

    /// Nil when no snapshot holds an older state.
    private func picture() -> Picture? {
        let (picture, unused) = core.withLock { core -> (Picture?, [OlderState]) in
            let unused = core.takeUnusedStates()
            if core.olderStates.isEmpty { return (nil, unused) }
            let files = core.version.memtables.flatMap { Array($0.heldFiles) }
            let picture = Picture(
                older: core.olderStates, current: core.version, inMemtables: Set(files), changes: core.changes,
                isLowOnSpace: core.isLowOnSpace)
            return (picture, unused)
        }
        // Released here, with no lock held: the last reference unlinks files.
        withExtendedLifetime(unused) {}
        return picture
    }

    /// What snapshots hold beyond the present state.
    func snapshotHoldings() -> SnapshotHoldings {
        guard let picture = picture() else { return SnapshotHoldings() }
        var account = SnapshotAccount(current: picture.current, inMemtables: picture.inMemtables, registry)
        for state in picture.older {
            guard let version = state.pin.version else { continue }
            account.add(version, age: picture.changes - state.change)
        }
        return account.holdings
    }

    /// Gives up the oldest states while they hold more than allowed: with a full disk all that hold files. Under the
    /// maintenance turn, after each change of the tables.
    func boundSnapshots() {
        guard let picture = picture() else { return }
        let bounds = Bounds(
            age: EngineLimits.snapshotAgeMax,
            memoryBytes: options.snapshotMemoryBytes ?? memoryBound,
            diskBytes: picture.isLowOnSpace ? 0 : diskBound(picture.current))
        var account = SnapshotAccount(current: picture.current, inMemtables: picture.inMemtables, registry)
        var isOver = false
        // From the newest on: the oldest hold most, and have been held longest.
        for state in picture.older.reversed() {
            guard let version = state.pin.version else { continue }
            if !isOver {
                account.add(version, age: picture.changes - state.change)
                isOver = !bounds.allow(account.holdings)
            }
            if isOver {
                state.pin.giveUp()
                counters.snapshotsGivenUp.wrappingAdd(1, ordering: .relaxed)
            }
        }
    }

    /// One set of memtables, which may end somewhat above its size, and not a second one: a scan outlives a flush.
    private var memoryBound: Int { max(32 << 20, options.memtableBytesMax / 2 * 3) }

    /// An eighth of what the store holds, and something to read from in a small one.
    private func diskBound(_ current: StoreVersion) -> UInt64 {
        if let bytes = options.snapshotDiskBytes { return bytes }
        var bytes: UInt64 = 0
        for table in current.allTables {
            bytes += table.length
            for reference in table.properties.extentReferences { bytes += reference.storedBytes }
        }
        return max(EngineLimits.snapshotDiskBytesMin, bytes / 8)
    }
}

extension StoreCore {
    /// The version has been replaced: snapshots of the one before hold an older state from now on.
    mutating func notePinReplaced() {
        changes += 1
        // Snapshots take the present pin under this lock: whoever has none now gets none any more.
        if !isKnownUniquelyReferenced(&pin) { olderStates.append(OlderState(pin: pin, change: changes)) }
        pin = VersionPin(version)
    }

    /// Takes out the states that nobody holds any more, or that are given up.
    mutating func takeUnusedStates() -> [OlderState] {
        var unused: [OlderState] = []
        for index in olderStates.indices.reversed()
        where isKnownUniquelyReferenced(&olderStates[index].pin) || olderStates[index].pin.version == nil {
            unused.append(olderStates.remove(at: index))
        }
        return unused
    }
}
