internal import Bytes

/// A table of the store, and its place among the others at some moment: compaction may move a table without rewriting
/// it.
struct TablePlace: Sendable, Equatable {
    var file: UInt64
    var level: UInt8
    /// In level 0 higher is newer; 0 in deeper levels.
    var run: UInt64

    init(file: UInt64, level: UInt8, run: UInt64) {
        self.file = file
        self.level = level
        self.run = run
    }

    init(_ record: ManifestEdit.TableRecord) { self.init(file: record.file, level: record.level, run: record.run) }

    /// - Throws: `.malformed`, `.truncated`.
    static func readList(_ fields: inout ByteReader) throws(ByteReaderError) -> [TablePlace] {
        var list: [TablePlace] = []
        for _ in 0..<(try fields.readCount()) {
            list.append(
                TablePlace(
                    file: try fields.readVarint(upTo: FormatLimits.numberMax), level: try fields.readUInt8(),
                    run: try fields.readVarint(upTo: FormatLimits.numberMax)))
        }
        return list
    }

    static func append(_ list: [TablePlace], to bytes: inout [UInt8]) {
        bytes.appendVarint(list.count)
        for place in list {
            bytes.appendVarint(place.file)
            bytes.append(place.level)
            bytes.appendVarint(place.run)
        }
    }
}
