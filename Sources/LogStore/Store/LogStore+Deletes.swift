internal import Bytes

/// What the active memtables hide must not wait in them until memory is full: it takes space in tables and extents, and
/// scans have to pass it.
///
/// How much that is is a guess, made at every commit: a delete hides what an average entry of its keyspace takes, and a
/// put with content in extents may replace as much as it brings.
extension LogStore {
    /// Of four puts one is taken to replace something.
    private static let putPart: UInt64 = 4
    /// This part of a store may be hidden while commits come.
    private static let hiddenPart: UInt64 = 16

    /// So much may be hidden then, whatever the size of the store.
    private var hiddenBytesMin: UInt64 { options.extentFileBytes / 8 }
    /// In a quiet store there is no reason to hide more than this.
    private var hiddenBytesInPeace: UInt64 { options.extentFileBytes / 64 }

    /// Whether the active set is to be flushed: for the memory that it takes, or for what it hides.
    func isFlushDue(_ core: borrowing StoreCore) -> Bool {
        let set = core.activeSet
        return set.isFull(bytesMax: options.memtableBytesMax)
            || set.hiddenBytes > max(hiddenBytesMin, core.storedBytes / Self.hiddenPart) || holdsPassedDeletes(set)
    }

    /// Notes what a commit may hide, as it goes into the active set.
    func noteHidden(by batch: borrowing EncodedBatch, in core: borrowing StoreCore) {
        let set = core.activeSet
        set.hiddenBytes += batch.extentBytes / Self.putPart
        guard batch.hasDeletes else { return }
        set.hasDeletes = true
        for operation in batch.operations {
            switch operation.kind {
            case .delete: set.hiddenBytes += core.mergeDebts[operation.keyspace.index].bytesPerPut
            case .deleteRange:
                let runs = core.version.runs(operation.keyspace)
                set.hiddenBytes += batch.bytes.withUnsafeBytes { bytes in
                    Self.storedBytes(
                        of: runs, from: UnsafeRawBufferPointer(rebasing: bytes[operation.key]),
                        to: UnsafeRawBufferPointer(rebasing: bytes[operation.value]))
                }
            case .put, .add: break
            }
        }
    }

    /// What tables take that lie in a range, extents included; the half of those that reach out of it. Costs a look at
    /// each.
    private static func storedBytes(
        of runs: [SortedRun], from lower: UnsafeRawBufferPointer, to upper: UnsafeRawBufferPointer
    ) -> UInt64 {
        var bytes: UInt64 = 0
        for run in runs {
            for table in run.tables[run.tableIndex(notBelow: lower)...] {
                let (smallest, largest) = (table.properties.smallestKey, table.properties.largestKey)
                guard smallest.withUnsafeBytes({ compareBytes($0, upper) < 0 }) else { break }
                let isInside =
                    smallest.withUnsafeBytes { compareBytes($0, lower) >= 0 }
                    && largest.withUnsafeBytes { compareBytes($0, upper) < 0 }
                let stored = table.properties.extentReferences.reduce(table.length) { $0 + $1.storedBytes }
                bytes += isInside ? stored : stored / 2
            }
        }
        return bytes
    }

    /// Freezes the active set for what it hides, when no commits come or scans have had to pass its deletes. True when
    /// it did.
    func freezeForDeletes() -> Bool {
        let isIdle = isIdle
        return freezeIfQuiet { (isIdle && hidesTooMuchForPeace($0.activeSet)) || holdsPassedDeletes($0.activeSet) }
    }

    /// Whether scans have had to pass many deletes, and this set holds such.
    private func holdsPassedDeletes(_ set: MemtableSet) -> Bool {
        guard set.hasDeletes else { return false }
        return Keyspace.allCases.contains { hints.hasPassedDeletes($0) && holdsManyDeletes(set, $0) }
    }

    private func holdsManyDeletes(_ set: MemtableSet, _ keyspace: Keyspace) -> Bool {
        set.memtable(keyspace).deleteCount >= Int(CompactionPolicy.denseDeletesMin)
    }

    /// Whether the active set waits for a quiet moment to be flushed.
    var hasDeletesToSettle: Bool { core.withLock { hidesTooMuchForPeace($0.activeSet) } }

    /// Whether the background should hear, once a set, that it waits for a quiet moment.
    func mustTellOfHiding(_ core: borrowing StoreCore) -> Bool {
        let set = core.activeSet
        guard !set.isHidingTold, hidesTooMuchForPeace(set) else { return false }
        set.isHidingTold = true
        return true
    }

    private func hidesTooMuchForPeace(_ set: MemtableSet) -> Bool {
        if set.hiddenBytes > hiddenBytesInPeace { return true }
        guard set.hasDeletes else { return false }
        return Keyspace.allCases.contains { holdsManyDeletes(set, $0) }
    }
}
