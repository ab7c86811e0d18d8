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
        case .deleteRange: preconditionFailure("a table keeps range deletes apart")
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
/// The structure is checked once, when the block is made: reading entries afterwards takes lengths and offsets as they
/// stand.
///
/// Unchecked: the memory is written in `init` only.
final class DataBlock: @unchecked Sendable {
    private let memory: UnsafeRawBufferPointer
    private let bytes: UnsafeRawPointer
    /// Where the entries end and the restart points begin.
    let entriesEnd: Int
    /// Places at which a key stands whole.
    let restartCount: Int

    /// - Throws: `.malformed` when the payload is not a row of entries with restart points at some of them.
    init(payload: [UInt8]) throws(ByteReaderError) {
        guard payload.count >= 4 else { throw .malformed }
        let count = payload.withUnsafeBytes {
            Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: payload.count - 4, as: UInt32.self)))
        }
        guard count > 0, payload.count >= 4 + count * 4 else { throw .malformed }
        let end = payload.count - 4 - count * 4
        try payload.reading { bytes throws(ByteReaderError) in
            try Self.check(bytes, entriesEnd: end, restartCount: count)
        }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: payload.count, alignment: 8)
        copy.copyBytes(from: payload)
        memory = UnsafeRawBufferPointer(copy)
        guard let base = memory.baseAddress else { preconditionFailure("a block has bytes") }
        bytes = base
        restartCount = count
        entriesEnd = end
    }

    deinit { memory.deallocate() }

    private static func check(
        _ bytes: UnsafeRawBufferPointer, entriesEnd: Int, restartCount: Int
    ) throws(ByteReaderError) {
        var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[0..<entriesEnd]))
        var keyLength = 0
        var nextRestart = 0
        while !reader.isAtEnd {
            let start = reader.offset
            let shared = try reader.readVarint()
            let rest = try reader.readLengthPrefixedSlice().count
            guard shared <= UInt64(keyLength), Int(shared) + rest <= EngineLimits.keyBytesMax,
                let kind = EntryKind(rawValue: try reader.readUInt8())
            else { throw .malformed }
            keyLength = Int(shared) + rest
            _ = try reader.readVarint(upTo: FormatLimits.sequenceMax)
            switch kind {
            case .put: _ = try reader.readLengthPrefixedSlice()
            case .add: _ = try reader.readSlice(8)
            case .delete: break
            case .deleteRange: throw .malformed
            }
            guard nextRestart < restartCount else { continue }
            let restart = bytes.loadUnaligned(fromByteOffset: entriesEnd + nextRestart * 4, as: UInt32.self)
            if start == Int(UInt32(littleEndian: restart)) {
                guard shared == 0 else { throw .malformed }
                nextRestart += 1
            } else if start == 0 {
                throw .malformed
            }
        }
        guard nextRestart == restartCount else { throw .malformed }
    }

    /// What the allocator and the object take beside the payload.
    private static let overheadBytes = 96

    /// Memory that the block takes.
    var byteCount: Int { memory.count + Self.overheadBytes }

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

    @inline(__always)
    private func varint(at offset: inout Int) -> UInt64 {
        var byte = bytes.load(fromByteOffset: offset, as: UInt8.self)
        offset &+= 1
        if byte < 0x80 { return UInt64(byte) }
        var value = UInt64(byte & 0x7F)
        var shift: UInt64 = 7
        repeat {
            byte = bytes.load(fromByteOffset: offset, as: UInt8.self)
            offset &+= 1
            value |= UInt64(byte & 0x7F) << shift
            shift &+= 7
        } while byte >= 0x80
        return value
    }

    /// Parses the entry at an offset before the end of the entries.
    @inline(__always)
    func entry(at start: Int) -> Entry {
        var offset = start
        let shared = Int(varint(at: &offset))
        let restLength = Int(varint(at: &offset))
        let rest = UnsafeRawBufferPointer(start: bytes + offset, count: restLength)
        offset &+= restLength
        let kind = EntryKind(checked: bytes.load(fromByteOffset: offset, as: UInt8.self))
        offset &+= 1
        let sequence = varint(at: &offset)
        let length =
            switch kind {
            case .put: Int(varint(at: &offset))
            case .add: 8
            case .delete, .deleteRange: 0
            }
        return Entry(
            shared: shared, rest: rest, kind: kind, sequence: sequence,
            value: UnsafeRawBufferPointer(start: bytes + offset, count: length), next: offset &+ length)
    }

    /// Where the entry at a restart point starts.
    func restartOffset(_ index: Int) -> Int {
        Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: entriesEnd + index * 4, as: UInt32.self)))
    }

    /// The whole key of the entry at a restart point.
    @inline(__always)
    private func restartKey(_ index: Int) -> UnsafeRawBufferPointer {
        var offset = restartOffset(index)
        _ = varint(at: &offset)
        let length = Int(varint(at: &offset))
        return UnsafeRawBufferPointer(start: bytes + offset, count: length)
    }

    /// The last restart point whose key is not above `key`; the first one when all are.
    func restart(for key: UnsafeRawBufferPointer) -> Int {
        var lower = 0
        var upper = restartCount
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            if compareBytes(restartKey(middle), key) <= 0 { lower = middle } else { upper = middle }
        }
        return lower
    }

    /// The entry of a key; nil when the block has none. No key is put together: how far the target agrees with the
    /// entry before tells most entries apart without looking at them.
    func find(_ key: UnsafeRawBufferPointer) -> Entry? {
        var offset = restartOffset(restart(for: key))
        // The entry before lies below the target and agrees with it in so many bytes.
        var agreed = 0
        while offset < entriesEnd {
            let entry = entry(at: offset)
            offset = entry.next
            // It differs from the one before where the target still agreed: it lies above.
            if entry.shared < agreed { return nil }
            // It agrees with the one before where the target did not: it lies below too.
            if entry.shared > agreed { continue }
            let target = UnsafeRawBufferPointer(rebasing: key[agreed...])
            let order = compareBytes(entry.rest, target)
            if order == 0 { return entry }
            if order > 0 { return nil }
            agreed += commonPrefixLength(entry.rest, target)
        }
        return nil
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
    func seek(_ target: UnsafeRawBufferPointer) {
        keyLength = 0
        next = block.restartOffset(block.restart(for: target))
        advance()
        while isValid, compareBytes(key, target) < 0 { advance() }
    }

    func advance() {
        entry = nil
        guard hasNext else { return }
        let new = block.entry(at: next)
        UnsafeMutableRawBufferPointer(rebasing: keyMemory[new.shared...]).copyMemory(from: new.rest)
        keyLength = new.shared + new.rest.count
        next = new.next
        entry = new
    }

    // MARK: Backward

    /// Moves to the last entry whose key is below `target`; to none when all are at or above it.
    func seek(before target: UnsafeRawBufferPointer) {
        entry = nil
        window.load(block, restart: block.restart(for: target))
        while stepBack(), compareBytes(key, target) >= 0 {}
    }

    /// Moves to the last entry.
    func seekToLast() {
        entry = nil
        window.load(block, restart: block.restartCount - 1)
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
            window.load(block, restart: window.restart - 1)
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

    mutating func load(_ block: DataBlock, restart: Int) {
        clear()
        self.restart = restart
        let end = restart + 1 < block.restartCount ? block.restartOffset(restart + 1) : block.entriesEnd
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
    mutating func takeLast(_ body: (UnsafeRawBufferPointer) -> Void) -> DataBlock.Entry {
        guard let (entry, start) = entries.popLast() else { preconditionFailure("an empty window has no last entry") }
        keys.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        keys.removeSubrange(start...)
        return entry
    }
}
