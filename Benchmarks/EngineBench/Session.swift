import LogStore

/// One thread's use of the store, through the calls for callers that have a thread each. Every failure ends the
/// program.
struct Session: Sendable {
    /// Keys of a keyspace without prefix rule: the peers' filters know none either.
    static let keyspace = Keyspace.catalog

    let store: LogStore

    func put(_ key: [UInt8], _ value: [UInt8], sync: Bool) {
        var batch = WriteBatch()
        batch.put(Self.keyspace, key, StoredValue(head: value))
        commit(batch, sync: sync)
    }

    func remove(_ key: [UInt8], sync: Bool) {
        var batch = WriteBatch()
        batch.delete(Self.keyspace, key)
        commit(batch, sync: sync)
    }

    func commit(_ batch: WriteBatch, sync: Bool) {
        do { try store.commitBlocking(batch, mode: sync ? .synced : .ordered) } catch { fail("commit: \(error)") }
    }

    func get(_ key: [UInt8]) -> [UInt8]? {
        do { return try store.getBlocking(Self.keyspace, key)?.head } catch { fail("get: \(error)") }
    }

    /// Calls `visit` with up to `count` entries from `key` on, in order, where they lie: as the peers' cursors show
    /// theirs.
    func scan(from key: [UInt8], count: Int, _ visit: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void) {
        do {
            let cursor = store.cursor(Self.keyspace, lower: key)
            for _ in 0..<count where try cursor.withNextBlocking(visit) == nil { break }
        } catch {
            fail("scan: \(error)")
        }
    }
}

/// Runs asynchronous work and waits for it on the calling thread.
func blockingOnTask(_ work: @escaping @Sendable () async -> Void) {
    let done = OneShot()
    Task {
        await work()
        done.signal()
    }
    done.wait()
}
