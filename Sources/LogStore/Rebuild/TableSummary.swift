internal import Bytes
internal import Disk

/// What a table's last blocks say of it, with no manifest to compare with.
struct TableSummary {
    let name: FileName
    let length: UInt64
    let keyspace: Keyspace
    let properties: TableProperties
    /// Nil in tables of versions that wrote none.
    let history: TableHistory?

    /// Reads footer, properties and history. Blocks.
    ///
    /// - Throws: `.damaged`, `.unsupportedFormat`, `.disk`.
    init(disk: any Disk, name: FileName) throws(StoreError) {
        let reader = try ScrubReader(disk: disk, name: name.string)
        guard reader.fileBytes >= UInt64(TableFooter.byteCount) else {
            throw .damaged(file: name.string, offset: 0, what: "table cut short")
        }
        let place = reader.fileBytes - UInt64(TableFooter.byteCount)
        let footer = try TableFooter(
            try reader.bytes(at: place, count: TableFooter.byteCount), file: name.string, fileLength: reader.fileBytes)
        guard footer.storeID == name.storeID, footer.number == name.number else {
            throw .damaged(file: name.string, offset: place, what: "footer of another table")
        }
        self.name = name
        length = reader.fileBytes
        keyspace = footer.keyspace
        properties = try reader.decoded(footer.properties, "table properties") {
            (fields: inout ByteReader) throws(ByteReaderError) in try TableProperties(reading: &fields)
        }
        history = try reader.history(footer)
    }
}

extension ScrubReader {
    /// Reads and decodes a block that is not compressed data.
    func decoded<Part>(
        _ handle: TableFooter.Handle, _ what: String,
        _ decode: (inout ByteReader) throws(ByteReaderError) -> Part
    ) throws(StoreError) -> Part {
        let payload = try TableBlock.decode(
            try bytes(at: handle.offset, count: Int(handle.length)), at: handle.offset, file: name)
        do {
            return try payload.reading { bytes throws(ByteReaderError) in
                var fields = ByteReader(bytes)
                return try decode(&fields)
            }
        } catch {
            throw .damaged(file: name, offset: handle.offset, what: what)
        }
    }

    /// The history block; nil when the table has none.
    func history(_ footer: TableFooter) throws(StoreError) -> TableHistory? {
        guard footer.history.length > 0 else { return nil }
        return try decoded(footer.history, "history of a table") {
            (fields: inout ByteReader) throws(ByteReaderError) in try TableHistory(reading: &fields)
        }
    }
}
