internal import Bytes

/// Merges sources, newest first, into one ascending sequence of keys with the entry that counts for each.
///
/// An interrupted `next` has lost nothing: called again, it goes on where it stopped. One user at a time.
final class MergeIterator {
    private enum Pending {
        case none
        case seek([UInt8])
        case nextKey
    }

    private let sources: [MergeSource]
    private var pending: [Pending]
    private var fold = KeyFold()
    private var counterBytes: [UInt8] = []

    /// The key that `next` found.
    private(set) var key: [UInt8] = []

    init(sources: [MergeSource]) {
        self.sources = sources
        pending = sources.map { _ in .seek([]) }
    }

    /// The next `next` finds the first key at or above `target`.
    func seek(_ target: [UInt8]) {
        for index in pending.indices { pending[index] = .seek(target) }
    }

    var sequence: UInt64 { fold.sequence }

    /// Moves to the next key; nil at the end. The outcome's bytes are valid until the next call.
    func next(_ mode: ReadMode) throws(ReadInterruption) -> KeyFold.Outcome? {
        try settle(mode)
        guard let first = smallest() else { return nil }
        key.removeAll(keepingCapacity: true)
        key.append(contentsOf: sources[first].key)
        fold = KeyFold()
        for index in first..<sources.count {
            let source = sources[index]
            guard source.isValid, key.withUnsafeBytes({ compareBytes($0, source.key) == 0 }) else { continue }
            pending[index] = .nextKey
            if fold.isSettled { continue }
            fold.feed(source.kind, sequence: source.sequence, value: source.value)
            while !fold.isSettled, source.moveToOlder() {
                fold.feed(source.kind, sequence: source.sequence, value: source.value)
            }
        }
        do { return try fold.outcome() } catch {
            throw .failed(.damaged(file: "", offset: 0, what: "an add over a value that is no counter"))
        }
    }

    private func settle(_ mode: ReadMode) throws(ReadInterruption) {
        for index in sources.indices {
            switch pending[index] {
            case .none: continue
            case .seek(let target):
                try target.reading { bytes throws(ReadInterruption) in try sources[index].seek(bytes, mode) }
            case .nextKey: try sources[index].moveToNextKey(mode)
            }
            pending[index] = .none
        }
    }

    /// The newest of the sources that stand on the smallest key.
    private func smallest() -> Int? {
        var best: Int?
        for index in sources.indices where sources[index].isValid {
            if let found = best, compareBytes(sources[index].key, sources[found].key) >= 0 { continue }
            best = index
        }
        return best
    }
}
