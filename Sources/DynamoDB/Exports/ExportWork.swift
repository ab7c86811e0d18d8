import Bytes
import Compression
import Encryption
import Items
import LabClock
import LogStore

extension DueKind {
    static let export = DueKind(rawValue: 0x23)
}

/// Writes exports: one data file in each turn of the queue, then one commit that says so. A file that was written and
/// not committed is written again with the same name and the same bytes, since states do not change.
struct ExportWork: DueHandler {
    /// Items looked at, and bytes of items, that are read at once.
    private static let pieceCountMax = 500
    private static let pieceBytesMax = 1 << 20

    let service: DynamoDBService
    /// Bytes of JSON after which a data file ends.
    var fileBytesMax = 8 << 20

    func run(_ entries: [DueEntry]) async throws {
        for entry in entries { try await run(entry) }
    }

    private func run(_ entry: DueEntry) async throws(DynamoDBError) {
        let restoreCount = service.store.restoreCount
        guard let record = try await service.read(.catalog, entry.id) else {
            return try await service.forget([entry], restoreCount)
        }
        var export = try ExportRecord.decode(record.head)
        do throws(ObjectStorageError) {
            if export.fileCount == 0, !export.isCopied {
                try await service.objects.put(export.address(export.objectKey("_started")), [])
            }
            if !export.isCopied {
                try await writeFile(&export, entry, restoreCount)
            }
            guard export.isCopied else { return }
            try await writeManifest(&export)
        } catch {
            switch error {
            case .failed(let reason): throw .internalError(reason)
            case .noSuchBucket: export.fail("S3NoSuchBucket", "The specified bucket does not exist")
            case .accessDenied: export.fail("S3AccessDenied", "Access denied to the bucket")
            case .noSuchKey, .changed: export.fail("S3InternalError", "\(error)")
            }
        }
        try await finish(export, entry, restoreCount)
    }

    // MARK: Data

    /// Lines of JSON, and how many.
    fileprivate struct Lines {
        var json: [UInt8] = []
        var count = 0
        var sizeBytes = 0
    }

    private func writeFile(
        _ export: inout ExportRecord, _ entry: DueEntry, _ restoreCount: Int
    ) async throws(ObjectStorageError) {
        var lines = Lines()
        do throws(DynamoDBError) {
            try await read(&export, &lines)
        } catch {
            throw .failed("\(error)")
        }
        var batch = WriteBatch()
        batch.restoreCount = restoreCount
        // An export of nothing has a file too.
        if lines.count > 0 || (export.isCopied && export.fileCount == 0) {
            let key = export.dataKey(export.fileCount)
            let bytes = lines.json.withUnsafeBytes { Gzip.compress($0) }
            try await service.objects.put(export.address(key), bytes)
            let line = export.manifestLine(itemCount: lines.count, key: key, bytes)
            batch.put(.catalog, export.fileKey(export.fileCount), StoredValue(head: line))
            export.fileCount += 1
            export.itemCount += lines.count
            export.sizeBytes += lines.sizeBytes
        }
        export.put(into: &batch)
        if !export.isCopied { service.endTurn(entry, in: &batch) }
        do { try await service.store.commit(batch) } catch { throw .failed("\(error)") }
    }

    private func read(_ export: inout ExportRecord, _ lines: inout Lines) async throws(DynamoDBError) {
        let end = try await service.hold(export.tableID, export.hold)
        switch export.extent {
        case .full:
            while !export.isCopied, lines.json.count < fileBytesMax {
                let piece = try await end.state.piece(
                    from: export.position, countMax: Self.pieceCountMax, bytesMax: Self.pieceBytesMax, service.store)
                for item in piece.items { lines.append(item.image) }
                export.position = piece.next
                export.isCopied = piece.next == nil
            }
        case .incremental(let from, let to, let hasOldImages):
            let start = try await service.hold(export.tableID, export.earlierHold ?? 0)
            let times = try await CommitTimes(of: export.tableID, from: from, to: to, service.store)
            let changes = ChangedItems(tableID: export.tableID, lower: start.bound, upper: end.bound)
            while !export.isCopied, lines.json.count < fileBytesMax {
                let piece = try await changes.piece(
                    from: export.position, countMax: Self.pieceCountMax, bytesMax: Self.pieceBytesMax, service.store)
                for change in piece.changes {
                    lines.append(
                        change, export.keyNames, second: times.second(of: change.stamp), hasOldImages: hasOldImages)
                }
                export.position = piece.next
                export.isCopied = piece.next == nil
            }
        }
    }

