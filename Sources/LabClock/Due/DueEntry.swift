internal import Bytes
package import LogStore

/// Something that is to be done when lab time reaches a moment.
package struct DueEntry: Hashable, Sendable {
    /// When. The queue knows no time before 1970: what was due then is due at once.
    package var time: LabTime
    package var kind: DueKind
    /// What, to whoever handles the kind: with time and kind, the only one of its name.
    package var id: [UInt8]
    /// What the handler wants to know besides. Small: it is read whenever the queue is looked at.
    package var payload: [UInt8]

    package init(time: LabTime, kind: DueKind, id: [UInt8], payload: [UInt8] = []) {
        self.time = time
        self.kind = kind
        self.id = id
        self.payload = payload
    }

    /// Bytes of a key before the id.
    private static let prefixByteCount = 9

    /// Where it lies in `Keyspace.due`, in order of time, then of kind, then of id.
    package var key: [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(Self.prefixByteCount + id.count)
        key.append(contentsOf: Self.bound(time))
        key.append(kind.rawValue)
        key.append(contentsOf: id)
        return key
    }

    /// What the key of every entry at or after `time` is not below.
    static func bound(_ time: LabTime) -> [UInt8] {
        var key: [UInt8] = []
        key.appendBigEndian(UInt64(max(0, time.millisecondsSinceEpoch)))
        return key
    }

    /// What every key of an entry at `time` or before is below, and none after it.
    static func bound(after time: LabTime) -> [UInt8] {
        let (next, overflows) = time.millisecondsSinceEpoch.addingReportingOverflow(1)
        return bound(LabTime(millisecondsSinceEpoch: overflows ? .max : next))
    }

    /// - Throws: `.damaged` when the key is none of this queue.
    init(key: [UInt8], value: StoredValue) throws(StoreError) {
        let milliseconds = key.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        guard key.count >= Self.prefixByteCount, let time = Int64(exactly: milliseconds) else {
            throw .damaged(file: "", offset: 0, what: "an entry of the queue of what is due")
        }
        self.init(
            time: LabTime(millisecondsSinceEpoch: time), kind: DueKind(rawValue: key[8]),
            id: Array(key.dropFirst(Self.prefixByteCount)), payload: value.head)
    }

    /// Takes it out of the queue, with the rest of the batch or not at all. Time, kind and id are enough; one that is
    /// not there is no error.
    package func remove(from batch: inout WriteBatch) { batch.delete(.due, key) }
}
