import Items
import LabClock
import LogStore
import Synchronization

extension DueKind {
    static let tableImport = DueKind(rawValue: 0x24)
}

/// Reads the objects of imports into their tables: piece by piece, each in one commit with how far it has come. Between
/// turns an object stays open in memory, so that it is expanded once; after a restart it is read again up to where it
/// was left.
final class ImportWork: DueHandler {
    /// Bytes of items of one piece: what one commit writes, indexes included.
    private static let pieceBytesMax = 1 << 20

    private let service: DynamoDBService
    private let piecesMax: Int
    private let pieceCountMax: Int
    /// What is open, by the import's key.
    private let open = Mutex<[[UInt8]: OpenObject]>([:])

    private struct OpenObject {
        let progress: ImportRecord.Progress
        let records: ObjectRecords
    }

    /// - Parameters:
    ///   - piecesMax: pieces of one turn in the queue.
    ///   - pieceCountMax: records of one piece: in a table with all indexes, each takes a hundred operations of a
    ///     commit.
    init(service: DynamoDBService, piecesMax: Int = 8, pieceCountMax: Int = 300) {
        self.service = service
        self.piecesMax = piecesMax
        self.pieceCountMax = pieceCountMax
    }

    func run(_ entries: [DueEntry]) async throws {
        for entry in entries { try await run(entry) }
    }

    private func run(_ entry: DueEntry) async throws(DynamoDBError) {
        let restoreCount = service.store.restoreCount
        guard let record = try await service.read(.catalog, entry.id) else {
            return try await service.forget([entry], restoreCount)
        }
        var work = try ImportRecord.decode(record.head)
        let handle = try await service.handle(work.id.table)
        guard let table = handle.table, table.definition.uuid == work.tableUUID else {
            // Nobody else removes a table that is being built.
            throw .damagedRecord("import")
        }
        if work.outcome.failure != nil { return try await finish(work, entry, handle, restoreCount) }
        let input = try work.input()
        for turn in 1...piecesMax {
            var piece = ImportPiece(
                countMax: pieceCountMax, bytesMax: Self.pieceBytesMax / (1 + table.indexPlans.count))
            var isRead = false
            do throws(ObjectRecords.Failure) {
                if let records = try await openObject(&work, input) {
                    try await read(&piece, records, &work, input, table)
                    if let progress = work.progress {
                        open.withLock { $0[entry.id] = OpenObject(progress: progress, records: records) }
                    }
                } else {
                    isRead = true
                }
            } catch {
                if case .storage(.failed(let reason)) = error { throw .internalError(reason) }
                work.fail(error)
            }
            if isRead { return try await finish(work, entry, handle, restoreCount) }
            try await write(piece, &work, table, restoreCount, turn == piecesMax ? entry : nil)
            if work.outcome.failure != nil { return try await finish(work, entry, handle, restoreCount) }
        }
    }

    // MARK: Reading

    /// The object to go on with; nil when all have been read.
    private func openObject(
        _ work: inout ImportRecord, _ input: API.ImportTableInput
    ) async throws(ObjectRecords.Failure) -> ObjectRecords? {
        if let progress = work.progress {
            let key = work.id.key
            let present = open.withLock { $0.removeValue(forKey: key) }
            if let present, present.progress == progress { return present.records }
            let records = records(progress, work, input)
            try await records.skip(to: progress.offset)
            return records
        }
        let objects: [StoredObject]
        do throws(ObjectStorageError) {
            objects = try await service.objects.list(
                work.bucket, prefix: input.s3BucketSource?.s3KeyPrefix ?? "", after: work.lastKey, limit: 1)
        } catch {
            throw .storage(error)
        }
        guard let object = objects.first else { return nil }
        let progress = ImportRecord.Progress(
            key: object.key, version: object.version, size: object.size,
            columns: input.inputFormatOptions?.csv?.headerList)
        work.progress = progress
        return records(progress, work, input)
    }

    private func records(
        _ progress: ImportRecord.Progress, _ work: ImportRecord, _ input: API.ImportTableInput
    ) -> ObjectRecords {
        ObjectRecords(
            service.objects, ObjectAddress(work.bucket, progress.key), version: progress.version, size: progress.size,
            compression: input.inputCompressionType ?? "NONE", isCSV: input.inputFormat == "CSV")
    }

