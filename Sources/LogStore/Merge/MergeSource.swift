internal import Bytes

/// One ordered input of a merge: a memtable, or the tables of a run. Keys ascend; within a key the newest entry comes
/// first.
///
/// A call that is interrupted by `.wouldBlock` has not moved the source and may be repeated.
class MergeSource {
    var isValid: Bool { false }
    /// Key, kind, sequence and value of the entry that the source stands on. Valid until it moves.
    var key: UnsafeRawBufferPointer { preconditionFailure("abstract") }
    var kind: EntryKind { preconditionFailure("abstract") }
    var sequence: UInt64 { preconditionFailure("abstract") }
    var value: UnsafeRawBufferPointer { preconditionFailure("abstract") }

    /// Moves to the first entry at or above `target`.
    func seek(_ target: UnsafeRawBufferPointer, _ mode: ReadMode) throws(ReadInterruption) {}

    /// Moves to the next older entry of the same key, if this source has one. Never blocks.
    func moveToOlder() -> Bool { false }

    /// Moves to the first entry of the next key.
    func moveToNextKey(_ mode: ReadMode) throws(ReadInterruption) {}
}

final class MemtableSource: MergeSource {
    private let set: MemtableSet
    private let memtable: Memtable
    private let sequenceMax: UInt64
    private var entry: MemtableEntry?

    init(set: MemtableSet, keyspace: Keyspace, upTo sequenceMax: UInt64) {
        self.set = set
        memtable = set.memtable(keyspace)
        self.sequenceMax = sequenceMax
    }

    private var current: MemtableEntry {
        guard let entry else { preconditionFailure("a merge source is read only where it stands") }
        return entry
    }

    override var isValid: Bool { entry != nil }
    override var key: UnsafeRawBufferPointer { current.key }
    override var kind: EntryKind { current.kind }
    override var sequence: UInt64 { current.sequence }
    override var value: UnsafeRawBufferPointer { current.value }

    override func seek(_ target: UnsafeRawBufferPointer, _ mode: ReadMode) throws(ReadInterruption) {
        place(memtable.firstEntry(from: MemtablePosition(key: target, sequence: sequenceMax)))
    }

    override func moveToOlder() -> Bool {
        let entry = current
        guard entry.sequence > 0, let older = memtable.newestEntry(of: entry.key, upTo: entry.sequence - 1) else {
            return false
        }
        self.entry = older
        return true
    }

    override func moveToNextKey(_ mode: ReadMode) throws(ReadInterruption) {
        // No entry has sequence 0: the position is behind all versions of the key.
        place(memtable.firstEntry(from: MemtablePosition(key: current.key, sequence: 0)))
    }

    /// Stands on the first key from `candidate` on that has a version within the snapshot.
    private func place(_ candidate: MemtableEntry?) {
        entry = candidate
        while let found = entry, found.sequence > sequenceMax {
            entry = memtable.firstEntry(from: MemtablePosition(key: found.key, sequence: sequenceMax))
        }
    }
}

final class RunSource: MergeSource {
    private let run: SortedRun
    private let fillCache: Bool
    private var tableIndex = 0
    private var blockIndex = 0
    private var cursor: DataBlockCursor?

    init(run: SortedRun, fillCache: Bool) {
        self.run = run
        self.fillCache = fillCache
    }

    private var current: DataBlockCursor {
        guard let cursor else { preconditionFailure("a merge source is read only where it stands") }
        return cursor
    }

    override var isValid: Bool { cursor?.isValid ?? false }
    override var key: UnsafeRawBufferPointer { current.key }
    override var kind: EntryKind { current.kind }
    override var sequence: UInt64 { current.sequence }
    override var value: UnsafeRawBufferPointer { current.value }

    override func seek(_ target: UnsafeRawBufferPointer, _ mode: ReadMode) throws(ReadInterruption) {
        let newTable = run.tableIndex(notBelow: target)
        guard newTable < run.tables.count else {
            cursor = nil
            return
        }
        let table = run.tables[newTable]
        let newBlock = table.blockIndex(for: target)
        guard newBlock < table.blockCount else {
            throw .failed(table.damage(inBlock: table.blockCount - 1))
        }
        let new = DataBlockCursor(block: try table.block(newBlock, mode: mode, fillCache: fillCache))
        do { try new.seek(target) } catch { throw .failed(table.damage(inBlock: newBlock)) }
        tableIndex = newTable
        blockIndex = newBlock
        cursor = new
    }

    override func moveToNextKey(_ mode: ReadMode) throws(ReadInterruption) {
        let table = run.tables[tableIndex]
        if current.hasNext {
            do { try current.advance() } catch { throw .failed(table.damage(inBlock: blockIndex)) }
            return
        }
        if blockIndex + 1 < table.blockCount {
            try open(tableIndex, blockIndex + 1, mode)
        } else if tableIndex + 1 < run.tables.count {
            try open(tableIndex + 1, 0, mode)
        } else {
            cursor = nil
        }
    }

    private func open(_ newTable: Int, _ newBlock: Int, _ mode: ReadMode) throws(ReadInterruption) {
        let table = run.tables[newTable]
        let new = DataBlockCursor(block: try table.block(newBlock, mode: mode, fillCache: fillCache))
        do { try new.advance() } catch { throw .failed(table.damage(inBlock: newBlock)) }
        tableIndex = newTable
        blockIndex = newBlock
        cursor = new
    }
}
