import Bytes
import LabClock
import LogStore

extension DueKind {
    static let streamTrim = DueKind(rawValue: 0x14)
    static let streamRemoval = DueKind(rawValue: 0x15)
}

/// Removes the records of a shard that are older than a day of lab time, and a closed shard that is empty then: piece
/// by piece, each in one commit with how far the shard is trimmed.
///
/// Each shard has one entry in the queue, due when its oldest record is. When there is much to remove it is a job of
/// several turns.
struct StreamTrim: DueHandler {
    /// Records of one piece: they are read, images and all.
    private static let pieceMax = 500
    /// Between two turns at least: so much longer a record may stay.
    private static let pauseMilliseconds: Int64 = 60_000

    let service: DynamoDBService
    /// Pieces of one turn in the queue.
    var piecesMax = 20

    static func entry(_ streamID: UInt64, _ partitionID: UInt64, after time: LabTime) -> DueEntry {
        DueEntry(
            time: time.adding(milliseconds: DynamoDBLimits.streamRetentionMilliseconds), kind: .streamTrim,
            id: StreamKeys.shard(streamID, partition: partitionID))
    }

    func run(_ entries: [DueEntry]) async throws {
        for entry in entries {
            for _ in 0..<piecesMax {
                if try await !trimPiece(entry) { break }
            }
        }
    }

    /// - Returns: whether there may be more that is too old.
    private func trimPiece(_ entry: DueEntry) async throws(DynamoDBError) -> Bool {
        guard entry.id.count == 16 else { throw .damagedRecord("due") }
        let (streamID, partitionID) = (UInt64(bigEndianBytes: entry.id), UInt64(bigEndianBytes: entry.id.suffix(8)))
        let restoreCount = service.store.restoreCount
        let now = service.clock.now()
        let horizon = now.adding(milliseconds: -DynamoDBLimits.streamRetentionMilliseconds)
        let snapshot = service.store.snapshot()
        guard let shard = try await service.shard(streamID, partitionID, at: snapshot) else {
            // The stream is gone.
            try await service.forget([entry], restoreCount)
            return false
        }
        var batch = WriteBatch()
        batch.restoreCount = restoreCount
        batch.makesRoom = true
        entry.remove(from: &batch)
        let old = try await oldRecords(entry.id, before: horizon, at: snapshot)
        if let last = old.last {
            batch.deleteRange(.streams, from: entry.id, to: entry.id + last.next.bytes)
            batch.put(.catalog, DynamoDBKeys.trimPoint(streamID, partitionID), StoredValue(head: last.next.bytes))
        }
        if old.mayHaveMore {
            // The payload makes it another entry than before, which tells the queue that there was progress.
            var next = entry
            next.payload = old.last?.next.bytes ?? []
            service.due.add(next, to: &batch)
        } else if old.first == nil, let closed = shard.closed, closed <= horizon {
            batch.delete(.catalog, shard.recordKey)
            batch.delete(.catalog, DynamoDBKeys.trimPoint(streamID, partitionID))
        } else {
            let oldest = max(old.first ?? shard.closed ?? now, horizon.adding(milliseconds: Self.pauseMilliseconds))
            service.due.add(Self.entry(streamID, partitionID, after: oldest), to: &batch)
        }
        try await service.commit(batch)
        return old.mayHaveMore
    }

    private struct OldRecords {
        /// The last that is too old.
        var last: StreamPosition?
        /// The time of the first that is not.
        var first: LabTime?
        /// Whether there may be more that are too old.
        var mayHaveMore = false
    }

    private func oldRecords(
        _ shard: [UInt8], before horizon: LabTime, at snapshot: Snapshot
    ) async throws(DynamoDBError) -> OldRecords {
        var old = OldRecords()
        var count = 0
        try await service.forEach(.streams, prefix: shard, at: snapshot) { (key, value) throws(DynamoDBError) in
            let record = try StreamRecord.decode(value.head)
            guard record.time <= horizon else {
                old.first = record.time
                return false
            }
            guard let position = StreamPosition(bytes: key.dropFirst(shard.count)) else {
                throw .damagedRecord("stream")
            }
            old.last = position
            count += 1
            old.mayHaveMore = count == Self.pieceMax
            return !old.mayHaveMore
        }
        return old
    }
}

/// Removes a stream, a day of lab time after it was disabled or its table was deleted.
struct StreamRemoval: DueHandler {
    let service: DynamoDBService

    static func entry(_ stream: TableStream, after time: LabTime) -> DueEntry {
        DueEntry(
            time: time.adding(milliseconds: DynamoDBLimits.streamRetentionMilliseconds), kind: .streamRemoval,
            id: StreamKeys.stream(stream.definition.id), payload: stream.recordKey)
    }

    func run(_ entries: [DueEntry]) async throws {
        let restoreCount = service.store.restoreCount
        var batch = WriteBatch()
        batch.restoreCount = restoreCount
        for entry in entries {
            entry.remove(from: &batch)
            guard let value = try await service.read(.catalog, entry.payload) else { continue }
            let stream = try TableStream.decode(value.head)
            guard stream.disabled != nil else { continue }
            let id = stream.definition.id
            batch.delete(.catalog, stream.recordKey)
            service.deleteAll(.catalog, DynamoDBKeys.shards(id), from: &batch)
            service.deleteAll(.catalog, DynamoDBKeys.trimPoints(id), from: &batch)
            service.deleteAll(.streams, StreamKeys.stream(id), from: &batch)
        }
        try await service.commit(batch)
    }
}
