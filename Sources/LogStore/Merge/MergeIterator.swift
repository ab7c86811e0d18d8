internal import Bytes

/// Merges sources, newest first, into one sequence of keys with the entry that counts for each, walked in either
/// direction.
///
/// The iterator stands between two keys: `next` and `previous` return the key that they step over, so that one after
/// the other returns the same key. Turning around costs a seek.
///
/// An interrupted step has lost nothing: called again, in either direction, it goes on from where it stood. One user at
/// a time.
final class MergeIterator {
    private enum Direction {
        case forward
        case backward
    }

    /// Between which keys the iterator stands.
    private enum Gap {
        /// Before `target`.
        case beforeTarget
        case behindAll
        /// Before or behind `key`.
        case beforeKey
        case behindKey
    }

    /// What a source still has to do before it stands where the next step needs it.
    private enum Pending {
        case none
        case seek
        case seekToLast
        case step
        /// The same, past what a range delete hides.
        case skip
    }

    private let sources: [MergeSource]
    private let cover: RangeCover?
    private var pending: [Pending]
    /// Which way the sources are placed for; nil when they must seek to the gap first.
    private var direction: Direction?
    private var gap = Gap.beforeTarget
    private var target: [UInt8] = []
    private var fold = KeyFold()

    /// The key that the last step found.
    private(set) var key: [UInt8] = []
    /// Where the keys begin that the last step could not read, in its direction; nil unless it failed for that.
    private(set) var damagedKey: [UInt8]?

    /// - Parameter cover: what range deletes hide; nil when there are none.
    init(sources: [MergeSource], cover: RangeCover? = nil) {
        self.sources = sources
        self.cover = cover
        pending = sources.map { _ in .none }
    }

    /// Stands before the first key at or above `target`. Costs nothing until the next step.
    func seek(_ target: [UInt8]) {
        self.target = target
        gap = .beforeTarget
        direction = nil
    }

    /// Stands behind the last key. Costs nothing until the next step.
    func seekToLast() {
        gap = .behindAll
        direction = nil
    }

    var sequence: UInt64 { fold.sequence }

    /// Moves over the next key; nil, and no move, at the end. The outcome's bytes are valid until the next step.
    func next(_ mode: ReadMode) throws(ReadInterruption) -> KeyFold.Outcome? {
        if direction != .forward {
            if case .behindAll = gap { return nil }
            turn(.forward)
        }
        try settle(mode)
        guard let first = smallest() else {
            seekToLast()
            return nil
        }
        let outcome = try take(first)
        gap = .behindKey
        return outcome
    }

    /// Moves over the previous key; nil, and no move, at the start. The outcome's bytes are valid until the next step.
    func previous(_ mode: ReadMode) throws(ReadInterruption) -> KeyFold.Outcome? {
        if direction != .backward { turn(.backward) }
        try settle(mode)
        guard let first = largest() else {
            seek([])
            return nil
        }
        let outcome = try take(first)
        gap = .beforeKey
        return outcome
    }

    /// Has all sources seek to the gap.
    private func turn(_ new: Direction) {
        switch gap {
        case .beforeTarget, .behindAll: break
        case .beforeKey: target = key
        // Nothing lies between a key and the same key with a zero byte behind it.
        case .behindKey: target = key + [0]
        }
        var seek = Pending.seek
        if case .behindAll = gap { seek = .seekToLast } else { gap = .beforeTarget }
        for index in pending.indices { pending[index] = seek }
        direction = new
    }

    private func settle(_ mode: ReadMode) throws(ReadInterruption) {
        if damagedKey != nil { damagedKey = nil }
        for index in sources.indices {
            switch pending[index] {
            case .none: continue
            case .step:
                if direction == .forward {
                    try sources[index].moveToNextKey(mode)
                } else {
                    try sources[index].moveToPreviousKey(mode)
                }
            case .skip:
                guard let cover else { preconditionFailure("only a range delete is skipped") }
                // Still that of the last step: nobody has asked it since.
                try sources[index].skip(cover.stretch, isForward: direction == .forward, mode)
            case .seekToLast: try sources[index].seekToLast(mode)
            case .seek:
                try target.reading { bytes throws(ReadInterruption) in
                    if direction == .forward {
                        try sources[index].seek(bytes, mode)
                    } else {
                        try sources[index].seek(before: bytes, mode)
                    }
                }
            }
            pending[index] = .none
        }
    }

    /// Folds the entries of the key that source `first`, and perhaps older ones, stand on.
    private func take(_ first: Int) throws(ReadInterruption) -> KeyFold.Outcome {
        if let damage = sources[first].damage {
            damagedKey = [UInt8](sources[first].key)
            throw .failed(damage)
        }
        key.removeAll(keepingCapacity: true)
        key.append(contentsOf: sources[first].key)
        fold = KeyFold()
        let deletedAt = cover.map { cover in key.withUnsafeBytes { cover.sequence(at: $0) } } ?? 0
        for index in first..<sources.count {
            let source = sources[index]
            guard source.isValid else { continue }
            if index > first, !key.withUnsafeBytes({ compareBytes($0, source.key) == 0 }) { continue }
            if source.sequence < deletedAt {
                pending[index] = .skip
                continue
            }
            pending[index] = .step
            if fold.isSettled { continue }
            fold.feed(source.kind, sequence: source.sequence, value: source.value)
            while !fold.isSettled, source.moveToOlder(), source.sequence >= deletedAt {
                fold.feed(source.kind, sequence: source.sequence, value: source.value)
            }
        }
        if deletedAt > 0, !fold.isSettled { fold.settleDeleted() }
        do { return try fold.outcome() } catch {
            // Whoever goes on meets the error again.
            target = direction == .forward ? key : key + [0]
            gap = .beforeTarget
            direction = nil
            throw .failed(.damaged(file: "", offset: 0, what: "an add over a value that is no counter"))
        }
    }

    /// The newest of the sources that stand on the smallest key; one that cannot read it goes first.
    private func smallest() -> Int? {
        var best: Int?
        for index in sources.indices where sources[index].isValid {
            if let found = best {
                let order = compareBytes(sources[index].key, sources[found].key)
                if order > 0 || order == 0 && sources[index].damage == nil { continue }
            }
            best = index
        }
        return best
    }

    /// The newest of the sources that stand on the largest key; one that cannot read it goes first.
    private func largest() -> Int? {
        var best: Int?
        for index in sources.indices where sources[index].isValid {
            if let found = best {
                let order = compareBytes(sources[index].key, sources[found].key)
                if order < 0 || order == 0 && sources[index].damage == nil { continue }
            }
            best = index
        }
        return best
    }
}
