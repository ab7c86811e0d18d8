internal import Bytes

/// Folds the entries of one key, newest first, into the one that counts.
///
/// A put or a delete settles the key, and so does a range delete that hides what is older. Adds sum up until something
/// settles it: over a counter (a put whose head is eight bytes, little-endian) they continue from it, over a delete or
/// nothing from zero.
struct KeyFold {
    private(set) var isSettled = false
    private var sum: Int64?
    private var base: (kind: EntryKind, value: UnsafeRawBufferPointer)?
    /// The sequence of the newest entry.
    private(set) var sequence: UInt64 = 0
    private(set) var isEmpty = true

    enum Outcome {
        case put(UnsafeRawBufferPointer)
        case delete
        /// Every entry is hidden by a range delete.
        case hidden
        /// Adds over a settled key: the counter's value.
        case counter(Int64)
        /// Adds over whatever older entries say.
        case delta(Int64)
    }

    /// Takes the next older entry. Must not be called once the key is settled.
    mutating func feed(_ kind: EntryKind, sequence: UInt64, value: UnsafeRawBufferPointer) {
        precondition(!isSettled, "a settled key takes no older entries")
        if isEmpty {
            self.sequence = sequence
            isEmpty = false
        }
        if kind == .add {
            sum = (sum ?? 0) &+ value.counterDelta
        } else {
            base = (kind, value)
            isSettled = true
        }
    }

    /// Says that all older entries are deleted. Must not be called once the key is settled.
    mutating func settleDeleted() {
        precondition(!isSettled, "a settled key takes no older entries")
        base = (.delete, UnsafeRawBufferPointer(start: nil, count: 0))
        isSettled = true
    }

    /// - Throws: `.malformed` when adds stand over a value that is no counter.
    func outcome() throws(ByteReaderError) -> Outcome {
        guard let base else { return .delta(sum ?? 0) }
        if isEmpty { return .hidden }
        switch (base.kind, sum) {
        case (.put, nil): return .put(base.value)
        case (.put, let sum?): return .counter(sum &+ (try Self.counter(in: base.value)))
        case (_, nil): return .delete
        case (_, let sum?): return .counter(sum)
        }
    }

    static func counter(in value: UnsafeRawBufferPointer) throws(ByteReaderError) -> Int64 {
        let head = try ValueCodec.view(value).head
        guard head.count == 8 else { throw .malformed }
        return head.counterDelta
    }

    static func encodedCounter(_ value: Int64) -> [UInt8] {
        var head: [UInt8] = []
        head.appendLittleEndian(value)
        var bytes: [UInt8] = []
        ValueCodec.append(StoredValue(head: head), to: &bytes)
        return bytes
    }
}

extension UnsafeRawBufferPointer {
    /// The eight bytes of an add, or of a counter's head.
    var counterDelta: Int64 { Int64(littleEndian: loadUnaligned(as: Int64.self)) }
}
