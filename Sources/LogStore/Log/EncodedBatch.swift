internal import Bytes

/// One commit as it goes into the log, with the places of its keys and values.
///
/// Built before the pipeline's lock is taken; inside it only the stamps are filled in and bytes are copied.
struct EncodedBatch {
    struct Operation {
        var keyspace: Keyspace
        var kind: EntryKind
        var key: Range<Int>
        var value: Range<Int>
    }

    private(set) var bytes: [UInt8] = []
    private(set) var operations: [Operation] = []
    /// Where eight bytes wait for the sequence number.
    private var stampOffsets: [Int] = []
    /// The extent files that the values name.
    private(set) var files: [ExtentFile] = []
    /// Stored bytes of the runs that the values name.
    private(set) var extentBytes: UInt64 = 0
    /// Whether it writes nothing new, counters apart, or says that it makes room: such commits may use the space kept
    /// in reserve.
    var makesRoom: Bool { saysItMakesRoom || (!hasPuts && (hasDeletes || operations.isEmpty)) }
    private let saysItMakesRoom: Bool
    private var hasPuts = false
    /// See `WriteBatch.restoreCount`.
    let restoreCount: Int?
    private(set) var hasDeletes = false

    /// - Throws: `.overLimit`.
    init(_ batch: WriteBatch, bytesMax: Int) throws(StoreError) {
        restoreCount = batch.restoreCount
        saysItMakesRoom = batch.makesRoom
        guard batch.entries.count <= EngineLimits.commitOperationsMax else {
            throw .overLimit("a commit has at most \(EngineLimits.commitOperationsMax) operations")
        }
        operations.reserveCapacity(batch.entries.count)
        bytes.reserveCapacity(Self.estimatedBytes(batch))
        let entries = try batch.foldedEntries()
        bytes.appendVarint(entries.count)
        for entry in entries { try append(entry) }
        guard bytes.count <= bytesMax else {
            throw .overLimit("a commit has at most \(bytesMax) bytes")
        }
    }

    private static func estimatedBytes(_ batch: WriteBatch) -> Int {
        var total = 8
        for entry in batch.entries {
            total += entry.key.count + 32
            if case .deleteRange(let upper) = entry.operation { total += upper.count }
            guard case .put(let value) = entry.operation else { continue }
            total += value.head.count
            switch value.content {
            case .none: break
            case .inline(let content): total += content.count
            case .runs(let list): total += list.runs.count * 16
            }
        }
        return total
    }

    private mutating func append(_ entry: WriteBatch.Entry) throws(StoreError) {
        guard entry.key.count <= EngineLimits.keyBytesMax else {
            throw .overLimit("a key has at most \(EngineLimits.keyBytesMax) bytes")
        }
        let kind: EntryKind =
            switch entry.operation {
            case .put: .put
            case .delete: .delete
            case .add: .add
            case .deleteRange: .deleteRange
            }
        bytes.append(kind.rawValue)
        bytes.append(entry.keyspace.rawValue)
        bytes.appendVarint(entry.key.count)
        let key = bytes.count..<(bytes.count + entry.key.count)
        bytes.append(contentsOf: entry.key)
        if let offset = entry.keyStampOffset {
            precondition(offset + 8 <= entry.key.count, "a stamp lies inside its key")
            stampOffsets.append(key.lowerBound + offset)
        }
        var value = bytes.count..<bytes.count
        switch entry.operation {
        case .delete: hasDeletes = true
        case .deleteRange(let upper):
            guard upper.count <= EngineLimits.keyBytesMax else {
                throw .overLimit("a key has at most \(EngineLimits.keyBytesMax) bytes")
            }
            hasDeletes = true
            bytes.appendLengthPrefixed(upper)
            value = (bytes.count - upper.count)..<bytes.count
        case .add(let delta):
            bytes.appendLittleEndian(delta)
            value = (bytes.count - 8)..<bytes.count
        case .put(let stored):
            hasPuts = true
            value = try append(stored, headStampOffset: entry.headStampOffset)
        }
        operations.append(Operation(keyspace: entry.keyspace, kind: kind, key: key, value: value))
    }