    // MARK: The end

    private func writeManifest(_ export: inout ExportRecord) async throws(ObjectStorageError) {
        var files: [UInt8] = []
        do throws(DynamoDBError) {
            try await service.forEach(.catalog, prefix: export.filePrefix) { (_, line) throws(DynamoDBError) in
                files += line.head + [UInt8(ascii: "\n")]
                return true
            }
        } catch {
            throw .failed("\(error)")
        }
        let now = service.clock.now()
        try await put(files, "manifest-files", export)
        try await put(export.manifestSummary(ended: now), "manifest-summary", export)
        export.outcome = JobOutcome(status: .completed, ended: now)
    }

    private func put(_ bytes: [UInt8], _ name: String, _ export: ExportRecord) async throws(ObjectStorageError) {
        let digest = Base64.encode(Digest.md5(bytes))
        try await service.objects.put(export.address(export.objectKey(name + ".json")), bytes)
        try await service.objects.put(export.address(export.objectKey(name + ".md5")), Array(digest.utf8))
    }

    private func finish(
        _ export: ExportRecord, _ entry: DueEntry, _ restoreCount: Int
    ) async throws(DynamoDBError) {
        var export = export
        if export.outcome.ended == nil { export.outcome.ended = service.clock.now() }
        let ended = export
        let holds = [export.hold, export.earlierHold].compactMap { $0 }
        try await service.release(export.tableID, export.id.table, holds) { batch in
            batch.restoreCount = restoreCount
            ended.put(into: &batch)
            service.deleteAll(.catalog, ended.filePrefix, from: &batch)
            entry.remove(from: &batch)
        }
    }
}

extension ExportRecord {
    fileprivate mutating func fail(_ code: String, _ message: String) {
        outcome.status = .failed
        outcome.failure = (code, message)
    }
}

extension ExportWork.Lines {
    /// An item of a full export.
    fileprivate mutating func append(_ image: [UInt8]) {
        image.reading { bytes in
            let item = ItemView(bytes)
            var line = JSONWriter(capacity: bytes.count * 2)
            line.beginObject()
            line.name("Item")
            line.item(item)
            line.endObject()
            add(line, itemBytes: item.size)
        }
    }

    /// A change of an incremental export.
    fileprivate mutating func append(
        _ change: ChangedItems.Change, _ key: [String], second: Int64, hasOldImages: Bool
    ) {
        guard let image = change.new ?? change.old else { return }
        var line = JSONWriter(capacity: 1024)
        line.beginObject()
        line.name("Metadata")
        line.beginObject()
        line.name("WriteTimestampMicros")
        line.beginObject()
        line.member("N", String(second * 1_000_000))
        line.endObject()
        line.endObject()
        line.name("Keys")
        let names = key.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        image.reading { line.item(ItemView($0), only: names) }
        if hasOldImages, let old = change.old {
            line.name("OldImage")
            old.reading { line.item(ItemView($0)) }
        }
        if let new = change.new {
            line.name("NewImage")
            new.reading { line.item(ItemView($0)) }
        }
        line.endObject()
        add(line, itemBytes: image.reading { ItemView($0).size })
    }

    private mutating func add(_ line: borrowing JSONWriter, itemBytes: Int) {
        json += line.copyBytes()
        json.append(UInt8(ascii: "\n"))
        count += 1
        sizeBytes += itemBytes
    }
}
