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

    /// A source that stands on a key: what comparing needs, so that it need not look at the source.
    private struct Standing {
        let index: Int
        /// The source's own; it lies there until the source moves.
        let key: UnsafeRawBufferPointer
        let isDamaged: Bool

        init(_ index: Int, _ source: MergeSource) {
            self.index = index
            key = source.key
            isDamaged = source.damage != nil
        }

        func comes(before other: Standing, _ direction: Direction?) -> Bool {
            let keys = compareBytes(key, other.key)
            if keys != 0 { return direction == .forward ? keys < 0 : keys > 0 }
            return isDamaged == other.isDamaged ? index < other.index : isDamaged
        }
    }

    private let sources: [MergeSource]
    private let cover: RangeCover?
    private var pending: [Pending]
    /// The sources that stand on a key, in the order in which their keys come; with equal keys those first that cannot
    /// read theirs, then the newest.
    private var order: [Standing] = []
    /// How many at the front of `order` stood on the last key and have to move on before they are compared again.
    private var movingCount = 0
    /// Whether `order` is that of the present direction; not before all sources have done their seeks.
    private var isOrdered = false
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
        if order.isEmpty {
            seekToLast()
            return nil
        }
        let outcome = try take()
        gap = .behindKey
        return outcome
    }

    /// Moves over the previous key; nil, and no move, at the start. The outcome's bytes are valid until the next step.
    func previous(_ mode: ReadMode) throws(ReadInterruption) -> KeyFold.Outcome? {
        if direction != .backward { turn(.backward) }
        try settle(mode)
        if order.isEmpty {
            seek([])
            return nil
        }
        let outcome = try take()
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
        isOrdered = false
        direction = new
    }

    private func settle(_ mode: ReadMode) throws(ReadInterruption) {
        if damagedKey != nil { damagedKey = nil }
        if !isOrdered {
            try place(mode)
            order.removeAll(keepingCapacity: true)
            for index in sources.indices where sources[index].isValid {
                let new = Standing(index, sources[index])
                order.insert(new, at: order.firstIndex { new.comes(before: $0, direction) } ?? order.count)
            }
            movingCount = 0
            isOrdered = true
        }
        while movingCount > 0 {
            let index = order[movingCount - 1].index
            let source = sources[index]
            try move(source, index, mode)
            movingCount -= 1
            if source.isValid {
                replace(at: movingCount, with: Standing(index, source))
            } else {
                order.remove(at: movingCount)
            }
        }
    }

    private func move(_ source: MergeSource, _ index: Int, _ mode: ReadMode) throws(ReadInterruption) {
        if pending[index] == .skip {
            guard let cover else { preconditionFailure("only a range delete is skipped") }
            // Still that of the last step: nobody has asked it since.
            try source.skip(cover.stretch, isForward: direction == .forward, mode)
        } else if direction == .forward {
            try source.moveToNextKey(mode)
        } else {
            try source.moveToPreviousKey(mode)
        }
        pending[index] = .none
    }

    /// Has the sources seek that have not done so yet.
    private func place(_ mode: ReadMode) throws(ReadInterruption) {
        for index in sources.indices {
            switch pending[index] {
            case .seekToLast: try sources[index].seekToLast(mode)
            case .seek:
                try target.reading { bytes throws(ReadInterruption) in
                    if direction == .forward {
                        try sources[index].seek(bytes, mode)
                    } else {
                        try sources[index].seek(before: bytes, mode)
                    }
                }
            case .none, .step, .skip: continue
            }
            pending[index] = .none
        }
    }

    /// Takes the source at a place of `order`, which has moved on, to where its new key belongs.
    private func replace(at start: Int, with new: Standing) {
        var place = start
        while place + 1 < order.count, order[place + 1].comes(before: new, direction) {
            order[place] = order[place + 1]
            place += 1
        }
        order[place] = new
    }

    /// Folds the entries of the key that comes first.
    private func take() throws(ReadInterruption) -> KeyFold.Outcome {
        let first = order[0].key
        if let damage = sources[order[0].index].damage {
            damagedKey = [UInt8](first)
            throw .failed(damage)
        }
        key.removeAll(keepingCapacity: true)
        key.append(contentsOf: first)
        fold = KeyFold()
        let deletedAt = cover.map { cover in key.withUnsafeBytes { cover.sequence(at: $0) } } ?? 0
        repeat {
            let standing = order[movingCount]
            if movingCount > 0, compareBytes(standing.key, first) != 0 { break }
            let source = sources[standing.index]
            pending[standing.index] = source.sequence < deletedAt ? .skip : .step
            movingCount += 1
            if source.sequence < deletedAt || fold.isSettled { continue }
            fold.feed(source.kind, sequence: source.sequence, value: source.value)
            while !fold.isSettled, source.moveToOlder(), source.sequence >= deletedAt {
                fold.feed(source.kind, sequence: source.sequence, value: source.value)
            }
        } while movingCount < order.count
        if deletedAt > 0, !fold.isSettled { fold.settleDeleted() }
        do { return try fold.outcome() } catch {
            // Whoever goes on meets the error again.
            target = direction == .forward ? key : key + [0]
            gap = .beforeTarget
            direction = nil
            throw .failed(.damaged(file: "", offset: 0, what: "an add over a value that is no counter"))
        }
    }
}