    private func read(
        _ piece: inout ImportPiece, _ records: ObjectRecords, _ work: inout ImportRecord,
        _ input: API.ImportTableInput, _ table: Table
    ) async throws(ObjectRecords.Failure) {
        let format = ImportFormat(input, table)
        let start = records.position
        while !piece.isFull {
            guard let record = try await records.next() else {
                work.lastKey = work.progress?.key
                work.progress = nil
                break
            }
            piece.count += 1
            // Empty lines are none.
            if case .bytes(let bytes) = record, bytes.isEmpty { continue }
            if case .bytes(let bytes) = record, format.hasHeader(work.progress?.columns) {
                // Without columns no row can be read: every one is an error.
                work.progress?.columns = format.columns(bytes) ?? []
                continue
            }
            work.processedCount += 1
            if case .bytes(let bytes) = record,
                let item = format.item(bytes, columns: work.progress?.columns, of: table)
            {
                piece.add(item)
            } else {
                work.errorCount += 1
            }
        }
        work.progress?.offset = records.position
        work.processedBytes += Int(records.position - start)
    }

    // MARK: Writing

    /// - Parameter entry: the queue's, to be moved on when this is the turn's last piece.
    private func write(
        _ piece: ImportPiece, _ work: inout ImportRecord, _ table: Table, _ restoreCount: Int, _ entry: DueEntry?
    ) async throws(DynamoDBError) {
        var batch = WriteBatch()
        batch.restoreCount = restoreCount
        let now = service.clock.now()
        // Of two items with one key the later one stays, as if they were put one after the other.
        var written: [[UInt8]: [UInt8]] = [:]
        for (ordinal, item) in piece.items.enumerated() {
            let place = item.reading { table.itemKey(of: ItemView($0)) }
            var old = written[place.key]
            if old == nil { old = try await service.read(.items, place.key)?.head }
            let change = ItemChange(place: place, old: old, new: item)
            _ = table.apply(change, at: now, ordinal: ordinal, service.due, into: &batch)
            written[place.key] = item
        }
        work.importedCount += piece.items.count
        work.put(into: &batch)
        if let entry, work.outcome.failure == nil { service.endTurn(entry, in: &batch) }
        try await service.commit(batch)
    }

    private func finish(
        _ work: ImportRecord, _ entry: DueEntry, _ handle: TableHandle, _ restoreCount: Int
    ) async throws(DynamoDBError) {
        var work = work
        work.outcome.ended = service.clock.now()
        if work.outcome.failure == nil, work.errorCount > 0 {
            work.outcome.failure = (
                "ItemValidationError",
                "Some of the items failed validation checks and were not imported. "
                    + "Please check CloudWatch error logs for more details."
            )
        }
        work.outcome.status = work.outcome.failure == nil ? .completed : .failed
        // As at AWS, an import that found nothing to read leaves no table.
        let leavesNoTable = work.outcome.failure != nil && work.progress == nil && work.lastKey == nil
        work.progress = nil
        let ended = work
        try await handle.change(isBuilder: true) { (table) throws(DynamoDBError) in
            var batch = WriteBatch()
            batch.restoreCount = restoreCount
            ended.put(into: &batch)
            entry.remove(from: &batch)
            if leavesNoTable {
                service.removeTable(table, keepsItems: false, from: &batch)
                try await service.commit(batch)
                return nil
            }
            var definition = table.definition
            definition.isBuilding = false
            definition.put(into: &batch)
            try await service.commit(batch)
            return table.changed(to: definition)
        }
        if leavesNoTable { service.directory.remove(handle) }
        open.withLock { $0[entry.id] = nil }
    }
}

/// Items that one commit writes.
private struct ImportPiece {
    let countMax: Int
    let bytesMax: Int
    /// Records looked at.
    var count = 0
    private(set) var items: [[UInt8]] = []
    private var bytes = 0

    init(countMax: Int, bytesMax: Int) {
        self.countMax = countMax
        self.bytesMax = bytesMax
    }

    var isFull: Bool { count >= countMax || bytes >= bytesMax }

    mutating func add(_ item: [UInt8]) {
        items.append(item)
        bytes += item.count
    }
}

extension ImportRecord {
    /// What had been imported before stays.
    fileprivate mutating func fail(_ failure: ObjectRecords.Failure) {
        outcome.failure =
            switch failure {
            case .storage(.noSuchBucket): ("S3NoSuchBucket", "The specified bucket does not exist")
            case .storage(.noSuchKey): ("S3NoSuchKey", "There is no object with the prefix")
            case .storage(.accessDenied): ("S3AccessDenied", "Access denied to the bucket")
            case .storage(.changed): ("S3ObjectChanged", "An object was replaced while it was read")
            case .storage(.failed(let reason)): ("S3InternalError", reason)
            case .malformed: ("DecompressionError", "An object is not of the compression type")
            }
    }
}
