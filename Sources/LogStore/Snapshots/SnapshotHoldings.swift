/// What older states take beyond the present one: memory in memtables that are flushed, and files that are replaced.
struct SnapshotHoldings: Sendable, Equatable {
    /// States that snapshots hold, the present one not counted.
    var states = 0
    /// Changes of the version (freezes, flushes, merges) since the oldest of them was replaced.
    var oldestAge: UInt64 = 0
    var memoryBytes = 0
    var diskBytes: UInt64 = 0
}

/// Adds up what older states take, each memtable and file once. Costs a walk over the tables' properties.
struct SnapshotAccount {
    private(set) var holdings = SnapshotHoldings()
    private var memtables: Set<ObjectIdentifier>
    private var tables: Set<UInt64>
    private var extents: Set<UInt64>
    private let extentBytes: [UInt64: UInt64]

    /// - Parameter inMemtables: extent files that the memtables of `current` name.
    init(current: StoreVersion, inMemtables: Set<UInt64>, _ registry: ExtentRegistry) {
        memtables = Set(current.memtables.map { ObjectIdentifier($0) })
        let all = current.allTables
        tables = Set(all.map(\.number))
        extents = inMemtables
        for table in all { for reference in table.properties.extentReferences { extents.insert(reference.file) } }
        var bytes: [UInt64: UInt64] = [:]
        for file in registry.livingFiles() { bytes[file.number] = file.byteCount }
        extentBytes = bytes
    }

    mutating func add(_ version: StoreVersion, age: UInt64) {
        holdings.states += 1
        holdings.oldestAge = max(holdings.oldestAge, age)
        for set in version.memtables where memtables.insert(ObjectIdentifier(set)).inserted {
            holdings.memoryBytes += set.allocatedBytes
        }
        for table in version.allTables where tables.insert(table.number).inserted {
            holdings.diskBytes += table.length
            for reference in table.properties.extentReferences where extents.insert(reference.file).inserted {
                holdings.diskBytes += extentBytes[reference.file] ?? 0
            }
        }
    }
}
