internal import Bytes

/// Walks one data block, forward or backward. To turn around it seeks anew. One user at a time.
final class DataBlockCursor {
    /// Keeps the entries.
    private var block: DataBlock
    private var entries: BlockEntries
    private let keyMemory: UnsafeMutableRawBufferPointer
    private var keyLength = 0
    private var next = 0
    private var entry: BlockEntries.Entry?
    /// Where a walk backward is.
    private var window = RestartWindow()

    init(block: DataBlock) {
        self.block = block
        entries = block.entries
        keyMemory = .allocate(byteCount: EngineLimits.keyBytesMax, alignment: 8)
    }

    deinit { keyMemory.deallocate() }

    /// Goes over to another block, before its first entry.
    func enter(_ block: DataBlock) {
        self.block = block
        entries = block.entries
        keyLength = 0
        next = 0
        entry = nil
        window.clear()
    }

    var isValid: Bool { entry != nil }
    /// Whether another entry follows in this block.
    var hasNext: Bool { next < entries.end }
    /// Valid until the cursor moves, like `value`.
    var key: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: keyMemory[0..<keyLength]) }
    var kind: EntryKind { current.kind }
    var sequence: UInt64 { current.sequence }
    var value: UnsafeRawBufferPointer { current.value }

    private var current: BlockEntries.Entry {
        guard let entry else { preconditionFailure("a block cursor is read only where it stands") }
        return entry
    }

    /// Moves to the first entry whose key is at or above `target`.
    func seek(_ target: UnsafeRawBufferPointer) {
        keyLength = 0
        next = entries.restartOffset(entries.restart(for: target))
        advance()
        while isValid, compareBytes(key, target) < 0 { advance() }
    }

    func advance() {
        entry = nil
        guard hasNext else { return }
        let new = entries.entry(at: next)
        UnsafeMutableRawBufferPointer(rebasing: keyMemory[new.shared...]).copyMemory(from: new.rest)
        keyLength = new.shared + new.rest.count
        next = new.next
        entry = new
    }

    // MARK: Backward

    /// Moves to the last entry whose key is below `target`; to none when all are at or above it.
    func seek(before target: UnsafeRawBufferPointer) {
        entry = nil
        window.load(entries, restart: entries.restart(for: target))
        while stepBack(), compareBytes(key, target) >= 0 {}
    }

    /// Moves to the last entry.
    func seekToLast() {
        entry = nil
        window.load(entries, restart: entries.restartCount - 1)
        _ = stepBack()
    }

    /// Whether another entry precedes in this block. Only after a move backward.
    var hasPrevious: Bool { !window.isEmpty || window.restart > 0 }

    /// Moves to the previous entry; to none from the first. Only after a move backward.
    func retreat() { _ = stepBack() }

    private func stepBack() -> Bool {
        entry = nil
        if window.isEmpty {
            guard window.restart > 0 else { return false }
            window.load(entries, restart: window.restart - 1)
        }
        entry = window.takeLast { key in
            keyMemory.copyMemory(from: key)
            keyLength = key.count
        }
        return true
    }
}

/// The entries from one restart point to the next that a walk backward has still before it. Prefix compression is
/// undone forward only, so a walk backward takes an interval at a time.
private struct RestartWindow {
    private(set) var restart = 0
    private var keys: [UInt8] = []
    private var entries: [(entry: BlockEntries.Entry, keyStart: Int)] = []

    var isEmpty: Bool { entries.isEmpty }

    mutating func clear() {
        restart = 0
        keys.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }

    mutating func load(_ block: BlockEntries, restart: Int) {
        clear()
        self.restart = restart
        let end = restart + 1 < block.restartCount ? block.restartOffset(restart + 1) : block.end
        var offset = block.restartOffset(restart)
        var previousStart = 0
        while offset < end {
            let entry = block.entry(at: offset)
            let start = keys.count
            for index in 0..<entry.shared { keys.append(keys[previousStart + index]) }
            keys.append(contentsOf: entry.rest)
            entries.append((entry, start))
            previousStart = start
            offset = entry.next
        }
    }

    /// Takes the last entry away, after its key was handed to `body`.
    mutating func takeLast(_ body: (UnsafeRawBufferPointer) -> Void) -> BlockEntries.Entry {
        guard let (entry, start) = entries.popLast() else { preconditionFailure("an empty window has no last entry") }
        keys.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        keys.removeSubrange(start...)
        return entry
    }
}
