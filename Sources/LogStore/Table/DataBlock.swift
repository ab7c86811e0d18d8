internal import Bytes

/// Builds the payload of a data block: prefix-compressed entries behind restart points.
struct DataBlockBuilder {
    /// A whole key every so many entries: the unit of a linear search.
    static let restartInterval = 16

    private(set) var payload: [UInt8] = []
    private var restarts: [UInt32] = []
    private var previousKey: [UInt8] = []
    private var count = 0

    var isEmpty: Bool { count == 0 }
    var byteCount: Int { payload.count + restarts.count * 4 + 4 }

    mutating func append(key: UnsafeRawBufferPointer, kind: EntryKind, sequence: UInt64, value: UnsafeRawBufferPointer)
    {
        var shared = 0
        if count % Self.restartInterval == 0 {
            restarts.append(UInt32(payload.count))
        } else {
            shared = previousKey.withUnsafeBytes { commonPrefixLength($0, key) }
        }
        let rest = UnsafeRawBufferPointer(rebasing: key[shared...])
        payload.appendVarint(shared)
        payload.appendLengthPrefixed(rest)
        payload.append(kind.rawValue)
        payload.appendVarint(sequence)
        switch kind {
        case .put: payload.appendLengthPrefixed(value)
        case .add: payload.append(contentsOf: value)
        case .delete: break
        }
        previousKey.removeSubrange(shared...)
        previousKey.append(contentsOf: rest)
        count += 1
    }

    /// The finished payload; the builder starts anew.
    mutating func finish() -> [UInt8] {
        for restart in restarts { payload.appendLittleEndian(restart) }
        payload.appendLittleEndian(UInt32(restarts.count))
        defer { self = DataBlockBuilder() }
        return payload
    }
}

/// A verified data block in memory, shared by whoever reads it. Its bytes do not move as long as it lives.
///
/// Unchecked: the memory is written in `init` only.
final class DataBlock: @unchecked Sendable {
    private let bytes: UnsafeRawBufferPointer
    /// Where the entries end and the restart points begin.
    let entriesEnd: Int
    /// Places at which a key stands whole.
    let restartCount: Int

    /// - Throws: `.malformed` when the restart points do not fit.
    init(payload: [UInt8]) throws(ByteReaderError) {
        guard payload.count >= 4 else { throw .malformed }
        let count = payload.withUnsafeBytes {
            Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: payload.count - 4, as: UInt32.self)))
        }
        guard count > 0, payload.count >= 4 + count * 4 else { throw .malformed }
        restartCount = count
        entriesEnd = payload.count - 4 - count * 4
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: payload.count, alignment: 8)
        memory.copyBytes(from: payload)
        bytes = UnsafeRawBufferPointer(memory)
    }

    deinit { bytes.deallocate() }

    var byteCount: Int { bytes.count }

    /// Where the whole keys are, as the block says.
    var restartOffsets: [Int] {
        (0..<restartCount).map { index in
            Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: entriesEnd + index * 4, as: UInt32.self)))
        }
    }

    /// One entry taken apart in place.
    struct Entry {
        var shared: Int
        var rest: UnsafeRawBufferPointer
        var kind: EntryKind
        var sequence: UInt64
        var value: UnsafeRawBufferPointer
        /// Where the next entry starts.
        var next: Int
    }

    /// Parses the entry at an offset; nil at the end of the entries.
    func entry(at offset: Int) throws(ByteReaderError) -> Entry? {
        guard offset < entriesEnd else { return nil }
        var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[0..<entriesEnd]))
        try reader.skip(offset)
        let shared = try reader.readVarint()
        let rest = try reader.readLengthPrefixedSlice()
        guard let kind = EntryKind(rawValue: try reader.readUInt8()), shared <= UInt64(EngineLimits.keyBytesMax) else {
            throw .malformed
        }
        let sequence = try reader.readVarint()
        let value: UnsafeRawBufferPointer
        switch kind {
        case .put: value = try reader.readLengthPrefixedSlice()
        case .add: value = try reader.readSlice(8)
        case .delete: value = UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return Entry(
            shared: Int(shared), rest: rest, kind: kind, sequence: sequence, value: value, next: reader.offset)
    }

    /// Where the entry at a restart point starts. Not checked: the entry is.
    func restartOffset(_ index: Int) -> Int {
        Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: entriesEnd + index * 4, as: UInt32.self)))
    }

    /// The last restart point whose key is not above `key`; the first one when all are.
    func restart(for key: UnsafeRawBufferPointer) throws(ByteReaderError) -> Int {
        var lower = 0
        var upper = restartCount
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            guard let entry = try entry(at: restartOffset(middle)), entry.shared == 0 else { throw .malformed }
            if compareBytes(entry.rest, key) <= 0 { lower = middle } else { upper = middle }
        }
        return lower
    }
}

