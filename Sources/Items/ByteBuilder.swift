/// Bytes being written: memory of its own that grows at the end.
///
/// Not an array, because its hot loops write single bytes without asking who else holds the storage. What it has
/// written may move when it grows: a view of it is valid until the next append.
package struct ByteBuilder: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int

    /// The bytes written.
    package private(set) var count = 0

    /// - Parameter capacity: the bytes that can be appended before the memory has to grow.
    package init(capacity: Int = 256) {
        self.capacity = max(capacity, 64)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// What is written so far, in place.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// A copy of what is written so far.
    package func copyBytes() -> [UInt8] { [UInt8](bytes) }

    /// A copy of a part of what is written so far.
    package func copyBytes(_ range: Range<Int>) -> [UInt8] { [UInt8](self[range]) }

    /// A part of what is written so far, in place.
    package subscript(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "A range of bytes that were not written")
        return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// Makes room, so that the next `byteCount` bytes go where they are.
    package mutating func reserve(_ byteCount: Int) {
        if capacity - count < byteCount { grow(by: byteCount) }
    }

    @inline(never)
    private mutating func grow(by byteCount: Int) {
        let grown = max(capacity * 2, count + byteCount)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
        memory.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = memory
        capacity = grown
    }

    /// Appends one byte.
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Appends a copy of bytes that are not its own.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        (base + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// Appends bytes.
    package mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    /// Appends UTF-8.
    package mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends UTF-8.
    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends a count as LEB128.
    package mutating func appendVarint(_ value: Int) {
        var rest = UInt(value)
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Lets `body` write up to `byteCount` bytes at the end; it returns how many it wrote.
    package mutating func appendUninitialized(_ byteCount: Int, _ body: (UnsafeMutableRawPointer) -> Int) {
        reserve(byteCount)
        let written = body(base + count)
        precondition(written <= byteCount, "More was written than there was room for")
        count += written
    }

    /// Overwrites four bytes, lowest first.
    package mutating func overwrite(at offset: Int, littleEndian value: UInt32) {
        precondition(offset + 4 <= count, "Bytes that were not written cannot be overwritten")
        base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    /// Overwrites what lies at `offset` with as many bytes.
    package mutating func overwrite(at offset: Int, _ bytes: UnsafeRawBufferPointer) {
        precondition(offset + bytes.count <= count, "Bytes that were not written cannot be overwritten")
        guard let source = bytes.baseAddress else { return }
        (base + offset).copyMemory(from: source, byteCount: bytes.count)
    }

    /// Forgets what lies beyond `count`.
    package mutating func truncate(to count: Int) {
        precondition(count <= self.count, "Bytes that were not written cannot be kept")
        self.count = count
    }
}
