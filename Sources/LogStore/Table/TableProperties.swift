internal import Bytes

/// What a table says of itself: in its properties block, and in the manifest's edit that names it.
struct TableProperties: Sendable, Equatable {
    var entryCount: UInt64 = 0
    var deleteCount: UInt64 = 0
    var smallestKey: [UInt8] = []
    var largestKey: [UInt8] = []
    var smallestSequence: UInt64 = .max
    var largestSequence: UInt64 = 0
    /// In order, disjoint. Keys and sequences above span them too.
    var rangeDeletes: [RangeDelete] = []
    /// Extent file → stored bytes that this table's values name in it, in ascending order of file.
    var extentReferences: [ExtentReference] = []

    struct ExtentReference: Sendable, Equatable {
        var file: UInt64
        var storedBytes: UInt64
    }

    func append(to bytes: inout [UInt8]) {
        bytes.appendVarint(entryCount)
        bytes.appendVarint(deleteCount)
        bytes.appendLengthPrefixed(smallestKey)
        bytes.appendLengthPrefixed(largestKey)
        bytes.appendVarint(smallestSequence)
        bytes.appendVarint(largestSequence)
        bytes.appendVarint(extentReferences.count)
        for reference in extentReferences {
            bytes.appendVarint(reference.file)
            bytes.appendVarint(reference.storedBytes)
        }
        bytes.appendVarint(rangeDeletes.count)
        for delete in rangeDeletes { delete.append(to: &bytes) }
    }

    init() {}

    init(reading reader: inout ByteReader) throws(ByteReaderError) {
        entryCount = try reader.readVarint(upTo: FormatLimits.fileBytesMax)
        deleteCount = try reader.readVarint(upTo: FormatLimits.fileBytesMax)
        smallestKey = try reader.readLengthPrefixedBytes()
        largestKey = try reader.readLengthPrefixedBytes()
        smallestSequence = try reader.readVarint()
        largestSequence = try reader.readVarint(upTo: FormatLimits.sequenceMax)
        for _ in 0..<(try reader.readCount()) {
            extentReferences.append(
                ExtentReference(
                    file: try reader.readVarint(upTo: FormatLimits.numberMax),
                    storedBytes: try reader.readVarint(upTo: FormatLimits.fileBytesMax)))
        }
        for _ in 0..<(try reader.readCount()) {
            let delete = try RangeDelete(reading: &reader)
            if let last = rangeDeletes.last, precedes(delete.lower, last.upper) { throw .malformed }
            rangeDeletes.append(delete)
        }
    }

    /// Takes range deletes in: keys and sequences span them from now on.
    mutating func span(_ deletes: [RangeDelete]) {
        rangeDeletes = deletes
        guard let first = deletes.first, let last = deletes.last else { return }
        if entryCount == 0 || precedes(first.lower, smallestKey) { smallestKey = first.lower }
        if entryCount == 0 || precedes(largestKey, last.largestKey) { largestKey = last.largestKey }
        for delete in deletes {
            smallestSequence = min(smallestSequence, delete.sequence)
            largestSequence = max(largestSequence, delete.sequence)
        }
    }

    func overlaps(lower: [UInt8], upper: [UInt8]?) -> Bool {
        if precedes(largestKey, lower) { return false }
        if let upper { return precedes(smallestKey, upper) }
        return true
    }
}

/// The last bytes of a table: `docs/format/table.md`, "Footer".
struct TableFooter {
    static let byteCount = 128
    private static let magic: StaticString = "VARVETAB"

    var storeID: UInt64
    var number: UInt64
    var keyspace: Keyspace
    var filter: Handle
    var index: Handle
    var properties: Handle
    var smallestSequence: UInt64
    var largestSequence: UInt64
    /// A required feature: a reader that knows no range deletes would show what they hide.
    var hasRangeDeletes = false
    /// Of length 0 in tables without one.
    var history: Handle

    /// Bit of the required features.
    private static let rangeDeletesFeature: UInt32 = 1

    /// A block's place in the file, trailer included.
    struct Handle: Sendable, Equatable {
        var offset: UInt64
        var length: UInt64
    }

    func append(to output: inout [UInt8]) {
        let start = output.count
        Self.magic.withUTF8Buffer { output.append(contentsOf: $0) }
        output.appendLittleEndian(FileHeader.version)
        output.appendLittleEndian(hasRangeDeletes ? Self.rangeDeletesFeature : 0)
        output.appendLittleEndian(storeID)
        output.appendLittleEndian(number)
        output.append(keyspace.rawValue)
        output.append(contentsOf: repeatElement(0, count: 7))
        for handle in [filter, index, properties] {
            output.appendLittleEndian(handle.offset)
            output.appendLittleEndian(handle.length)
        }
        output.appendLittleEndian(UInt64(0))
        output.appendLittleEndian(smallestSequence)
        output.appendLittleEndian(largestSequence)
        output.appendLittleEndian(history.offset)
        output.appendLittleEndian(UInt32(history.length))
        output.appendLittleEndian(
            output.withUnsafeBytes { CRC32C.hash(UnsafeRawBufferPointer(rebasing: $0[start...])) })
        precondition(output.count - start == Self.byteCount, "a footer has its fixed length")
    }

    init(
        storeID: UInt64, number: UInt64, keyspace: Keyspace, filter: Handle, index: Handle, properties: Handle,
        smallestSequence: UInt64, largestSequence: UInt64, hasRangeDeletes: Bool, history: Handle
    ) {
        self.hasRangeDeletes = hasRangeDeletes
        self.history = history
        self.storeID = storeID
        self.number = number
        self.keyspace = keyspace
        self.filter = filter
        self.index = index
        self.properties = properties
        self.smallestSequence = smallestSequence
        self.largestSequence = largestSequence
    }

    /// - Throws: `.damaged`, `.unsupportedFormat`.
    init(_ bytes: UnsafeRawBufferPointer, file: String, fileLength: UInt64) throws(StoreError) {
        let damage = StoreError.damaged(file: file, offset: fileLength - UInt64(bytes.count), what: "table footer")
        func word32(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        func word64(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        let magic = UnsafeRawBufferPointer(start: Self.magic.utf8Start, count: 8)
        guard bytes.count == Self.byteCount, compareBytes(UnsafeRawBufferPointer(rebasing: bytes[0..<8]), magic) == 0,
            word32(124) == CRC32C.hash(UnsafeRawBufferPointer(rebasing: bytes[0..<124]))
        else { throw damage }
        guard word32(8) == FileHeader.version, word32(12) & ~Self.rangeDeletesFeature == 0, bytes[33] == 0,
            let keyspace = Keyspace(rawValue: bytes[32])
        else {
            throw .unsupportedFormat("\(file) needs what this version does not know")
        }
        func handle(_ offset: Int) -> Handle { Handle(offset: word64(offset), length: word64(offset + 8)) }
        self.init(
            storeID: word64(16), number: word64(24), keyspace: keyspace, filter: handle(40), index: handle(56),
            properties: handle(72), smallestSequence: word64(96), largestSequence: word64(104),
            hasRangeDeletes: word32(12) & Self.rangeDeletesFeature != 0,
            history: Handle(offset: word64(112), length: UInt64(word32(120))))
        for handle in [filter, index, properties, history] {
            let (end, overflow) = handle.offset.addingReportingOverflow(handle.length)
            guard !overflow, end <= fileLength else { throw damage }
        }
    }
}
