import LogStore
import NIOCore

/// An object found, with a way to its bytes.
struct FoundObject {
    var record: ObjectRecord
    /// The content of the object's own value, or of the only part of its body.
    var content: Content
    /// Set for a multipart body.
    var table: PartTable?
    /// Under which the parts of a multipart body are read.
    var snapshot: Snapshot?
}

/// The bytes of an object that an answer holds.
struct ReadPlan {
    var start: UInt64
    var length: UInt64
    var range: ResolvedRange?
    var checksum: Checksum?
    var partsCount: Int?
}

extension S3Service {
    /// Answers up to this are read whole before the call returns.
    static let wholeAnswerBytesMax: UInt64 = 256 << 10

    /// Reads an object. Small answers are read whole before this returns, so their damage is an error here and not a
    /// broken answer.
    ///
    /// - Throws: `noSuchKey`, `invalidRange`, `invalidPartNumber`, `preconditionFailed`, `notModified`,
    ///   `invalidArgument` (version, part number), `invalidRequest` (range and part number together), `damagedRecord`.
    package func getObject(
        _ input: GetObjectInput, _ context: CallContext
    ) async throws(S3Error) -> GetObjectOutput {
        let bucket = try await bucket(input.bucket, context)
        try check(input)
        let found = try await find(bucket, input.key, input.conditions)
        let plan = try plan(input, found)
        let read = try answer(found, plan)
        let reader = try reader(found, start: plan.start, length: plan.length)
        guard plan.length <= Self.wholeAnswerBytesMax else {
            return GetObjectOutput(read: read, body: .stream(reader))
        }
        guard var whole = try await reader.next() else {
            return GetObjectOutput(read: read, body: .whole(ByteBuffer()))
        }
        while UInt64(whole.readableBytes) < plan.length, let more = try await reader.next() {
            whole.writeImmutableBuffer(more)
        }
        return GetObjectOutput(read: read, body: .whole(whole))
    }

    /// As `getObject` without the bytes, and with the same errors.
    package func headObject(
        _ input: GetObjectInput, _ context: CallContext
    ) async throws(S3Error) -> ReadObjectOutput {
        let bucket = try await bucket(input.bucket, context)
        try check(input)
        let needsTable = input.partNumber != nil
        let found = try await find(bucket, input.key, input.conditions, withContent: needsTable)
        return try answer(found, try plan(input, found))
    }

    private func check(_ input: GetObjectInput) throws(S3Error) {
        try InputRules.checkVersionID(input.versionID)
        guard let partNumber = input.partNumber else { return }
        try InputRules.checkPartNumber(partNumber)
        if input.range != nil {
            throw .invalidRequest(message: "Cannot specify both Range header and partNumber query parameter")
        }
    }

    private func answer(_ found: FoundObject, _ plan: ReadPlan) throws(S3Error) -> ReadObjectOutput {
        ReadObjectOutput(
            object: try found.record.description(), range: plan.range, contentLength: plan.length,
            checksum: plan.checksum, partsCount: plan.partsCount)
    }

    /// The object's record and content. Without `withContent` only the record is read.
    ///
    /// - Throws: `noSuchKey`, and what the conditions throw.
    func find(
        _ bucket: BucketHandle, _ key: ObjectKey, _ conditions: ReadConditions, copySource: Bool = false,
        withContent: Bool = true
    ) async throws(S3Error) -> FoundObject {
        let storeKey = S3Keys.object(bucket.record.id, key.bytes)
        var snapshot: Snapshot?
        while true {
            guard let value = try await read(.objects, storeKey, at: snapshot) else { throw .noSuchKey(key) }
            let record = try value.objectRecord()
            if copySource { try conditions.checkCopySource(record) } else { try conditions.check(record) }
            guard withContent, let body = record.bodyID else {
                return FoundObject(record: record, content: value.content)
            }
            if record.partCount > 0, snapshot == nil {
                // Its parts are opened one by one while the answer streams: they must stay.
                snapshot = store.snapshot()
                continue
            }
            let number = record.partCount > 0 ? 0 : 1
            guard let part = try await read(.bodies, S3Keys.bodyPart(body, number), at: snapshot) else {
                if snapshot != nil { throw .damagedRecord("body \(body) lacks part \(number)") }
                // Replaced between the two reads: look again, at one moment.
                snapshot = store.snapshot()
                continue
            }
            if number == 1 { return FoundObject(record: record, content: part.content) }
            return FoundObject(record: record, content: .none, table: try PartTable(part.head), snapshot: snapshot)
        }
    }

    private func plan(_ input: GetObjectInput, _ found: FoundObject) throws(S3Error) -> ReadPlan {
        let record = found.record
        let size = record.size
        if let range = input.range {
            guard let resolved = range.resolve(size: size) else {
                throw .invalidRange(requested: range.description, actualSize: size)
            }
            // A range over everything is still a part of the object for HTTP, but its bytes are those of the whole.
            return ReadPlan(start: resolved.first, length: resolved.length, range: resolved)
        }
        guard let partNumber = input.partNumber else {
            return ReadPlan(start: 0, length: size, checksum: record.checksum)
        }
        guard record.partCount > 0 else {
            guard partNumber == 1 else { throw .invalidPartNumber(requested: partNumber, actualPartCount: 1) }
            let whole = size > 0 ? ResolvedRange(first: 0, last: size - 1, size: size) : nil
            return ReadPlan(start: 0, length: size, range: whole, checksum: record.checksum)
        }
        guard let table = found.table else { throw .damagedRecord("a multipart object without its part table") }
        let index = table.index(ofNumberAtLeast: partNumber)
        guard index < table.count, table.entry(index).number == partNumber else {
            throw .invalidPartNumber(requested: partNumber, actualPartCount: table.count)
        }
        let part = table.entry(index)
        var checksum = part.checksum
        // The value is the part's, the type says how the object's is made.
        checksum.type = record.checksumType
        let range =
            part.size > 0 ? ResolvedRange(first: part.start, last: part.start + part.size - 1, size: size) : nil
        return ReadPlan(
            start: part.start, length: part.size, range: range, checksum: checksum, partsCount: table.count)
    }

    /// Opens bytes of a found object.
    func reader(_ found: FoundObject, start: UInt64, length: UInt64) throws(S3Error) -> ObjectReader {
        guard let table = found.table, let body = found.record.bodyID else {
            return ObjectReader(
                store: store, source: try ObjectReader.open(found.content, store), offset: start, length: length)
        }
        let index = length > 0 ? table.index(containing: start) : table.count
        let offset = index < table.count ? start - table.entry(index).start : 0
        return ObjectReader(
            store: store, source: nil,
            parts: ObjectReader.Parts(table: table, body: body, index: index, snapshot: found.snapshot),
            offset: offset, length: length)
    }
}