    /// Appends the value behind its length, and returns where it lies.
    private mutating func append(_ value: StoredValue, headStampOffset: Int?) throws(StoreError) -> Range<Int> {
        guard value.head.count <= EngineLimits.headBytesMax else {
            throw .overLimit("a value's head has at most \(EngineLimits.headBytesMax) bytes")
        }
        var contentLength = 0
        switch value.content {
        case .none: break
        case .inline(let content):
            guard content.count <= EngineLimits.logContentBytesMax else {
                throw .overLimit("content above \(EngineLimits.logContentBytesMax) bytes goes through a content writer")
            }
            contentLength = Varint.byteCount(of: UInt64(content.count)) + content.count
        case .runs(let list):
            guard list.runs.count <= EngineLimits.runsPerValueMax else {
                throw .overLimit("a value has at most \(EngineLimits.runsPerValueMax) runs")
            }
            var encoded: [UInt8] = []
            ValueCodec.append(StoredValue(head: [], content: value.content), to: &encoded)
            contentLength = encoded.count - 2
            files.append(contentsOf: list.files)
            extentBytes = list.runs.reduce(extentBytes) { $0 + UInt64($1.storedLength) }
        }
        let headLength = Varint.byteCount(of: UInt64(value.head.count)) + value.head.count
        bytes.appendVarint(1 + headLength + contentLength)
        let start = bytes.count
        ValueCodec.append(value, to: &bytes)
        precondition(bytes.count - start == 1 + headLength + contentLength, "a value has the length in front of it")
        if let offset = headStampOffset {
            precondition(offset + 8 <= value.head.count, "a stamp lies inside its head")
            stampOffsets.append(start + 1 + Varint.byteCount(of: UInt64(value.head.count)) + offset)
        }
        return start..<bytes.count
    }

    /// Fills in the commit's sequence number wherever a stamp waits for it.
    mutating func stamp(_ sequence: UInt64) {
        for offset in stampOffsets {
            for index in 0..<8 {
                bytes[offset + index] = UInt8(truncatingIfNeeded: sequence >> (56 - 8 * UInt64(index)))
            }
        }
    }
}

/// Reads the commits of a frame's payload back.
struct CommitReader {
    struct Operation {
        var keyspace: Keyspace
        var kind: EntryKind
        var key: UnsafeRawBufferPointer
        var value: UnsafeRawBufferPointer
    }

    private var reader: ByteReader

    init(payload: UnsafeRawBufferPointer) { reader = ByteReader(payload) }

    var isAtEnd: Bool { reader.isAtEnd }

    /// Calls `body` with each operation of the next commit.
    mutating func readCommit(_ body: (Operation) throws(ByteReaderError) -> Void) throws(ByteReaderError) {
        let count = try reader.readVarint()
        guard count <= EngineLimits.commitOperationsMax else { throw .malformed }
        var lastRange: Operation?
        for _ in 0..<count {
            guard let kind = EntryKind(rawValue: try reader.readUInt8()),
                let keyspace = Keyspace(rawValue: try reader.readUInt8())
            else { throw .malformed }
            let key = try reader.readLengthPrefixedSlice()
            guard key.count <= EngineLimits.keyBytesMax else { throw .malformed }
            let value: UnsafeRawBufferPointer
            switch kind {
            case .put: value = try reader.readLengthPrefixedSlice()
            case .delete: value = UnsafeRawBufferPointer(start: nil, count: 0)
            case .add: value = try reader.readSlice(8)
            case .deleteRange: value = try reader.readLengthPrefixedSlice()
            }
            let operation = Operation(keyspace: keyspace, kind: kind, key: key, value: value)
            if kind == .deleteRange {
                guard Self.mayFollow(operation, lastRange) else { throw .malformed }
                lastRange = operation
            } else if lastRange != nil {
                throw .malformed
            }
            try body(operation)
        }
    }

    /// Range deletes come last, in order, disjoint and not touching.
    private static func mayFollow(_ range: Operation, _ last: Operation?) -> Bool {
        guard compareBytes(range.key, range.value) < 0, range.value.count <= EngineLimits.keyBytesMax else {
            return false
        }
        guard let last else { return true }
        if last.keyspace != range.keyspace { return last.keyspace.rawValue < range.keyspace.rawValue }
        return compareBytes(last.value, range.key) < 0
    }
}
