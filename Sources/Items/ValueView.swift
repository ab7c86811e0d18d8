/// A value in its stored form, not copied: valid only as long as the bytes it looks at.
package struct ValueView {
    private let start: UnsafeRawPointer
    private let tag: UInt8

    /// The bytes of a string, number or binary; what a container holds.
    let payload: UnsafeRawBufferPointer

    init(start: UnsafeRawPointer, tag: UInt8, payload: UnsafeRawBufferPointer) {
        self.start = start
        self.tag = tag
        self.payload = payload
    }

    /// The value that `bytes` begin with, which must be stored form.
    package init(_ bytes: UnsafeRawBufferPointer) {
        var cursor = FormCursor(bytes)
        self = cursor.readValue()
    }

    /// The whole stored form: tag, byte count and contents.
    package var bytes: UnsafeRawBufferPointer {
        guard let end = payload.baseAddress.map({ $0 + payload.count }) else {
            return UnsafeRawBufferPointer(start: start, count: 1)
        }
        return UnsafeRawBufferPointer(start: start, count: end - start)
    }

    /// What the value is.
    package var type: AttributeType {
        guard let type = StoredForm.type(ofTag: tag) else { preconditionFailure("A value has no type") }
        return type
    }

    /// The UTF-8 of a string; nil for other types.
    package var utf8: UnsafeRawBufferPointer? { tag == StoredForm.Tag.string ? payload : nil }

    /// A copy of a string; nil for other types.
    package var string: String? { utf8.map { String(decoding: $0, as: UTF8.self) } }

    /// A number; nil for other types.
    package var number: Number38? { tag == StoredForm.Tag.number ? Number38(trusted: payload) : nil }

    /// The bytes of a binary; nil for other types.
    package var binary: UnsafeRawBufferPointer? { tag == StoredForm.Tag.binary ? payload : nil }

    /// What a key holds of the value: the bytes of a string or binary, the stored form of a number; nil for other
    /// types, which no key may have.
    package var keyBytes: UnsafeRawBufferPointer? { tag <= StoredForm.Tag.binary ? payload : nil }

    /// A truth value; nil for other types.
    package var boolean: Bool? {
        switch tag {
        case StoredForm.Tag.booleanTrue: true
        case StoredForm.Tag.booleanFalse: false
        default: nil
        }
    }

    /// A map's members; nil for other types.
    package var map: MapView? { tag == StoredForm.Tag.map ? MapView(entries: payload) : nil }

    /// A list's values; nil for other types.
    package var list: ListView? { tag == StoredForm.Tag.list ? ListView(values: payload) : nil }

    /// A set's elements; nil for other types.
    package var set: SetView? { tag >= StoredForm.Tag.stringSet ? SetView(elements: payload) : nil }
}

extension ValueView {
    /// Whether the values are the same to DynamoDB: of one type, numbers by value, sets whatever their order. As equal
    /// values have equal forms, it costs a comparison of bytes.
    package func isEqual(to other: ValueView) -> Bool { StoredForm.isEqual(bytes, other.bytes) }

    /// The order of two strings, numbers or binaries: negative when this is the smaller, 0 when they are equal. Nil
    /// when their types differ or have no order.
    package func compare(to other: ValueView) -> Int? {
        guard tag == other.tag, tag <= StoredForm.Tag.binary else { return nil }
        return StoredForm.compare(payload, other.payload)
    }

    /// The bytes that DynamoDB charges for, in one pass.
    package var size: Int {
        switch tag {
        case ...StoredForm.Tag.binary: payload.count
        case StoredForm.Tag.map: containerSize(map?.size ?? 0, count: map?.count ?? 0)
        case StoredForm.Tag.list:
            ListView(values: payload).reduce(into: Self.containerOverhead) { $0 += $1.size + Self.elementOverhead }
        case StoredForm.Tag.stringSet...StoredForm.Tag.binarySet: SetView(elements: payload).reduce(0) { $0 + $1.count }
        default: 1
        }
    }

    private static let containerOverhead = 3
    private static let elementOverhead = 1

    private func containerSize(_ size: Int, count: Int) -> Int {
        Self.containerOverhead + size + count * Self.elementOverhead
    }
}

/// Members of a map, or attributes of an item, in the order of their names' bytes.
package struct MapView: Sequence {
    package typealias Element = (name: UnsafeRawBufferPointer, value: ValueView)

    let entries: UnsafeRawBufferPointer

    /// A walk from the first to the last.
    package struct Iterator: IteratorProtocol {
        fileprivate var cursor: FormCursor

        package mutating func next() -> Element? {
            guard !cursor.isAtEnd else { return nil }
            let name = cursor.readCounted()
            return (name, cursor.readValue())
        }
    }

    package func makeIterator() -> Iterator { Iterator(cursor: FormCursor(entries)) }

    package var isEmpty: Bool { entries.isEmpty }

    /// The members. Walks them.
    package var count: Int { reduce(0) { count, _ in count + 1 } }

    /// Names and values by the size rule, without what a map in a document costs beside. Walks them.
    package var size: Int {
        var cursor = FormCursor(entries)
        var size = 0
        while !cursor.isAtEnd { size += cursor.readCounted().count + cursor.readValue().size }
        return size
    }

    /// The member of a name. Skips the ones before it, without looking into their values.
    package subscript(_ name: UnsafeRawBufferPointer) -> ValueView? {
        var cursor = FormCursor(entries)
        while !cursor.isAtEnd {
            let order = StoredForm.compare(cursor.readCounted(), name)
            if order > 0 { return nil }
            let value = cursor.readValue()
            if order == 0 { return value }
        }
        return nil
    }

    /// As of a buffer.
    package subscript(_ name: String) -> ValueView? {
        var name = name
        return name.withUTF8 { self[UnsafeRawBufferPointer($0)] }
    }
}

/// Values of a list, in order.
package struct ListView: Sequence {
    let values: UnsafeRawBufferPointer

    /// A walk from the first to the last.
    package struct Iterator: IteratorProtocol {
        fileprivate var cursor: FormCursor

        package mutating func next() -> ValueView? { cursor.isAtEnd ? nil : cursor.readValue() }
    }

    package func makeIterator() -> Iterator { Iterator(cursor: FormCursor(values)) }

    package var isEmpty: Bool { values.isEmpty }

    /// The values. Walks them.
    package var count: Int { reduce(0) { count, _ in count + 1 } }

    /// The value at an index; nil beyond the last. Skips the ones before it.
    package subscript(_ index: Int) -> ValueView? {
        var iterator = makeIterator()
        for _ in 0..<index where iterator.next() == nil { return nil }
        return iterator.next()
    }
}

/// Elements of a set: bytes of strings or binaries, or numbers' stored forms. Each comes once; ascending.
package struct SetView: Sequence {
    let elements: UnsafeRawBufferPointer

    /// A walk from the first to the last.
    package struct Iterator: IteratorProtocol {
        fileprivate var cursor: FormCursor

        package mutating func next() -> UnsafeRawBufferPointer? { cursor.isAtEnd ? nil : cursor.readCounted() }
    }

    package func makeIterator() -> Iterator { Iterator(cursor: FormCursor(elements)) }

    /// The elements. Walks them.
    package var count: Int { reduce(0) { count, _ in count + 1 } }

    /// Whether an element is in the set. Walks the ones before it.
    package func contains(_ element: UnsafeRawBufferPointer) -> Bool {
        for candidate in self {
            let order = StoredForm.compare(candidate, element)
            if order >= 0 { return order == 0 }
        }
        return false
    }
}
