import Items
import LabClock
import LogStore

extension DueKind {
    static let restore = DueKind(rawValue: 0x20)
}

/// Copies past states into the tables that restores build: piece by piece, each in one commit with how far it has come,
/// so that a restart goes on from there. Indexes are filled by the same commits.
struct RestoreWork: DueHandler {
    /// Bytes of items of one piece: what one commit writes, indexes included.
    private static let pieceBytesMax = 1 << 20
    let service: DynamoDBService
    /// Items looked at for one piece: in a table with all indexes, each takes a hundred operations of a commit.
    var pieceCountMax = 300
    /// Pieces of one turn in the queue.
    var piecesMax = 8

    func run(_ entries: [DueEntry]) async throws {
        for entry in entries { try await run(entry) }
    }

    private func run(_ entry: DueEntry) async throws(DynamoDBError) {
        let restoreCount = service.store.restoreCount
        let id = UInt64(bigEndianBytes: entry.id)
        guard let record = try await service.read(.catalog, RestoreJob.key(id)) else {
            return try await service.forget([entry], restoreCount)
        }
        var job = try RestoreJob(id: id, record.head)
        if !job.isCopied {
            // Nobody else removes a table that is being built.
            guard let target = try await target(of: job)?.table else { throw .damagedRecord("restore") }
            let hold = try await service.hold(job.sourceID, job.hold)
            for turn in 1...piecesMax {
                try await copyPiece(&job, hold.state, target, restoreCount, turn == piecesMax ? entry : nil)
                if job.isCopied { break }
            }
            guard job.isCopied else { return }
        }
        try await finish(job, entry, restoreCount)
    }

    /// The table that a job builds; nil when there is none any more.
    private func target(of job: RestoreJob) async throws(DynamoDBError) -> TableHandle? {
        do throws(DynamoDBError) {
            let handle = try await service.handle(job.target)
            return handle.table?.definition.uuid == job.targetUUID ? handle : nil
        } catch {
            if error == .resourceNotFound { return nil }
            throw error
        }
    }

    /// - Parameter entry: the queue's, to be moved on when this is the turn's last piece.
    private func copyPiece(
        _ job: inout RestoreJob, _ state: PastState, _ target: Table, _ restoreCount: Int, _ entry: DueEntry?
    ) async throws(DynamoDBError) {
        let bytesMax = Self.pieceBytesMax / (1 + target.indexPlans.count)
        let piece = try await state.piece(
            from: job.position, countMax: pieceCountMax, bytesMax: bytesMax, service.store)
        var batch = WriteBatch()
        batch.restoreCount = restoreCount
        let now = service.clock.now()
        for (ordinal, item) in piece.items.enumerated() {
            let place = item.image.reading { target.itemKey(of: ItemView($0)) }
            let change = ItemChange(place: place, old: nil, new: item.image)
            _ = target.apply(change, at: now, ordinal: ordinal, service.due, into: &batch)
        }
        job.position = piece.next
        job.isCopied = piece.next == nil
        job.put(into: &batch)
        if let entry, !job.isCopied { service.endTurn(entry, in: &batch) }
        try await service.commit(batch)
    }

    /// Gives the table to its users, then ends the job: one that stopped in between may find that they have deleted it.
    private func finish(
        _ job: RestoreJob, _ entry: DueEntry, _ restoreCount: Int
    ) async throws(DynamoDBError) {
        if let handle = try await target(of: job) { try await open(handle, restoreCount) }
        try await service.release(job.sourceID, job.source, [job.hold]) { batch in
            batch.restoreCount = restoreCount
            batch.delete(.catalog, RestoreJob.key(job.id))
            entry.remove(from: &batch)
        }
    }

    private func open(_ handle: TableHandle, _ restoreCount: Int) async throws(DynamoDBError) {
        try await handle.change(isBuilder: true) { (table) throws(DynamoDBError) in
            var definition = table.definition
            guard definition.isBuilding else { return table }
            definition.isBuilding = false
            var batch = WriteBatch()
            batch.restoreCount = restoreCount
            definition.put(into: &batch)
            try await service.commit(batch)
            return table.changed(to: definition)
        }
    }
}
