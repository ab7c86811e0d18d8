internal import Bytes
internal import Disk

/// Where flush and compaction write: tables of a run, cut at a size, and the extent that takes the content separated
/// from them.
///
/// One user at a time. Until the manifest names the tables, `abandon` takes everything back.
final class TableOutput {
    /// A longer table is cut: bounds what one compaction step rewrites and what a damaged index can take down.
    private static let tableBytesMax: UInt64 = 64 << 20

    private let store: LogStore
    private var keyspace = Keyspace.catalog
    private var run: UInt64 = 0
    private var isBottom = false
    private var separates = false
    private var builder: TableBuilder?
    private var records: [ManifestEdit.TableRecord] = []
    private var tables: [Table] = []
    private var appender: ExtentAppender?
    private var created: [String] = []
    private var scratch: [UInt8] = []
    private(set) var writtenBytes = 0
    /// Entries read so far: measures a step of compaction.
    private(set) var entriesSeen = 0

    init(store: LogStore) { self.store = store }

    /// - Parameters:
    ///   - isBottom: nothing older lies below: deletes have done their work and are dropped.
    ///   - separates: whether inline content above `EngineLimits.inlineContentBytesMax` moves into an extent.
    func begin(keyspace: Keyspace, run: UInt64, isBottom: Bool, separates: Bool) {
        self.keyspace = keyspace
        self.run = run
        self.isBottom = isBottom
        self.separates = separates
        records = []
        tables = []
    }

    /// Moves the next key of a merge to the output; false at the end.
    func append(next merge: MergeIterator) throws(StoreError) -> Bool {
        let outcome: KeyFold.Outcome?
        do throws(ReadInterruption) { outcome = try merge.next(.mayBlock) } catch .failed(let error) {
            throw error
        } catch {
            preconditionFailure("a blocking read does not ask to block")
        }
        guard let outcome else { return false }
        entriesSeen += 1
        switch outcome {
        case .delete:
            if !isBottom { try write(merge, .delete, UnsafeRawBufferPointer(start: nil, count: 0), runs: []) }
        case .counter(let value):
            try writeScratch(merge, .put, KeyFold.encodedCounter(value))
        case .delta(let value):
            if isBottom {
                try writeScratch(merge, .put, KeyFold.encodedCounter(value))
            } else {
                try writeScratch(merge, .add, withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) })
            }
        case .put(let bytes):
            try appendPut(merge, bytes)
        }
        return true
    }

    private func appendPut(_ merge: MergeIterator, _ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        let view: ValueCodec.View
        do { view = try ValueCodec.view(bytes) } catch { throw .damaged(file: "", offset: 0, what: "value encoding") }
        switch view.content {
        case .none: try write(merge, .put, bytes, runs: [])
        case .runs(let runs): try write(merge, .put, bytes, runs: runs)
        case .inline(let content):
            guard separates, content.count > EngineLimits.inlineContentBytesMax else {
                return try write(merge, .put, bytes, runs: [])
            }
            if appender == nil {
                let new = try store.pool.create(isPacked: true)
                created.append(new.file.name)
                appender = new
            }
            guard let appender else { preconditionFailure("an appender was just made") }
            let separated = try appender.appendRun(content)
            scratch.removeAll(keepingCapacity: true)
            ValueCodec.appendRuns(head: view.head, runs: [separated], to: &scratch)
            try scratch.reading { encoded throws(StoreError) in try write(merge, .put, encoded, runs: [separated]) }
        }
    }

    private func writeScratch(_ merge: MergeIterator, _ kind: EntryKind, _ bytes: [UInt8]) throws(StoreError) {
        try bytes.reading { encoded throws(StoreError) in try write(merge, kind, encoded, runs: []) }
    }

    private func write(
        _ merge: MergeIterator, _ kind: EntryKind, _ value: UnsafeRawBufferPointer, runs: [Run]
    ) throws(StoreError) {
        if let builder, builder.estimatedBytes >= Self.tableBytesMax { try finishTable() }
        if builder == nil {
            let number = store.numbers.next()
            let new = try TableBuilder(
                disk: store.disk, storeID: store.storeID, number: number, keyspace: keyspace,
                compress: store.options.compression)
            created.append(FileName(storeID: store.storeID, number: number, kind: .table).string)
            builder = new
        }
        try merge.key.reading { key throws(StoreError) in
            try builder?.append(key: key, kind: kind, sequence: merge.sequence, value: value, runs: runs)
        }
    }

    private func finishTable() throws(StoreError) {
        guard let builder else { return }
        let (length, properties) = try builder.finish()
        self.builder = nil
        writtenBytes += Int(length)
        records.append(
            ManifestEdit.TableRecord(
                keyspace: keyspace, level: 0, run: run, file: builder.number, length: length, properties: properties))
        // Reading it back checks what will be relied on, before the inputs go.
        tables.append(try store.openTable(builder.number))
    }

    func finishKeyspace() throws(StoreError) -> (records: [ManifestEdit.TableRecord], tables: [Table]) {
        try finishTable()
        return (records, tables)
    }

    /// Makes the extent and all names durable: after this the manifest may name the tables.
    func finishFiles() throws(StoreError) {
        if let appender {
            try appender.flush()
            writtenBytes += Int(appender.end)
            appender.seal()
            try appender.sync()
        }
        if !created.isEmpty { try storeCall { () throws(DiskError) in try store.disk.syncDirectory() } }
        appender = nil
    }

    /// Takes back what was written.
    func abandon() {
        builder = nil
        appender = nil
        for name in created where name.hasSuffix(FileKind.table.rawValue) { store.janitor.discard(name) }
    }
}
