/// A memtable as an input of a merge, as of one sequence. Never blocks.
final class MemtableSource: MergeSource {
    /// Keeps the memtable, and the extent files that its values name.
    private let set: MemtableSet
    private var cursor: MemtableCursor
    /// Nothing in the memtable is newer.
    private let lastSequence: UInt64

    /// - Parameter lastSequence: of the set, if it is frozen.
    init(set: MemtableSet, keyspace: Keyspace, upTo sequenceMax: UInt64, lastSequence: UInt64? = nil) {
        self.set = set
        self.lastSequence = lastSequence ?? .max
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

    override func skip(_ stretch: RangeStretch, isForward: Bool, _ mode: ReadMode) throws(ReadInterruption) {
        guard lastSequence < stretch.sequence, let upper = stretch.upper else {
            return try super.skip(stretch, isForward: isForward, mode)
        }
        if isForward {
            upper.withUnsafeBytes { cursor.seek($0) }
        } else {
            stretch.lower.withUnsafeBytes { cursor.seek(before: $0) }
        }
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
