internal import Bytes

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

    /// Whoever waits for this set's flush, and what that is to do besides.
    var order: CheckpointOrder?

    private let arena: Arena

    /// - Parameter memory: where the memory comes from and goes to.
    init(memory: ArenaMemory) {
        let arena = Arena(memory: memory)
        self.arena = arena
        tables = Keyspace.allCases.map { _ in Memtable(arena: arena) }
    }

    func memtable(_ keyspace: Keyspace) -> Memtable { tables[keyspace.index] }

    /// Puts in what one operation of a commit says.
    func apply(
        _ kind: EntryKind, _ keyspace: Keyspace, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer,
        sequence: UInt64
    ) {
        let memtable = memtable(keyspace)
        if kind == .deleteRange {
            memtable.deleteRange(from: key, to: value, sequence: sequence)
            rangeDeleteCount += 1
        } else {
            memtable.insert(sequence: sequence, kind: kind, key: key, value: value)
        }
    }

    /// Whether the set should take no more commits.
    func isFull(bytesMax: Int) -> Bool {
        allocatedBytes >= bytesMax || rangeDeleteCount >= EngineLimits.rangeDeletesPerSetMax
    }

    private(set) var rangeDeleteCount = 0

    func hold(_ file: ExtentFile) { files[file.number] = file }

    /// The numbers of the files that it holds. Under the pipeline's lock only.
    var heldFiles: some Collection<UInt64> { files.keys }

    /// Set by the pipeline when a delete went in: flushing this set can give space back.
    var hasDeletes = false

    /// Bytes that this set may hide in tables and extents, about, and so keep from being freed: see `noteHidden`.
    var hiddenBytes: UInt64 = 0
    /// The background knows that a flush of this set may free something.
    var isHidingTold = false

    var isEmpty: Bool { tables.allSatisfy(\.isEmpty) }
    /// Memory held, in bytes.
    var allocatedBytes: Int { arena.allocatedBytes }
    var contentBytes: Int { tables.reduce(0) { $0 + $1.contentBytes } }
}

/// Tables with disjoint key ranges, in ascending order: what one flush of a keyspace wrote, or a deeper level.
struct SortedRun: Sendable {
    /// 0 for what was flushed, and merged among itself; deeper levels hold older entries.
    var level: Int
    /// In level 0 higher is newer; 0 in deeper levels, which are one run each.
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

extension [SortedRun] {
    /// The runs without some tables.
    func removing(_ files: [UInt64]) -> [SortedRun] {
        let removed = Set(files)
        return compactMap { run in
            var left = run
            left.tables.removeAll { removed.contains($0.number) }
            return left.tables.isEmpty ? nil : left
        }
    }

    /// The runs of a keyspace, newest first, after some tables have given way to others.
    ///
    /// - Parameters:
    ///   - removed: file numbers of those that go.
    ///   - level: where `added` go, which must be disjoint from what is there.
    ///   - run: their run in level 0.
    func replacing(_ removed: Set<UInt64>, with added: [Table], level: Int, run: UInt64) -> [SortedRun] {
        var runs: [SortedRun] = []
        var new = SortedRun(level: level, id: run, tables: added)
        for var old in self {
            old.tables.removeAll { removed.contains($0.number) }
            if old.level == level, old.id == run {
                new.tables += old.tables
            } else if !old.tables.isEmpty {
                runs.append(old)
            }
        }
        guard !new.tables.isEmpty else { return runs }
        new.tables.sort { precedes($0.properties.smallestKey, $1.properties.smallestKey) }
        runs.insert(new, at: runs.firstIndex { new.isNewer(than: $0) } ?? runs.count)
        return runs
    }
}

extension SortedRun {
    /// Tables put together as their records say, by keyspace, newest first.
    static func all(of opened: [(ManifestEdit.TableRecord, Table)]) -> [Keyspace: [SortedRun]] {
        var runs: [Keyspace: [SortedRun]] = [:]
        for (record, table) in opened {
            let known = runs[record.keyspace] ?? []
            runs[record.keyspace] = known.replacing([], with: [table], level: Int(record.level), run: record.run)
        }
        return runs
    }

    /// Whether its entries are newer than those of another run of the keyspace.
    func isNewer(than other: SortedRun) -> Bool { level != other.level ? level < other.level : id > other.id }

