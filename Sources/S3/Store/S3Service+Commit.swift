import Bytes
import LogStore

/// An object about to be written: what the conditions are checked against and what is committed.
struct ObjectWrite: Sendable {
    var bucket: BucketHandle
    var key: ObjectKey
    var conditions: WriteConditions
    var draft: ObjectRecord.Draft
    /// The content of the object's own value; `.none` when it lies in a body.
    var content: Content = .none

    var storeKey: [UInt8] { S3Keys.object(bucket.record.id, key.bytes) }

    /// Adds the object's record, stamped with the commit.
    func put(into batch: inout WriteBatch) {
        batch.restoreCount = bucket.restoreCount
        batch.put(
            .objects, storeKey, StoredValue(head: ObjectRecord(draft).bytes, content: content),
            headStampOffset: ObjectRecord.sequenceOffset)
    }

    /// Adds the reference that a fresh body of this commit is held by, its id stamped.
    func putOwnBody(_ part: StoredValue, into batch: inout WriteBatch) {
        batch.put(.bodies, S3Keys.bodyPart(0, 1), part, keyStampOffset: 0)
        batch.put(
            .references, S3Keys.reference(0, bucket.record.id, key.bytes), StoredValue(head: []), keyStampOffset: 0)
    }
}

extension S3Service {
    /// Writes an object whose content is in its own value. One commit under the key's latch; only when it replaces an
    /// object with a body, a
    /// transaction.
    func commitInline(_ write: ObjectWrite) async throws(S3Error) {
        try write.bucket.enter()
        defer { write.bucket.leave() }
        let replacesBody: Bool
        do {
            replacesBody = try await store.update(.objects, write.storeKey) {
                (current, batch) throws(S3Error) -> Bool in
                let old = try current?.objectRecord()
                try write.conditions.check(old, write.key)
                if old?.bodyID != nil { return true }
                write.put(into: &batch)
                return false
            }
        } catch {
            throw S3Error.wrap(error)
        }
        if replacesBody { try await replace(write) { _ in } }
    }

    /// Writes an object whose content is a body that comes with it.
    func commitWithBody(_ write: ObjectWrite, part: StoredValue) async throws(S3Error) {
        try write.bucket.enter()
        defer { write.bucket.leave() }
        try await replace(write) { batch in write.putOwnBody(part, into: &batch) }
    }

    /// Writes an object in a transaction that lets go of the body of the object before.
    private func replace(
        _ write: ObjectWrite, adding more: @Sendable @escaping (inout WriteBatch) -> Void
    ) async throws(S3Error) {
        try await transact { transaction, batch in
            let old = try await transaction.get(.objects, write.storeKey)?.objectRecord()
            try write.conditions.check(old, write.key)
            try await self.release(old, of: write.bucket, write.key, in: transaction, into: &batch)
            write.put(into: &batch)
            more(&batch)
        }
    }

    /// Takes an object's reference off its body, and removes the body with its last one.
    ///
    /// - Parameter kept: a body that the object will go on referring to.
    func release(
        _ record: ObjectRecord?, of bucket: BucketHandle, _ key: ObjectKey, keeping kept: UInt64? = nil,
        in transaction: Transaction, into batch: inout WriteBatch
    ) async throws {
        guard let body = record?.bodyID, body != kept else { return }
        let prefix = S3Keys.bodyPrefix(body)
        let mine = S3Keys.reference(body, bucket.record.id, key.bytes)
        // Two are enough to see whether there is another one.
        let references = try await transaction.scan(
            .references, lower: prefix, upper: OrderedKey.end(ofPrefix: prefix), limit: 2)
        batch.delete(.references, mine)
        if references.contains(where: { $0.key != mine }) { return }
        try await removeBody(body, in: transaction, into: &batch)
    }

    /// More parts than this are removed by one range delete: the store keeps a few thousand of those in memory before
    /// it must flush, so that ordinary objects had better not use them up.
    private static let partsDeletedSinglyMax = 32

    /// Removes a body's records.
    func removeBody(_ body: UInt64, in transaction: Transaction, into batch: inout WriteBatch) async throws {
        let prefix = S3Keys.bodyPrefix(body)
        let end = S3Keys.bodyPart(body, S3Limits.partNumberMax) + [0]
        let parts = try await transaction.scan(
            .bodies, lower: prefix, upper: end, limit: Self.partsDeletedSinglyMax + 1)
        if parts.count > Self.partsDeletedSinglyMax {
            // Whatever else is there by then: nobody has to have read it.
            batch.deleteRange(.bodies, from: prefix, to: end)
        } else {
            for part in parts { batch.delete(.bodies, part.key) }
        }
    }
}
