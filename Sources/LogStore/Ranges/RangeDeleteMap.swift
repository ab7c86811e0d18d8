internal import Bytes

/// The range deletes of one memtable, as of every sequence at once.
///
/// They are kept as a step function over keys: at each *boundary* stands the sequence that deletes the keys from there
/// up to the next boundary. A boundary's versions are entries of a memtable, so readers at any sequence see the steps
/// of their time without waiting for the writer, and memory comes from the set's arena.
///
/// A new range delete gives every boundary inside of it a new version. There are few range deletes in a set
/// (`EngineLimits.rangeDeletesPerSetMax`), which bounds that work.
struct RangeDeleteMap {
    private let steps: Memtable

    init(_ steps: Memtable) { self.steps = steps }

    // MARK: Writing (the one writer)

    /// Adds a range delete. Those of one commit are disjoint and do not touch; later ones have higher sequences.
    func insert(from lower: UnsafeRawBufferPointer, to upper: UnsafeRawBufferPointer, sequence: UInt64) {
        let behind = self.sequence(at: upper, upTo: MemtablePosition.sequenceMax)
        var inner: [UnsafeRawBufferPointer] = []
        var cursor = MemtableCursor(steps, upTo: MemtablePosition.sequenceMax)
        cursor.seek(lower)
        while let step = cursor.entry, compareBytes(step.key, upper) < 0 {
            if compareBytes(step.key, lower) > 0 { inner.append(step.key) }
            cursor.moveToNextKey()
        }
        let isNewBoundary = cursor.entry.map { compareBytes($0.key, upper) != 0 } ?? true
        set(lower, sequence, at: sequence)
        for boundary in inner { set(boundary, sequence, at: sequence) }
        if isNewBoundary { set(upper, behind, at: sequence) }
    }

    private func set(_ boundary: UnsafeRawBufferPointer, _ deletedAt: UInt64, at sequence: UInt64) {
        withUnsafeBytes(of: deletedAt.littleEndian) {
            steps.insert(sequence: sequence, kind: .put, key: boundary, value: $0)
        }
    }

    // MARK: Reading

    /// The newest sequence up to `sequenceMax` that deletes `key`; 0 when none does.
    func sequence(at key: UnsafeRawBufferPointer, upTo sequenceMax: UInt64) -> UInt64 {
        var cursor = MemtableCursor(steps, upTo: sequenceMax)
        cursor.seek(atOrBelow: key)
        return cursor.entry?.deletedAt ?? 0
    }

    /// The stretch of keys around `key` in which the answer is the same.
    func stretch(at key: UnsafeRawBufferPointer, upTo sequenceMax: UInt64) -> RangeStretch {
        var cursor = MemtableCursor(steps, upTo: sequenceMax)
        cursor.seek(atOrBelow: key)
        let below = cursor.entry
        var above = MemtableCursor(steps, upTo: sequenceMax)
        above.seek(key)
        if let entry = above.entry, compareBytes(entry.key, key) == 0 { above.moveToNextKey() }
        return RangeStretch(
            lower: below.map { [UInt8]($0.key) } ?? [], upper: above.entry.map { [UInt8]($0.key) },
            sequence: below?.deletedAt ?? 0)
    }

    /// Whether some key of `lower..<upper` (nil: unbounded) was deleted after `sequence`.
    func hasDelete(from lower: [UInt8], to upper: [UInt8]?, after sequence: UInt64) -> Bool {
        var cursor = MemtableCursor(steps, upTo: MemtablePosition.sequenceMax)
        lower.withUnsafeBytes { cursor.seek(atOrBelow: $0) }
        if cursor.entry == nil { cursor.seek(UnsafeRawBufferPointer(start: nil, count: 0)) }
        while let step = cursor.entry {
            if let upper, upper.withUnsafeBytes({ compareBytes(step.key, $0) >= 0 }) { return false }
            if step.deletedAt > sequence { return true }
            cursor.moveToNextKey()
        }
        return false
    }

    /// All of them in disjoint pieces in order of key, each with its newest sequence.
    var rangeDeletes: [RangeDelete] {
        var found: [RangeDelete] = []
        var cursor = MemtableCursor(steps, upTo: MemtablePosition.sequenceMax)
        cursor.seek(UnsafeRawBufferPointer(start: nil, count: 0))
        while let step = cursor.entry {
            cursor.moveToNextKey()
            guard step.deletedAt > 0, let end = cursor.entry else { continue }
            let isNext = found.last?.upper.withUnsafeBytes { compareBytes($0, step.key) == 0 } ?? false
            if isNext, found.last?.sequence == step.deletedAt {
                found[found.count - 1].upper = [UInt8](end.key)
            } else {
                found.append(
                    RangeDelete(lower: [UInt8](step.key), upper: [UInt8](end.key), sequence: step.deletedAt))
            }
        }
        return found
    }
}

extension MemtableEntry {
    /// Of a step: the sequence that deletes what follows it.
    fileprivate var deletedAt: UInt64 { UInt64(littleEndian: value.loadUnaligned(as: UInt64.self)) }
}
