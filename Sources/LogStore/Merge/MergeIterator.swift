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

    /// A source that stands on a key: what comparing needs, so that it need not look at the source.
    private struct Standing {
        let index: Int
        /// Not counted: the iterator keeps its sources.
        let source: Unmanaged<MergeSource>
        /// The source's own; it lies there until the source moves.
        let key: UnsafeRawBufferPointer
        let isDamaged: Bool

        init(_ index: Int, _ source: MergeSource) {
            self.index = index
            self.source = Unmanaged.passUnretained(source)
            key = source.key
            isDamaged = source.damage != nil
        }

        /// The same source, which stands elsewhere now.
        var moved: Standing {
            let index = index
            return source._withUnsafeGuaranteedRef { Standing(index, $0) }
        }

        func comes(before other: Standing, _ direction: Direction?) -> Bool {
            let keys = compareBytes(key, other.key)
            if keys != 0 { return direction == .forward ? keys < 0 : keys > 0 }
            return isDamaged == other.isDamaged ? index < other.index : isDamaged
        }
    }

    private var sources: [MergeSource]
    private let cover: RangeCover?
    /// The sources that stand on a key, in the order in which their keys come; with equal keys those first that cannot
    /// read theirs, then the newest. With room for all; raw memory, since each step moves in it.
    private let order: UnsafeMutableBufferPointer<Standing>
    private var orderCount = 0
    /// How many at the front of `order` stood on the last key and have to move on before they are compared again.
    private var movingCount = 0
    /// Whether `order` is that of the present direction; not before all sources have done their seeks.
    private var isOrdered = false
    /// Which way the sources are placed for; nil when they must seek to the gap first.
    private var direction: Direction?
    private var gap = Gap.beforeTarget
    private var target: [UInt8] = []
    private var keyMemory: UnsafeMutableRawBufferPointer
    private var keyLength = 0

    /// The newest sequence of the key that the last step found.
    private(set) var sequence: UInt64 = 0
    /// Where the keys begin that the last step could not read, in its direction; nil unless it failed for that.
    private(set) var damagedKey: [UInt8]?

    /// - Parameter cover: what range deletes hide; nil when there are none.
    init(sources: [MergeSource], cover: RangeCover? = nil) {
        self.sources = sources
        self.cover = cover
        order = .allocate(capacity: sources.count)
        keyMemory = .allocate(byteCount: Self.firstKeyBytes, alignment: 1)
    }

    deinit {
        order.deallocate()
        keyMemory.deallocate()
    }

    /// Most keys are shorter.
    private static let firstKeyBytes = 256

    /// The key that the last step found. Valid until the next step.
    var key: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: keyMemory[..<keyLength]) }

    /// Lets go of the sources, as if they had no keys.
    func close() {
        sources = []
        orderCount = 0
        seek([])
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

    /// Moves over the next key; nil, and no move, at the end. The outcome's bytes are valid until the next step.
    func next(_ mode: ReadMode) throws(ReadInterruption) -> KeyFold.Outcome? {
        if direction != .forward {
            if case .behindAll = gap { return nil }
            turn(.forward)
        }
        try settle(mode)
        if orderCount == 0 {
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
        if orderCount == 0 {
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
        case .beforeKey: target = [UInt8](key)
        // Nothing lies between a key and the same key with a zero byte behind it.
        case .behindKey: target = [UInt8](key) + [0]
        }
        var seek = MergeSource.Pending.seek
        if case .behindAll = gap { seek = .seekToLast } else { gap = .beforeTarget }
        for source in sources { source.pending = seek }
        isOrdered = false
        direction = new
    }

    private func settle(_ mode: ReadMode) throws(ReadInterruption) {
        if damagedKey != nil { damagedKey = nil }
        if !isOrdered {
            try place(mode)
            orderCount = 0
            for index in sources.indices where sources[index].isValid { add(Standing(index, sources[index])) }
            movingCount = 0
            isOrdered = true
        }
        while movingCount > 0 {
            let standing = order[movingCount - 1]
            let source = standing.source.takeUnretainedValue()
            try move(source, mode)
            movingCount -= 1
            if source.isValid { replace(at: movingCount, with: standing.moved) } else { remove(at: movingCount) }
        }
    }

    private func move(_ source: MergeSource, _ mode: ReadMode) throws(ReadInterruption) {
        if source.pending == .skip {
            guard let cover else { preconditionFailure("only a range delete is skipped") }
            // Still that of the last step: nobody has asked it since.
            try source.skip(cover.stretch, isForward: direction == .forward, mode)
        } else if direction == .forward {
            try source.moveToNextKey(mode)
        } else {
            try source.moveToPreviousKey(mode)
        }
        source.pending = .none
    }

    /// Has the sources seek that have not done so yet.
    private func place(_ mode: ReadMode) throws(ReadInterruption) {
        for source in sources {
            switch source.pending {
            case .seekToLast: try source.seekToLast(mode)
            case .seek:
                try target.reading { bytes throws(ReadInterruption) in
                    if direction == .forward {
                        try source.seek(bytes, mode)
                    } else {
                        try source.seek(before: bytes, mode)
                    }
                }
            case .none, .step, .skip: continue
            }
            source.pending = .none
        }
    }

    // MARK: The order

    private func add(_ new: Standing) {
        var place = orderCount
        while place > 0, new.comes(before: order[place - 1], direction) {
            order[place] = order[place - 1]
            place -= 1
        }
        order[place] = new
        orderCount += 1
    }

    /// Takes the source at a place, which has moved on, to where its new key belongs.
    private func replace(at start: Int, with new: Standing) {
        var place = start
        while place + 1 < orderCount, order[place + 1].comes(before: new, direction) {
            order[place] = order[place + 1]
            place += 1
        }
        order[place] = new
    }

    private func remove(at start: Int) {
        orderCount -= 1
        for place in start..<orderCount { order[place] = order[place + 1] }
    }

    // MARK: The key that comes first

    /// Keeps a key beyond the moves of its source.
    private func keep(_ key: UnsafeRawBufferPointer) {
        if key.count > keyMemory.count {
            keyMemory.deallocate()
            keyMemory = .allocate(byteCount: max(key.count, EngineLimits.keyBytesMax), alignment: 1)
        }
        keyMemory.copyMemory(from: key)
        keyLength = key.count
    }

    /// Folds the entries of the key that comes first.
    private func take() throws(ReadInterruption) -> KeyFold.Outcome {
        let first = order[0].key
        if order[0].isDamaged, let damage = sources[order[0].index].damage {
            damagedKey = [UInt8](first)
            throw .failed(damage)
        }
        keep(first)
        var fold = KeyFold()
        let deletedAt = cover?.sequence(at: first) ?? 0
        var taken = 0
        repeat {
            let standing = order[taken]
            if taken > 0, compareBytes(standing.key, first) != 0 { break }
            taken += 1
            standing.source._withUnsafeGuaranteedRef { Self.feed($0, to: &fold, deletedAt: deletedAt) }
        } while taken < orderCount
        movingCount = taken
        if deletedAt > 0, !fold.isSettled { fold.settleDeleted() }
        sequence = fold.sequence
        do { return try fold.outcome() } catch {
            // Whoever goes on meets the error again.
            target = direction == .forward ? [UInt8](key) : [UInt8](key) + [0]
            gap = .beforeTarget
            direction = nil
            throw .failed(.damaged(file: "", offset: 0, what: "an add over a value that is no counter"))
        }
    }

    /// Takes what a source has of the key that comes first, and notes how it goes on.
    @inline(__always)
    private static func feed(_ source: MergeSource, to fold: inout KeyFold, deletedAt: UInt64) {
        source.pending = source.sequence < deletedAt ? .skip : .step
        if source.sequence < deletedAt || fold.isSettled { return }
        fold.feed(source.kind, sequence: source.sequence, value: source.value)
        while !fold.isSettled, source.moveToOlder(), source.sequence >= deletedAt {
            fold.feed(source.kind, sequence: source.sequence, value: source.value)
        }
    }
}
