internal import Bytes
internal import Disk

/// A table's file with the parts that are kept in memory, read and verified.
struct TableFile {
    let file: any DiskFile
    let length: UInt64
    let keyspace: Keyspace
    let properties: TableProperties
    let index: TableIndex
    /// Nil when it is damaged.
    let filter: BloomFilter?
    /// Damage that reads can do without.
    let partDamages: [StoreError]

    /// Opens a table. Blocks.
    ///
    /// - Parameter record: what the manifest says of it; without one every part must be whole.
    /// - Throws: `.damaged`, `.unsupportedFormat`, `.disk`.
    init(
        disk: any Disk, name: FileName, record: ManifestEdit.TableRecord?, readsDirect: Bool
    ) throws(StoreError) {
        let file = try Self.open(disk, name.string, readsDirect)
        let length = try storeCall { () throws(DiskError) in try file.size() }
        guard length >= UInt64(TableFooter.byteCount) else {
            throw .damaged(file: name.string, offset: 0, what: "table cut short")
        }
        let place = length - UInt64(TableFooter.byteCount)
        let footer = try Self.bytes(of: file, at: place, count: TableFooter.byteCount).reading {
            bytes throws(StoreError) in
            try TableFooter(bytes, file: name.string, fileLength: length)
        }
        guard footer.storeID == name.storeID, footer.number == name.number else {
            throw .damaged(file: name.string, offset: place, what: "footer of another table")
        }
        guard record == nil || record?.keyspace == footer.keyspace && record?.length == length else {
            throw .damaged(file: name.string, offset: place, what: "a table that is not the one the manifest names")
        }
        var partDamages: [StoreError] = []
        index = try Self.decoded(file, footer.index, "index") { payload throws(ByteReaderError) in
            try TableIndex(payload: payload, fileLength: length)
        }
        var filter: BloomFilter?
        do throws(StoreError) { filter = try Self.filter(file, footer.filter) } catch {
            guard record != nil, let local = error.asDamage(of: name.string) else { throw error }
            partDamages.append(local)
        }
        self.filter = filter
        do throws(StoreError) {
            properties = try Self.decoded(file, footer.properties, "properties") { payload throws(ByteReaderError) in
                try payload.reading { bytes throws(ByteReaderError) in
                    var reader = ByteReader(bytes)
                    return try TableProperties(reading: &reader)
                }
            }
        } catch {
            guard let record, let local = error.asDamage(of: name.string) else { throw error }
            partDamages.append(local)
            properties = record.properties
        }
        if let record, record.properties != properties {
            throw .damaged(
                file: name.string, offset: footer.properties.offset,
                what: "a table that is not the one the manifest names")
        }
        // Only a table of range deletes alone has no blocks.
        guard (index.count == 0) == (properties.entryCount == 0) else {
            throw .damaged(file: name.string, offset: footer.index.offset, what: "index of a table")
        }
        self.file = file
        self.length = length
        keyspace = footer.keyspace
        self.partDamages = partDamages
    }

    private static func open(
        _ disk: any Disk, _ name: String, _ readsDirect: Bool
    ) throws(StoreError) -> any DiskFile {
        do {
            let opened = try disk.open(name, direct: readsDirect)
            return readsDirect ? UnalignedReads(of: opened) : opened
        } catch .notFound {
            throw .damaged(file: name, offset: 0, what: "a table the manifest names is missing")
        } catch {
            throw .disk(error)
        }
    }

    private static func filter(
        _ file: any DiskFile, _ handle: TableFooter.Handle
    ) throws(StoreError) -> BloomFilter {
        try decoded(file, handle, "filter") { payload throws(ByteReaderError) in
            try payload.reading { bytes throws(ByteReaderError) in try BloomFilter(decoding: bytes) }
        }
    }

    private static func decoded<Part>(
        _ file: any DiskFile, _ handle: TableFooter.Handle, _ what: String,
        _ decode: ([UInt8]) throws(ByteReaderError) -> Part
    ) throws(StoreError) -> Part {
        let payload = try bytes(of: file, at: handle.offset, count: Int(handle.length)).reading {
            bytes throws(StoreError) in
            try TableBlock.decode(bytes, at: handle.offset, file: file.name)
        }
        do throws(ByteReaderError) { return try decode(payload) } catch {
            throw .damaged(file: file.name, offset: handle.offset, what: "\(what) of a table")
        }
    }

    private static func bytes(of file: any DiskFile, at offset: UInt64, count: Int) throws(StoreError) -> [UInt8] {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
        defer { memory.deallocate() }
        let got = try storeCall { () throws(DiskError) in try file.read(into: memory, at: offset) }
        guard got == count else { throw .damaged(file: file.name, offset: offset, what: "table cut short") }
        return [UInt8](memory)
    }
}

extension StoreError {
    /// The error as damage of one file, when it is: also what the disk cannot read. Nil for everything that is not the
    /// file's fault.
    func asDamage(of file: String, at offset: UInt64 = 0) -> StoreError? {
        switch self {
        case .damaged: self
        case .disk(.io(let operation, _, let errno)) where operation == "read":
            .damaged(file: file, offset: offset, what: "the disk cannot read it, errno \(errno)")
        default: nil
        }
    }
}
