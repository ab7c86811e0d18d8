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
/// Unchecked: the memory is written in `init` only.
final class DataBlock: @unchecked Sendable {
    private let memory: UnsafeRawBufferPointer
    /// What is in it, for as long as the block lives.
    let entries: BlockEntries

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
        (memory, entries) = payload.withUnsafeBytes { BlockEntries.make(of: $0, end: end, restartCount: count) }
    }

    /// Where a cursor stands before its first block: without entries, so that nothing may be sought in it.
    static let empty = DataBlock()

    private init() {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        (memory, entries) = BlockEntries.make(of: nothing, end: 0, restartCount: 0)
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

    /// What the allocator, the object, and a place in the cache take beside the memory.
    private static let overheadBytes = 160

    /// Memory that the block takes.
    var byteCount: Int { memory.count + Self.overheadBytes }

    /// The entry of a key; nil when the block has none.
    func find(_ key: UnsafeRawBufferPointer) -> BlockEntries.Entry? { entries.find(key) }
}

/// The entries of a verified block, in place. It neither keeps the block alive nor counts references: whoever uses it
/// holds the block.
///
/// The structure was checked when the block was made: reading entries takes lengths and offsets as they stand.
///
/// In memory the restart points stand in front of the entries, and in front of them, for each, eight bytes of its key
/// behind what all of those keys have in common: so a search for a restart point stays within a cache line or two.
struct BlockEntries {
    private static let headBytes = 8
    private static let offsetBytes = 4

    private let bytes: UnsafeRawPointer
    /// Where the entries end.
    let end: Int
    /// Places at which a key stands whole.
    let restartCount: Int
    /// Bytes that all of their keys begin with.
    private var sharedLength = 0

    private init(bytes: UnsafeRawPointer, end: Int, restartCount: Int) {
        self.bytes = bytes
        self.end = end
        self.restartCount = restartCount
    }

    /// Lays a checked payload out in memory that the caller frees.
    fileprivate static func make(
        of payload: UnsafeRawBufferPointer, end: Int, restartCount: Int
    ) -> (UnsafeRawBufferPointer, BlockEntries) {
        let front = restartCount * (headBytes + offsetBytes)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, front + end), alignment: headBytes)
        guard let base = memory.baseAddress else { preconditionFailure("a block has bytes") }
        let offsets = payload.dropFirst(end).prefix(restartCount * offsetBytes)
        UnsafeMutableRawBufferPointer(rebasing: memory[(restartCount * headBytes)..<front])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: offsets))
        UnsafeMutableRawBufferPointer(rebasing: memory[front..<(front + end)])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: payload.prefix(end)))
        var entries = BlockEntries(bytes: UnsafeRawPointer(base + front), end: end, restartCount: restartCount)
        if restartCount > 0 {
            let (first, last) = (entries.restartKey(0), entries.restartKey(restartCount - 1))
            entries.sharedLength = commonPrefixLength(first, last)
        }
        for index in 0..<restartCount {
            let head = KeyHead.head(of: entries.restartKey(index), from: entries.sharedLength)
            base.storeBytes(of: head, toByteOffset: index * headBytes, as: UInt64.self)
        }
        return (UnsafeRawBufferPointer(memory), entries)
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
        let offset = (index - restartCount) * Self.offsetBytes
        return Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }

    /// The whole key of the entry at a restart point.
    @inline(__always)
    private func restartKey(_ index: Int) -> UnsafeRawBufferPointer {
        var offset = restartOffset(index)
        _ = varint(at: &offset)
        let length = Int(varint(at: &offset))
        return UnsafeRawBufferPointer(start: bytes + offset, count: length)
    }

    @inline(__always)
    private func restartHead(_ index: Int) -> UInt64 {
        let offset = (index - restartCount) * Self.headBytes - restartCount * Self.offsetBytes
        return bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    /// The last restart point whose key is not above `key`; the first one when all are.
    func restart(for key: UnsafeRawBufferPointer) -> Int {
        if restartCount < 2 { return 0 }
        if sharedLength > 0 {
            let order = compareBytes(
                UnsafeRawBufferPointer(rebasing: key.prefix(sharedLength)),
                UnsafeRawBufferPointer(rebasing: restartKey(0).prefix(sharedLength)))
            if order != 0 { return order < 0 ? 0 : restartCount - 1 }
        }
        let head = KeyHead.head(of: key, from: sharedLength)
        var lower = 0
        var upper = restartCount
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            let other = restartHead(middle)
            let isNotAbove = other != head ? other < head : compareBytes(restartKey(middle), key) <= 0
            if isNotAbove { lower = middle } else { upper = middle }
        }
        return lower
    }

    /// The entry of a key; nil when the block has none. No key is put together: how far the target agrees with the
    /// entry before tells most entries apart without looking at them.
    func find(_ key: UnsafeRawBufferPointer) -> Entry? {
        var offset = restartOffset(restart(for: key))
        // The entry before lies below the target and agrees with it in so many bytes.
        var agreed = 0
        while offset < end {
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
