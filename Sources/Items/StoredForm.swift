import Glibc

/// The bytes of values at rest: docs/format/dynamodb-item.md.
package enum StoredForm {
    /// The first byte of an item.
    static let version: UInt8 = 1

    /// An item without attributes.
    package static let emptyItem: [UInt8] = [version]

    /// The first byte of a value.
    enum Tag {
        static let string: UInt8 = 1
        static let number: UInt8 = 2
        static let binary: UInt8 = 3
        static let booleanFalse: UInt8 = 4
        static let booleanTrue: UInt8 = 5
        static let null: UInt8 = 6
        static let map: UInt8 = 7
        static let list: UInt8 = 8
        static let stringSet: UInt8 = 9
        static let numberSet: UInt8 = 10
        static let binarySet: UInt8 = 11
    }

    /// The tag of a map, list or set.
    static func tag(ofContainer type: AttributeType) -> UInt8 {
        switch type {
        case .map: Tag.map
        case .list: Tag.list
        case .stringSet: Tag.stringSet
        case .numberSet: Tag.numberSet
        case .binarySet: Tag.binarySet
        default: preconditionFailure("\(type) holds no values")
        }
    }

    /// The type that a tag stands for; nil for none.
    static func type(ofTag tag: UInt8) -> AttributeType? {
        switch tag {
        case Tag.string: .string
        case Tag.number: .number
        case Tag.binary: .binary
        case Tag.booleanFalse, Tag.booleanTrue: .boolean
        case Tag.null: .null
        case Tag.map: .map
        case Tag.list: .list
        case Tag.stringSet: .stringSet
        case Tag.numberSet: .numberSet
        case Tag.binarySet: .binarySet
        default: nil
        }
    }

    /// Whether `a` sorts before `b`: 0 when they are equal, negative when it does.
    static func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
        let common = min(a.count, b.count)
        if common > 0, let first = a.baseAddress, let second = b.baseAddress {
            let order = memcmp(first, second, common)
            if order != 0 { return Int(order) }
        }
        return a.count - b.count
    }

    /// Whether the bytes are the same.
    static func isEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        guard a.count == b.count else { return false }
        guard a.count > 0, let first = a.baseAddress, let second = b.baseAddress else { return true }
        return memcmp(first, second, a.count) == 0
    }
}

/// A cursor over stored form that is trusted: a table's or a log's checksum stands for it, or this process wrote it.
/// A form that contradicts itself traps rather than reads beyond its bytes.
struct FormCursor {
    let base: UnsafeRawPointer
    var offset: Int
    let end: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; nothing is read of it then.
        base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        offset = 0
        end = bytes.count
    }

    var isAtEnd: Bool { offset >= end }

    mutating func readByte() -> UInt8 {
        precondition(offset < end, "An item's stored form ends within a value")
        let byte = base.load(fromByteOffset: offset, as: UInt8.self)
        offset += 1
        return byte
    }

    mutating func readCount() -> Int {
        var byte = readByte()
        var count = Int(byte & 0x7F)
        var shift = 7
        while byte >= 0x80 {
            byte = readByte()
            count |= Int(byte & 0x7F) << shift
            shift += 7
            precondition(shift < 56, "A byte count of an item's stored form has no end")
        }
        return count
    }

    mutating func readSlice(_ count: Int) -> UnsafeRawBufferPointer {
        precondition(count <= end - offset, "An item's stored form ends within a value")
        let slice = UnsafeRawBufferPointer(start: base + offset, count: count)
        offset += count
        return slice
    }

    mutating func readCounted() -> UnsafeRawBufferPointer { readSlice(readCount()) }

    mutating func readContainer() -> UnsafeRawBufferPointer {
        precondition(end - offset >= 4, "An item's stored form ends within a value")
        let count = Int(UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        offset += 4
        return readSlice(count)
    }

    mutating func readValue() -> ValueView {
        let start = offset
        let tag = readByte()
        let payload =
            switch tag {
            case StoredForm.Tag.string, StoredForm.Tag.number, StoredForm.Tag.binary: readCounted()
            case StoredForm.Tag.booleanFalse...StoredForm.Tag.null: readSlice(0)
            case StoredForm.Tag.map...StoredForm.Tag.binarySet: readContainer()
            default: preconditionFailure("A value of an item's stored form has no type")
            }
        return ValueView(start: base + start, tag: tag, payload: payload)
    }
}
