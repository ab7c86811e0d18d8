internal import Bytes

/// A saved state of the whole store: the tables that it consists of. `docs/format/manifest.md`, "Checkpoints".
struct Checkpoint: Sendable, Equatable {
    var name: String
    /// The last commit in it.
    var sequence: UInt64
    /// When it was saved, in milliseconds since 1970, as the caller had it.
    var createdMilliseconds: UInt64
    var members: [TablePlace]

    init(
        name: String, sequence: UInt64, createdMilliseconds: UInt64, tables: some Sequence<ManifestEdit.TableRecord>
    ) {
        self.name = name
        self.sequence = sequence
        self.createdMilliseconds = createdMilliseconds
        members = tables.map(TablePlace.init)
    }

    init(reading fields: inout ByteReader) throws(ByteReaderError) {
        name = try Self.readName(&fields)
        sequence = try fields.readVarint(upTo: FormatLimits.sequenceMax)
        createdMilliseconds = try fields.readVarint()
        members = try TablePlace.readList(&fields)
    }

    func append(to bytes: inout [UInt8]) {
        bytes.appendLengthPrefixed(name)
        bytes.appendVarint(sequence)
        bytes.appendVarint(createdMilliseconds)
        TablePlace.append(members, to: &bytes)
    }

    static func readName(_ fields: inout ByteReader) throws(ByteReaderError) -> String {
        let name = String(decoding: try fields.readLengthPrefixedBytes(), as: UTF8.self)
        guard nameProblem(name) == nil else { throw .malformed }
        return name
    }

    /// What is wrong with a name; nil for a good one: printable ASCII without spaces, and not like an option.
    static func nameProblem(_ name: String) -> String? {
        if name.isEmpty { return "it is empty" }
        if name.utf8.count > EngineLimits.checkpointNameBytesMax {
            return "it is longer than \(EngineLimits.checkpointNameBytesMax) bytes"
        }
        if !name.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) {
            return "it has other characters than printable ASCII, or spaces"
        }
        return name.utf8.first == UInt8(ascii: "-") ? "it begins with -" : nil
    }
}

/// All checkpoints of a store, and the tables that they alone keep.
struct CheckpointSet: Sendable {
    /// The oldest first.
    private(set) var all: [Checkpoint] = []
    /// By file number: tables that checkpoints name and the store itself no longer consists of.
    private(set) var pinned: [UInt64: ManifestEdit.TableRecord] = [:]
    /// How many checkpoints name a table.
    private var counts: [UInt64: Int] = [:]

    subscript(name: String) -> Checkpoint? { all.first { $0.name == name } }

    /// Whether some checkpoint names the table.
    func names(table file: UInt64) -> Bool { counts[file] != nil }

    func holderCount(ofTable file: UInt64) -> Int { counts[file] ?? 0 }

    mutating func add(_ checkpoint: Checkpoint) {
        all.append(checkpoint)
        for member in checkpoint.members { counts[member.file, default: 0] += 1 }
    }

    mutating func remove(_ name: String) {
        guard let index = all.firstIndex(where: { $0.name == name }) else { return }
        for member in all.remove(at: index).members {
            let left = (counts[member.file] ?? 1) - 1
            counts[member.file] = left > 0 ? left : nil
            if left == 0 { pinned[member.file] = nil }
        }
    }

    /// The store has let go of a table.
    mutating func tableLeft(_ record: ManifestEdit.TableRecord) {
        if names(table: record.file) { pinned[record.file] = record }
    }

    /// The store consists of a table again, or from now on.
    mutating func tableJoined(_ file: UInt64) { pinned[file] = nil }

    /// A table that only checkpoints name, which come after it.
    mutating func pin(_ record: ManifestEdit.TableRecord) { pinned[record.file] = record }
}

extension ManifestState {
    /// The store's tables, then those that only checkpoints name.
    var allTables: [ManifestEdit.TableRecord] {
        tables + checkpoints.pinned.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Whether the store or a checkpoint consists of a table: its file must stay.
    func names(table file: UInt64) -> Bool {
        checkpoints.names(table: file) || tables.contains { $0.file == file }
    }

    /// A checkpoint's tables at their places; nil when one of them is unknown.
    func tables(of checkpoint: Checkpoint) -> [ManifestEdit.TableRecord]? {
        var live: [UInt64: ManifestEdit.TableRecord] = [:]
        for table in tables { live[table.file] = table }
        var records: [ManifestEdit.TableRecord] = []
        for member in checkpoint.members {
            guard var record = live[member.file] ?? checkpoints.pinned[member.file] else { return nil }
            record.level = member.level
            record.run = member.run
            records.append(record)
        }
        return records
    }

    /// Replaces what the store consists of by what a checkpoint does. False when there is no such checkpoint, or it
    /// names what nobody knows.
    mutating func restore(_ name: String) -> Bool {
        guard let checkpoint = checkpoints[name], let records = tables(of: checkpoint) else { return false }
        for table in tables { checkpoints.tableLeft(table) }
        for record in records { checkpoints.tableJoined(record.file) }
        tables = records
        return true
    }
}