    /// The first table whose keys do not all lie behind those of the one before; nil when they are in order.
    var firstOverlap: Table? {
        for (one, next) in zip(tables, tables.dropFirst())
        where !precedes(one.properties.largestKey, next.properties.smallestKey) { return next }
        return nil
    }

    /// The tables that may hold keys of `lower..<upper` (nil: unbounded), and of the prefix of a hash if there is one;
    /// nil when there are none. Costs two binary searches, and a look at the filter of each table found.
    func part(lower: [UInt8], upper: [UInt8]?, prefixHash: UInt64?) -> SortedRun? {
        let first = lower.withUnsafeBytes { tableIndex(notBelow: $0) }
        var end = tables.count
        if let upper {
            // The first table that holds `upper` or what lies above it may begin below.
            end = upper.withUnsafeBytes { tableIndex(notBelow: $0) }
            if end < tables.count, precedes(tables[end].properties.smallestKey, upper) { end += 1 }
        }
        guard first < end else { return nil }
        if prefixHash == nil, first == 0, end == tables.count { return self }
        let found = tables[first..<end].filter { table in prefixHash.map { table.mayContain($0) } ?? true }
        return found.isEmpty ? nil : SortedRun(level: level, id: id, tables: found)
    }
}

/// An immutable picture of what the store consists of. Readers hold one; flush and compaction install new ones.
///
/// Whatever a version names stays readable as long as somebody holds it.
final class StoreVersion: Sendable {
    /// Which one it is: each that is made of another has the next number.
    let number: UInt64
    /// Newest first; the first one is being written.
    let memtables: [MemtableSet]
    /// By keyspace, newest first: the runs of level 0, then one for each deeper level in use.
    private let runs: [[SortedRun]]
    /// By keyspace: what the range deletes of its tables come to; nil where there are none.
    private let rangeIndexes: [RangeDeleteIndex?]
    /// By keyspace: the runs as lookups need them.
    private let lookupIndexes: [LookupIndex]
    private let viewMemory: VersionView.Memory

    init(memtables: [MemtableSet]) {
        number = 1
        self.memtables = memtables
        runs = Keyspace.allCases.map { _ in [] }
        rangeIndexes = Keyspace.allCases.map { _ in nil }
        let empty = LookupIndex([])
        lookupIndexes = Keyspace.allCases.map { _ in empty }
        viewMemory = VersionView.Memory(memtables: memtables, indexes: lookupIndexes, rangeDeletes: rangeIndexes)
    }

    /// What follows `old`.
    private init(
        _ old: StoreVersion, memtables: [MemtableSet], runs: [[SortedRun]], rangeIndexes: [RangeDeleteIndex?],
        lookupIndexes: [LookupIndex]
    ) {
        number = old.number + 1
        self.memtables = memtables
        self.runs = runs
        self.rangeIndexes = rangeIndexes
        self.lookupIndexes = lookupIndexes
        viewMemory = VersionView.Memory(memtables: memtables, indexes: lookupIndexes, rangeDeletes: rangeIndexes)
    }

    func runs(_ keyspace: Keyspace) -> [SortedRun] { runs[keyspace.index] }

    /// What lookups use: it lives as long as the version.
    var view: VersionView { viewMemory.view }

    /// What the tables' range deletes hide; nil when there are none.
    func rangeDeletes(_ keyspace: Keyspace) -> RangeDeleteIndex? { rangeIndexes[keyspace.index] }

    var allTables: [Table] { runs.flatMap { $0.flatMap(\.tables) } }

    func replacing(memtables: [MemtableSet]) -> StoreVersion {
        StoreVersion(self, memtables: memtables, runs: runs, rangeIndexes: rangeIndexes, lookupIndexes: lookupIndexes)
    }

    func replacing(runs new: [Keyspace: [SortedRun]], memtables: [MemtableSet]? = nil) -> StoreVersion {
        var all = runs
        var indexes = rangeIndexes
        var lookups = lookupIndexes
        for (keyspace, list) in new {
            let place = keyspace.index
            all[place] = list
            let deletes = list.flatMap { $0.tables.flatMap(\.properties.rangeDeletes) }
            indexes[place] = deletes.isEmpty ? nil : RangeDeleteIndex(deletes)
            lookups[place] = LookupIndex(list)
        }
        return StoreVersion(
            self, memtables: memtables ?? self.memtables, runs: all, rangeIndexes: indexes, lookupIndexes: lookups)
    }
}
