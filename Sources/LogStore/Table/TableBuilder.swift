internal import Bytes
internal import Disk

/// Writes one sorted table, front to back: entries in ascending order of key, one a key. One user at a time; blocks on
/// the disk.
final class TableBuilder {
    /// Plain bytes of a data block: one cold read's worth, and what a point lookup searches.
    private static let blockBytes = 8 << 10
    /// Output is written in pieces of this size.
    private static let writeBytes = 1 << 20

    let number: UInt64
    let keyspace: Keyspace
    private let storeID: UInt64
    private let compress: Bool
    private let file: any DiskFile
    private var block = DataBlockBuilder()
    private var output: [UInt8] = []
    /// File offset of `output`'s first byte.
    private var writtenEnd: UInt64 = 0
    private var index: [UInt8] = []
    private var hashes: [UInt64] = []
    private var lastPrefixHash: UInt64?
    private var references: [UInt64: UInt64] = [:]
    private var properties = TableProperties()

    /// Creates the file.
    init(
        disk: any Disk, storeID: UInt64, number: UInt64, keyspace: Keyspace, compress: Bool
    ) throws(StoreError) {
        self.storeID = storeID
        self.number = number
        self.keyspace = keyspace
        self.compress = compress
        let name = FileName(storeID: storeID, number: number, kind: .table).string
        file = try storeCall { () throws(DiskError) in try disk.create(name, direct: false) }
    }

    /// Bytes the table would have now, about.
    var estimatedBytes: UInt64 { writtenEnd + UInt64(output.count + block.byteCount) }
    private var end: UInt64 { writtenEnd + UInt64(output.count) }

    /// Adds an entry behind all earlier ones. `runs` are those its value names.
    func append(
        key: UnsafeRawBufferPointer, kind: EntryKind, sequence: UInt64, value: UnsafeRawBufferPointer, runs: [Run]
    ) throws(StoreError) {
        if properties.entryCount == 0 {
            properties.smallestKey = [UInt8](key)
        } else if lastKey.withUnsafeBytes({ compareBytes($0, key) >= 0 }) {
            // Only where a file that is merged has a checksum that fits and keys that do not.
            throw .damaged(file: "", offset: 0, what: "keys out of order in the tables that are merged")
        }
        block.append(key: key, kind: kind, sequence: sequence, value: value)
        lastKey.removeAll(keepingCapacity: true)
        lastKey.append(contentsOf: key)
        hashes.append(KeyHash.hash(key))
        let prefixLength = keyspace.filterPrefixLength
        if prefixLength > 0, key.count >= prefixLength {
            let hash = KeyHash.hash(UnsafeRawBufferPointer(rebasing: key[0..<prefixLength]), seed: KeyHash.prefixSeed)
            if hash != lastPrefixHash { hashes.append(hash) }
            lastPrefixHash = hash
        }
        properties.entryCount += 1
        if kind == .delete { properties.deleteCount += 1 }
        properties.smallestSequence = min(properties.smallestSequence, sequence)
        properties.largestSequence = max(properties.largestSequence, sequence)
        for run in runs { references[run.file, default: 0] += UInt64(run.storedLength) }
        if block.byteCount >= Self.blockBytes { try finishBlock() }
    }

    private func finishBlock() throws(StoreError) {
        let handle = appendBlock(block.finish(), compress: compress)
        index.appendLengthPrefixed(lastKey)
        index.appendVarint(handle.offset)
        index.appendVarint(handle.length)
        if output.count >= Self.writeBytes { try writeOut() }
    }

    private func appendBlock(_ payload: [UInt8], compress: Bool) -> TableFooter.Handle {
        let start = end
        TableBlock.append(payload, at: start, compress: compress, to: &output)
        return TableFooter.Handle(offset: start, length: end - start)
    }

    private func writeOut() throws(StoreError) {
        do throws(DiskError) {
            var failure: DiskError?
            output.withUnsafeBytes { bytes in
                do throws(DiskError) { try file.write(bytes, at: writtenEnd) } catch { failure = error }
            }
            if let failure { throw failure }
        } catch .noSpace {
            throw .noSpace
        } catch {
            throw .disk(error)
        }
        // The sync at the table's end would otherwise hold everything up, the log's syncs too.
        file.startWriteback(offset: writtenEnd, length: UInt64(output.count))
        writtenEnd += UInt64(output.count)
        output.removeAll(keepingCapacity: true)
    }

    /// The last key added. There must be one.
    private(set) var lastKey: [UInt8] = []

    /// Writes filter, index, properties, history and footer, and syncs the file. Its name is durable only after the
    /// directory is synced too.
    ///
    /// - Parameters:
    ///   - rangeDeletes: disjoint, in order. A table may hold nothing else.
    ///   - history: the history block's bytes; empty for none.
    func finish(
        rangeDeletes: [RangeDelete] = [], history: [UInt8] = []
    ) throws(StoreError) -> (length: UInt64, properties: TableProperties) {
        precondition(properties.entryCount > 0 || !rangeDeletes.isEmpty, "a table says something")
        if !block.isEmpty { try finishBlock() }
        properties.largestKey = lastKey
        properties.span(rangeDeletes)
        properties.extentReferences = references.sorted { $0.key < $1.key }
            .map { TableProperties.ExtentReference(file: $0.key, storedBytes: $0.value) }
        let filter = appendBlock(BloomFilter.encode(hashes), compress: false)
        let indexHandle = appendBlock(index, compress: compress)
        var encoded: [UInt8] = []
        properties.append(to: &encoded)
        let propertiesHandle = appendBlock(encoded, compress: false)
        var historyHandle = TableFooter.Handle(offset: 0, length: 0)
        if !history.isEmpty { historyHandle = appendBlock(history, compress: compress) }
        let footer = TableFooter(
            storeID: storeID, number: number, keyspace: keyspace, filter: filter, index: indexHandle,
            properties: propertiesHandle, smallestSequence: properties.smallestSequence,
            largestSequence: properties.largestSequence, hasRangeDeletes: !rangeDeletes.isEmpty, history: historyHandle)
        footer.append(to: &output)
        try writeOut()
        try storeCall { () throws(DiskError) in try file.sync() }
        return (writtenEnd, properties)
    }
}
