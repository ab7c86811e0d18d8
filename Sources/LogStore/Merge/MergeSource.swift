internal import Bytes

/// One ordered input of a merge: a memtable, or the tables of a run. Within a key the newest entry comes first,
/// whichever way the merge goes.
///
/// A call that is interrupted by `.wouldBlock` has not moved the source and may be repeated. After a seek a source is
/// moved on in the seek's direction only.
class MergeSource {
    /// What a source still has to do before it stands where the merge's next step needs it.
    enum Pending {
        case none
        case seek
        case seekToLast
        case step
        /// The same, past what a range delete hides.
        case skip
    }

    /// The merge's own note.
    final var pending = Pending.none
    /// Whether the source stands on an entry. This and what follows is the subclass's to set when it moves: plain
    /// fields, since the merge compares them at each step.
    final var isValid = false
    /// Key, kind, sequence and value of the entry that the source stands on. Valid until it moves.
    final var key = UnsafeRawBufferPointer(start: nil, count: 0)
    final var kind = EntryKind.put
    final var sequence: UInt64 = 0
    final var value = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Set where a source stands on no entry but at the edge of keys that it cannot read: `key` is the first of them
    /// that the merge comes to. Entries on this side of it are still served.
    final var damage: StoreError?

    /// Moves to the first entry at or above `target`.
    func seek(_ target: UnsafeRawBufferPointer, _ mode: ReadMode) throws(ReadInterruption) {}

    /// Moves to the first entry of the next key.
    func moveToNextKey(_ mode: ReadMode) throws(ReadInterruption) {}

    /// Moves to the newest entry of the last key below `target`.
    func seek(before target: UnsafeRawBufferPointer, _ mode: ReadMode) throws(ReadInterruption) {}

    /// Moves to the newest entry of the last key.
    func seekToLast(_ mode: ReadMode) throws(ReadInterruption) {}

    /// Moves to the newest entry of the previous key.
    func moveToPreviousKey(_ mode: ReadMode) throws(ReadInterruption) {}

    /// Moves on in the direction of the last seek, past entries of `stretch` that its range delete hides, as far as
    /// that can be told without reading them; at least to the next key. The source stands in the stretch.
    func skip(_ stretch: RangeStretch, isForward: Bool, _ mode: ReadMode) throws(ReadInterruption) {
        if isForward { try moveToNextKey(mode) } else { try moveToPreviousKey(mode) }
    }

    /// Moves to the next older entry of the same key, if this source has one. Never blocks.
    func moveToOlder() -> Bool { false }
}
