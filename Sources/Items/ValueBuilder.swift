import Bytes

/// Writes stored form, container by container: what comes after a `begin` and before its `end` is inside.
///
/// The order of attributes, members and set elements does not matter: `end` puts them in the form's order. Values lie
/// one behind the other in `output`, each found by the range of its bytes; a builder made with enough capacity never
/// moves them, so that views of earlier values stay valid while later ones are written.
package struct ValueBuilder: ~Copyable {
    /// What is written so far.
    package private(set) var output: ByteBuilder

    /// Where the entries of the open containers begin: an inner one's behind those of the ones around it.
    private var entryStarts: [Int] = []

    /// A container's bytes in the order in which they came, while they are put into the form's.
    private var laidAside: [UInt8] = []

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
    package mutating func truncate(to count: Int) {
        output.truncate(to: count)
        while let last = entryStarts.last, last >= count { entryStarts.removeLast() }
    }

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
        /// The place of its first entry among `entryStarts`.
        fileprivate let firstEntry: Int
        /// Whether entries ascended so far, so that nothing has to be moved.
        fileprivate var isAscending = true
    }

    /// Begins an item: `appendName` and a value for each attribute, then `endItem`.
    package mutating func beginItem() -> Open {
        output.append(StoredForm.version)
        return Open(start: count - 1, contentStart: count, firstEntry: entryStarts.count)
    }

    /// Ends an item. Returns the range of its bytes; nil when a name came twice.
    package mutating func endItem(_ item: Open) -> Range<Int>? {
        endEntries(item) ? item.start..<count : nil
    }

    /// Begins a map, list or set. What follows: for a map `appendName` and a value for each member, for a list values,
    /// for a set `appendElement`.
    package mutating func begin(_ type: AttributeType) -> Open {
        let start = count
        output.append(StoredForm.tag(ofContainer: type))
        output.append("\0\0\0\0")
        return Open(start: start, contentStart: count, firstEntry: entryStarts.count)
    }

    /// Ends a map. False when a name came twice: then the form is none.
    package mutating func endMap(_ map: Open) -> Bool {
        close(map)
        return endEntries(map)
    }

    /// Ends a list.
    package mutating func endList(_ list: Open) { close(list) }

    /// Ends a set. False when an element came twice: then the form is none. An empty set is no value of DynamoDB's: the
    /// caller sees to that.
    package mutating func endSet(_ set: Open) -> Bool {
        close(set)
        return endEntries(set)
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
        if container.isAscending, entryStarts.count > container.firstEntry, let last = entryStarts.last {
            container.isAscending = StoredForm.compare(entryKey(at: last), entryKey(at: offset)) < 0
        }
        entryStarts.append(offset)
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

    /// Puts entries in order, and forgets where they began. False when two have the same key.
    private mutating func endEntries(_ container: Open) -> Bool {
        defer { entryStarts.removeLast(entryStarts.count - container.firstEntry) }
        guard !container.isAscending else { return true }
        let start = container.contentStart
        let end = count
        laidAside.removeAll(keepingCapacity: true)
        laidAside.append(contentsOf: output[start..<end])
        let laidAside = laidAside
        let entryCount = entryStarts.count - container.firstEntry
        return laidAside.withUnsafeBytes { unordered in
            withUnsafeTemporaryAllocation(of: Entry.self, capacity: entryCount) { entries in
                for index in 0..<entryCount {
                    let place = container.firstEntry + index
                    let next = index + 1 < entryCount ? entryStarts[place + 1] : end
                    let bytes = unordered[(entryStarts[place] - start)..<(next - start)]
                    entries.initializeElement(at: index, to: Entry(UnsafeRawBufferPointer(rebasing: bytes)))
                }
                Entry.sort(entries)
                var offset = start
                for index in entries.indices {
                    if index > 0, !entries[index - 1].isBefore(entries[index]) { return false }
                    output.overwrite(at: offset, entries[index].bytes)
                    offset += entries[index].bytes.count
                }
                return true
            }
        }
    }
}

/// An entry being put in order.
private struct Entry {
    /// All of it: a name and its value, or an element.
    let bytes: UnsafeRawBufferPointer
    /// What entries are ordered by: a name, or an element.
    private let key: UnsafeRawBufferPointer
    /// The key's first eight bytes, which nearly always decide.
    private let head: UInt64

    /// The most entries that are sorted by insertion.
    private static let insertionSortMax = 24

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        var cursor = FormCursor(bytes)
        key = cursor.readCounted()
        if key.count >= 8 {
            head = UInt64(bigEndian: key.loadUnaligned(as: UInt64.self))
        } else {
            head = key.reduce(0) { $0 << 8 | UInt64($1) } << UInt64(8 * (8 - key.count))
        }
    }

    @inline(__always)
    func isBefore(_ other: Entry) -> Bool {
        head == other.head ? StoredForm.compare(key, other.key) < 0 : head < other.head
    }

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
