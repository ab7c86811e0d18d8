internal import Bytes
internal import LogStore

/// Work that puts itself into the queue again. One entry and one record of the catalog, written together, so that there
/// is always exactly one of each.
struct PeriodicWork: DueHandler {
    let kind: DueKind
    let periodMilliseconds: Int64
    let store: LogStore
    let clock: any LabClock
    let work: @Sendable (LabTime) async throws -> Void

    private static let recordFormat: UInt8 = 1

    /// The first byte is this module's in the catalog.
    private var recordKey: [UInt8] { [0x11, kind.rawValue] }

    /// Puts it into the queue unless it is there.
    func ensure() async throws(StoreError) {
        let restoreCount = store.restoreCount
        if try await store.get(.catalog, recordKey) != nil { return }
        var batch = WriteBatch()
        batch.restoreCount = restoreCount
        schedule(at: clock.now().adding(milliseconds: periodMilliseconds), in: &batch)
        do throws(StoreError) { try await store.commit(batch) } catch {
            // What there is now is looked at by the next who asks.
            if error != .restored { throw error }
        }
    }

    func run(_ entries: [DueEntry]) async throws {
        guard let last = entries.last else { return }
        let restoreCount = store.restoreCount
        let now = clock.now()
        try await work(now)
        var batch = WriteBatch()
        // A restore brought an entry of its own.
        batch.restoreCount = restoreCount
        for entry in entries { entry.remove(from: &batch) }
        // The first turn behind the present: what was missed is made up for.
        let missed = max(0, now.millisecondsSinceEpoch - last.time.millisecondsSinceEpoch) / periodMilliseconds
        let (ahead, overflows) = (missed + 1).multipliedReportingOverflow(by: periodMilliseconds)
        schedule(at: last.time.adding(milliseconds: overflows ? .max : ahead), in: &batch)
        try await store.commit(batch)
    }

    private func schedule(at time: LabTime, in batch: inout WriteBatch) {
        var record: [UInt8] = [Self.recordFormat]
        record.appendBigEndian(time.millisecondsSinceEpoch)
        batch.put(.catalog, recordKey, StoredValue(head: record))
        batch.put(.due, DueEntry(time: time, kind: kind, id: []).key, StoredValue(head: []))
    }
}