/// Walks one data block, forward or backward. To turn around it seeks anew. One user at a time.
final class DataBlockCursor {
    private var block: DataBlock
    private let keyMemory: UnsafeMutableRawBufferPointer
    private var keyLength = 0
    private var next = 0
    private var entry: DataBlock.Entry?
    /// Where a walk backward is.
    private var window = RestartWindow()

    init(block: DataBlock) {
        self.block = block
        keyMemory = .allocate(byteCount: EngineLimits.keyBytesMax, alignment: 8)
    }

    deinit { keyMemory.deallocate() }

    /// Goes over to another block, before its first entry.
    func enter(_ block: DataBlock) {
        self.block = block
        keyLength = 0
        next = 0
        entry = nil
        window.clear()
    }

    var isValid: Bool { entry != nil }
    /// Whether another entry follows in this block.
    var hasNext: Bool { next < block.entriesEnd }
    /// Valid until the cursor moves, like `value`.
    var key: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: keyMemory[0..<keyLength]) }
    var kind: EntryKind { current.kind }
    var sequence: UInt64 { current.sequence }
    var value: UnsafeRawBufferPointer { current.value }

    private var current: DataBlock.Entry {
        guard let entry else { preconditionFailure("a block cursor is read only where it stands") }
        return entry
    }

    /// Moves to the first entry whose key is at or above `target`.
    func seek(_ target: UnsafeRawBufferPointer) throws(ByteReaderError) {
        keyLength = 0
        next = block.restartOffset(try block.restart(for: target))
        try advance()
        while isValid, compareBytes(key, target) < 0 { try advance() }
    }

    func advance() throws(ByteReaderError) {
        entry = nil
        guard let new = try block.entry(at: next) else { return }
        guard new.shared <= keyLength, new.shared + new.rest.count <= keyMemory.count else { throw .malformed }
        UnsafeMutableRawBufferPointer(rebasing: keyMemory[new.shared...]).copyMemory(from: new.rest)
        keyLength = new.shared + new.rest.count
        next = new.next
        entry = new
    }

    // MARK: Backward

    /// Moves to the last entry whose key is below `target`; to none when all are at or above it.
    func seek(before target: UnsafeRawBufferPointer) throws(ByteReaderError) {
        entry = nil
        try window.load(block, restart: try block.restart(for: target))
        while try stepBack(), compareBytes(key, target) >= 0 {}
    }

    /// Moves to the last entry.
    func seekToLast() throws(ByteReaderError) {
        entry = nil
        try window.load(block, restart: block.restartCount - 1)
        _ = try stepBack()
    }

    /// Whether another entry precedes in this block. Only after a move backward.
    var hasPrevious: Bool { !window.isEmpty || window.restart > 0 }

    /// Moves to the previous entry; to none from the first. Only after a move backward.
    func retreat() throws(ByteReaderError) { _ = try stepBack() }

    private func stepBack() throws(ByteReaderError) -> Bool {
        entry = nil
        if window.isEmpty {
            guard window.restart > 0 else { return false }
            try window.load(block, restart: window.restart - 1)
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
    private var entries: [(entry: DataBlock.Entry, keyStart: Int)] = []

    var isEmpty: Bool { entries.isEmpty }

    mutating func clear() {
        restart = 0
        keys.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }

    /// After an error the interval still lies before the walk: going on meets the error again.
    ///
    /// - Throws: `.malformed`, also for an interval without entries.
    mutating func load(_ block: DataBlock, restart: Int) throws(ByteReaderError) {
        do { try parse(block, restart) } catch {
            clear()
            self.restart = restart + 1
            throw error
        }
        self.restart = restart
    }

    private mutating func parse(_ block: DataBlock, _ restart: Int) throws(ByteReaderError) {
        clear()
        let end = restart + 1 < block.restartCount ? block.restartOffset(restart + 1) : block.entriesEnd
        var offset = block.restartOffset(restart)
        var previous = 0..<0
        while offset < end {
            guard let entry = try block.entry(at: offset), entry.shared <= previous.count,
                entry.shared + entry.rest.count <= EngineLimits.keyBytesMax
            else { throw .malformed }
            let start = keys.count
            for index in previous.prefix(entry.shared) { keys.append(keys[index]) }
            keys.append(contentsOf: entry.rest)
            entries.append((entry, start))
            previous = start..<keys.count
            offset = entry.next
        }
        if entries.isEmpty { throw .malformed }
    }

    /// Takes the last entry away, after its key was handed to `body`.
    mutating func takeLast(_ body: (UnsafeRawBufferPointer) -> Void) -> DataBlock.Entry {
        guard let (entry, start) = entries.popLast() else { preconditionFailure("an empty window has no last entry") }
        keys.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        keys.removeSubrange(start...)
        return entry
    }
}
