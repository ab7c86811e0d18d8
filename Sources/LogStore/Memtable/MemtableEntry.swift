/// What an entry says about its key. The raw values are those of the file format.
enum EntryKind: UInt8 {
    case put = 1
    case delete = 2
    case add = 3
    /// Of keys from the entry's key up to and without its value. In commits only: memtables and tables keep range
    /// deletes apart from their entries.
    case deleteRange = 4

    /// From a byte that was checked before.
    @inline(__always)
    init(checked byte: UInt8) {
        guard let kind = EntryKind(rawValue: byte) else { preconditionFailure("a checked entry has a known kind") }
        self = kind
    }
}

/// A view of one entry in a memtable's arena. Immutable once published; valid as long as the memtable.
///
/// Layout: sequence ‖ kind (8 bytes), key length (4), value length (4), key, value.
struct MemtableEntry {
    static let headerBytes = 16

    let base: UnsafeRawPointer

    init(base: UnsafeRawPointer) { self.base = base }

    init(word: UInt64) {
        guard let pointer = UnsafeRawPointer(bitPattern: UInt(word)) else {
            preconditionFailure("a memtable slot in use holds an entry")
        }
        base = pointer
    }

    private var tag: UInt64 { base.load(as: UInt64.self) }
    var sequence: UInt64 { tag >> 8 }
    var kind: EntryKind { EntryKind(checked: UInt8(truncatingIfNeeded: tag)) }
    private var keyLength: Int { Int(base.load(fromByteOffset: 8, as: UInt32.self)) }
    private var valueLength: Int { Int(base.load(fromByteOffset: 12, as: UInt32.self)) }
    var key: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + Self.headerBytes, count: keyLength)
    }
    /// The encoded value of a put, the eight bytes of an add, nothing for a delete.
    var value: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + Self.headerBytes + keyLength, count: valueLength)
    }

    static func make(
        in arena: Arena, sequence: UInt64, kind: EntryKind, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
    ) -> MemtableEntry {
        let memory = arena.allocate(headerBytes + key.count + value.count)
        memory.storeBytes(of: sequence << 8 | UInt64(kind.rawValue), as: UInt64.self)
        memory.storeBytes(of: UInt32(key.count), toByteOffset: 8, as: UInt32.self)
        memory.storeBytes(of: UInt32(value.count), toByteOffset: 12, as: UInt32.self)
        if let source = key.baseAddress { (memory + headerBytes).copyMemory(from: source, byteCount: key.count) }
        if let source = value.baseAddress {
            (memory + headerBytes + key.count).copyMemory(from: source, byteCount: value.count)
        }
        return MemtableEntry(base: UnsafeRawPointer(memory))
    }
}

/// A place in the order of a memtable: key ascending, then sequence descending, so that the newest version of a key
/// comes first.
struct MemtablePosition {
    /// Above every sequence number: an entry keeps seven bytes of it.
    static let sequenceMax = UInt64.max >> 8

    var key: UnsafeRawBufferPointer
    var sequence: UInt64

    /// Negative, zero or positive as this position lies before, at or behind the entry.
    @inline(__always)
    func compare(to entry: MemtableEntry) -> Int {
        let order = compareBytes(key, entry.key)
        if order != 0 { return order }
        let other = entry.sequence
        return sequence == other ? 0 : (sequence > other ? -1 : 1)
    }
}
