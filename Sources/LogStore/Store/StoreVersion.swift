/// A set of memtables, one a keyspace, that are filled, frozen and flushed together: one stretch of the log.
///
/// Unchecked: memtables are safe by themselves; the rest is written under the pipeline's lock, or once before the set
/// is frozen.
final class MemtableSet: @unchecked Sendable {
    private let tables: [Memtable]
    /// Extent files that values in this set name. They stay as long as the set does.
    private var files: [UInt64: ExtentFile] = [:]
    /// The last sequence number in this set, once it is frozen.
    var lastSequence: UInt64?
    /// Where the log's frames of this set end, once the last of them is written.
    var logEnd: UInt64?

    private let arena = Arena()

    init() {
        let arena = arena
        tables = Keyspace.allCases.map { _ in Memtable(arena: arena) }
    }

    func memtable(_ keyspace: Keyspace) -> Memtable { tables[Int(keyspace.rawValue) - 1] }

    func hold(_ file: ExtentFile) { files[file.number] = file }

    /// Set by the pipeline when a delete went in: flushing this set can give space back.
    var hasDeletes = false

    var isEmpty: Bool { tables.allSatisfy(\.isEmpty) }
    /// Memory held, in bytes.
    var allocatedBytes: Int { arena.allocatedBytes }
    var contentBytes: Int { tables.reduce(0) { $0 + $1.contentBytes } }
}

/// Tables with disjoint key ranges, in ascending order. What one flush or compaction of a keyspace wrote.
struct SortedRun: Sendable {
    /// Higher is newer.
    var id: UInt64
    var tables: [Table]

    var byteCount: UInt64 { tables.reduce(0) { $0 + $1.length } }
    var entryCount: UInt64 { tables.reduce(0) { $0 + $1.properties.entryCount } }
    var deleteCount: UInt64 { tables.reduce(0) { $0 + $1.properties.deleteCount } }

    /// The first table whose largest key is at or above `key`; `tables.count` when there is none.
    func tableIndex(notBelow key: UnsafeRawBufferPointer) -> Int {
        var lower = 0
        var upper = tables.count
        while lower < upper {
            let middle = (lower + upper) / 2
            let largest = tables[middle].properties.largestKey
            if largest.withUnsafeBytes({ compareBytes($0, key) < 0 }) { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }
}

/// An immutable picture of what the store consists of. Readers hold one; flush and compaction install new ones.
///
/// Whatever a version names stays readable as long as somebody holds it.
final class StoreVersion: Sendable {
    /// Newest first; the first one is being written.
    let memtables: [MemtableSet]
    /// By keyspace, newest first.
    private let runs: [[SortedRun]]

    init(memtables: [MemtableSet], runs: [[SortedRun]]? = nil) {
        self.memtables = memtables
        self.runs = runs ?? Keyspace.allCases.map { _ in [] }
    }

    func runs(_ keyspace: Keyspace) -> [SortedRun] { runs[Int(keyspace.rawValue) - 1] }

    var allTables: [Table] { runs.flatMap { $0.flatMap(\.tables) } }

    func replacing(memtables: [MemtableSet]) -> StoreVersion { StoreVersion(memtables: memtables, runs: runs) }

    func replacing(runs new: [Keyspace: [SortedRun]], memtables: [MemtableSet]? = nil) -> StoreVersion {
        var all = runs
        for (keyspace, list) in new { all[Int(keyspace.rawValue) - 1] = list }
        return StoreVersion(memtables: memtables ?? self.memtables, runs: all)
    }
}
