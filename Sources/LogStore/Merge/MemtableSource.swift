/// A memtable as an input of a merge, as of one sequence. Never blocks.
final class MemtableSource: MergeSource {
    /// Keeps the memtable, and the extent files that its values name.
    private let set: MemtableSet
    private var cursor: MemtableCursor

    init(set: MemtableSet, keyspace: Keyspace, upTo sequenceMax: UInt64) {
        self.set = set
        cursor = MemtableCursor(set.memtable(keyspace), upTo: sequenceMax)
    }

    override func seek(_ target: UnsafeRawBufferPointer, _ mode: ReadMode) throws(ReadInterruption) {
        cursor.seek(target)
        show()
    }

    override func moveToNextKey(_ mode: ReadMode) throws(ReadInterruption) {
        cursor.moveToNextKey()
        show()
    }

    override func seek(before target: UnsafeRawBufferPointer, _ mode: ReadMode) throws(ReadInterruption) {
        cursor.seek(before: target)
        show()
    }

    override func seekToLast(_ mode: ReadMode) throws(ReadInterruption) {
        cursor.seekToLast()
        show()
    }

    override func moveToPreviousKey(_ mode: ReadMode) throws(ReadInterruption) {
        cursor.moveToPreviousKey()
        show()
    }

    override func moveToOlder() -> Bool {
        guard cursor.moveToOlder() else { return false }
        show()
        return true
    }

    private func show() {
        guard let entry = cursor.entry else {
            isValid = false
            return
        }
        isValid = true
        key = entry.key
        kind = entry.kind
        sequence = entry.sequence
        value = entry.value
    }
}
