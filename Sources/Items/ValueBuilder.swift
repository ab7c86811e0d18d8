import Bytes

/// Writes stored form, container by container: what comes after a `begin` and before its `end` is inside.
///
/// The order of attributes, members and set elements does not matter: `end` puts them in the form's order. Values lie
/// one behind the other in `output`, each found by the range of its bytes; a builder made with enough capacity never
/// moves them, so that views of earlier values stay valid while later ones are written.
package struct ValueBuilder: ~Copyable {
    /// What is written so far.
    package private(set) var output: ByteBuilder

    /// - Parameter capacity: the bytes that can be written before they move. The form of a JSON text is not longer than
    ///   the text.
    package init(capacity: Int = 256) { output = ByteBuilder(capacity: capacity) }

    /// Where the next byte goes.
    package var count: Int { output.count }

    /// A value that was written, valid until the bytes move.
    package func value(at range: Range<Int>) -> ValueView { ValueView(output[range]) }

    /// An item that was written, valid until the bytes move.
    package func item(at range: Range<Int>) -> ItemView { ItemView(output[range]) }

    /// Forgets what was written after `count`, which must be where a value began.
    package mutating func truncate(to count: Int) { output.truncate(to: count) }

    // MARK: Scalars

    /// A string: bytes that are UTF-8.
    package mutating func appendString(_ utf8: UnsafeRawBufferPointer) {
        output.append(StoredForm.Tag.string)
        appendCounted(utf8)
    }

    /// A string.
    package mutating func appendString(_ string: String) {
        var string = string
        string.withUTF8 { appendString(UnsafeRawBufferPointer($0)) }
    }

    /// A binary.
    package mutating func appendBinary(_ bytes: UnsafeRawBufferPointer) {
        output.append(StoredForm.Tag.binary)
        appendCounted(bytes)
    }

    /// A number.
    package mutating func appendNumber(_ number: Number38) {
        output.append(StoredForm.Tag.number)
        appendElement(number)
    }

    /// A truth value.
    package mutating func appendBoolean(_ value: Bool) {
        output.append(value ? StoredForm.Tag.booleanTrue : StoredForm.Tag.booleanFalse)
    }

    /// NULL.
    package mutating func appendNull() { output.append(StoredForm.Tag.null) }

    /// Copies a value with all that is in it.
    package mutating func append(_ value: ValueView) { output.append(value.bytes) }

    // MARK: Containers

    /// A container that is open.
    package struct Open {
        /// Where its tag is; its first entry's place for an item.
        fileprivate let start: Int
        fileprivate let contentStart: Int
        fileprivate var lastEntry: Int?
        fileprivate var entryCount = 0
        /// Whether entries ascended so far, so that nothing has to be moved.
        fileprivate var isAscending = true
    }

    /// Begins an item: `appendName` and a value for each attribute, then `endItem`.
    package mutating func beginItem() -> Open {
        output.append(StoredForm.version)
        return Open(start: count - 1, contentStart: count)
    }

    /// Ends an item. Returns the range of its bytes; nil when a name came twice.
    package mutating func endItem(_ item: Open) -> Range<Int>? {
        endEntries(item) { $0.skipEntry() } ? item.start..<count : nil
    }

    /// Begins a map, list or set. What follows: for a map `appendName` and a value for each member, for a list values,
    /// for a set `appendElement`.
    package mutating func begin(_ type: AttributeType) -> Open {
        let start = count
        output.append(StoredForm.tag(ofContainer: type))
        output.append("\0\0\0\0")
        return Open(start: start, contentStart: count)
    }

    /// Ends a map. False when a name came twice: then the form is none.
    package mutating func endMap(_ map: Open) -> Bool {
        close(map)
        return endEntries(map) { $0.skipEntry() }
    }

    /// Ends a list.
    package mutating func endList(_ list: Open) { close(list) }

    /// Ends a set. False when an element came twice: then the form is none. An empty set is no value of DynamoDB's: the
    /// caller sees to that.
    package mutating func endSet(_ set: Open) -> Bool {
        close(set)
        return endEntries(set) { $0.skipCounted() }
    }

    /// The name of the attribute or member whose value follows.
    package mutating func appendName(_ name: UnsafeRawBufferPointer, in container: inout Open) {
        appendCounted(name)
        noteEntry(at: count - name.count - Varint.byteCount(of: UInt64(name.count)), in: &container)
    }

    /// The name of the attribute or member whose value follows.
    package mutating func appendName(_ name: String, in container: inout Open) {
        var name = name
        name.withUTF8 { appendName(UnsafeRawBufferPointer($0), in: &container) }
    }

    /// An element of a set of strings or binaries.
    package mutating func appendElement(_ bytes: UnsafeRawBufferPointer, in set: inout Open) {
        let start = count
        appendCounted(bytes)
        noteEntry(at: start, in: &set)
    }

    /// An element of a set of numbers.
    package mutating func appendElement(_ number: Number38, in set: inout Open) {
        let start = count
        appendElement(number)
        noteEntry(at: start, in: &set)
    }

    // MARK: Of the JSON reader

    /// The first byte of a value whose contents follow.
    mutating func appendTag(_ tag: UInt8) { output.append(tag) }

    /// Appends a byte count and decoded text.
    mutating func appendCounted(_ text: JSONText) {
        guard text.isEscaped else {
            appendCounted(text.raw)
            return
        }
        let decodedCount = text.decodedByteCount
        output.appendVarint(decodedCount)
        output.appendUninitialized(decodedCount) { text.decode(to: $0) }
    }

    /// Tells the open container that an entry was appended at `offset`.
    mutating func noteEntry(at offset: Int, in container: inout Open) {
        if container.isAscending, let last = container.lastEntry {
            container.isAscending = StoredForm.compare(entryKey(at: last), entryKey(at: offset)) < 0
        }
        container.lastEntry = offset
        container.entryCount += 1
    }

    private func entryKey(at offset: Int) -> UnsafeRawBufferPointer {
        var cursor = FormCursor(output[offset..<count])
        return cursor.readCounted()
    }

    private mutating func appendElement(_ number: Number38) {
        number.withBytes { bytes in
            output.append(UInt8(bytes.count))
            output.append(bytes)
        }
    }

    private mutating func appendCounted(_ bytes: UnsafeRawBufferPointer) {
        output.appendVarint(bytes.count)
        output.append(bytes)
    }

    private mutating func close(_ container: Open) {
        let size = count - container.contentStart
        precondition(size <= UInt32.max, "A container of 4 GB is more than any request holds")
        output.overwrite(at: container.start + 1, littleEndian: UInt32(size))
    }

    /// Puts entries in order. False when two have the same key.
    ///
    /// Takes no heap for containers of a usual size: their bytes are laid aside on the stack.
    private mutating func endEntries(_ container: Open, skip: (inout FormCursor) -> Void) -> Bool {
        guard !container.isAscending else { return true }
        let start = container.contentStart
        let size = count - start
        return withUnsafeTemporaryAllocation(byteCount: size, alignment: 16) { unordered in
            unordered.copyMemory(from: output[start..<count])
            return withUnsafeTemporaryAllocation(of: Entry.self, capacity: container.entryCount) { entries in
                var cursor = FormCursor(UnsafeRawBufferPointer(unordered))
                for index in 0..<container.entryCount {
                    let entryStart = cursor.offset
                    var key = cursor
                    skip(&cursor)
                    entries.initializeElement(
                        at: index, to: Entry(key: key.readCounted(), range: entryStart..<cursor.offset))
                }
                Entry.sort(entries)
                var offset = start
                for index in entries.indices {
                    if index > 0, !entries[index - 1].isBefore(entries[index]) { return false }
                    let range = entries[index].range
                    output.overwrite(at: offset, UnsafeRawBufferPointer(rebasing: unordered[range]))
                    offset += range.count
                }
                return true
            }
        }
    }
}

/// An entry being put in order.
private struct Entry {
    /// What entries are ordered by: a name, or an element.
    let key: UnsafeRawBufferPointer
    let range: Range<Int>

    /// The most entries that are sorted by insertion.
    private static let insertionSortMax = 24

    func isBefore(_ other: Entry) -> Bool { StoredForm.compare(key, other.key) < 0 }

    static func sort(_ entries: UnsafeMutableBufferPointer<Entry>) {
        guard entries.count <= insertionSortMax else {
            var entries = entries
            entries.sort { $0.isBefore($1) }
            return
        }
        for index in entries.indices.dropFirst() {
            let entry = entries[index]
            var place = index
            while place > 0, entry.isBefore(entries[place - 1]) {
                entries[place] = entries[place - 1]
                place -= 1
            }
            entries[place] = entry
        }
    }
}

extension FormCursor {
    fileprivate mutating func skipCounted() { _ = readCounted() }

    fileprivate mutating func skipEntry() {
        _ = readCounted()
        _ = readValue()
    }
}
