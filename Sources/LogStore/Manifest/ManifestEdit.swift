internal import Bytes

/// One atomic change of what the store consists of: `docs/format/manifest.md`.
struct ManifestEdit {
    enum Record {
        case counters(nextFile: UInt64, lastSequence: UInt64, generation: UInt64)
        case logStart(position: UInt64, segment: UInt64)
        case addTable(TableRecord)
        case removeTable(file: UInt64)
        case logCut(segment: UInt64, position: UInt64)
        case cleanClose(position: UInt64)
        case reopened
        case checkpoint(Checkpoint)
        case dropCheckpoint(name: String)
        /// A table that only checkpoints name.
        case pinTable(TableRecord)
        case restored(name: String)
        case origin(StoreIdentity.Origin)
    }

    struct TableRecord: Sendable {
        var keyspace: Keyspace
        var level: UInt8
        var run: UInt64
        var file: UInt64
        var length: UInt64
        var properties: TableProperties
    }

    private enum Tag: UInt64 {
        case counters = 1
        case logStart = 2
        case addTable = 3
        case removeTable = 4
        case logCut = 5
        case cleanClose = 6
        case reopened = 7
        case checkpoint = 8
        case dropCheckpoint = 9
        case pinTable = 10
        case restored = 11
        case origin = 12
    }

    /// Tags from here on may be skipped by readers that do not know them.
    private static let firstOptionalTag: UInt64 = 64

    var records: [Record] = []

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        for record in records {
            var fields: [UInt8] = []
            let tag: Tag
            switch record {
            case .counters(let nextFile, let lastSequence, let generation):
                tag = .counters
                fields.appendVarint(nextFile)
                fields.appendVarint(lastSequence)
                fields.appendVarint(generation)
            case .logStart(let position, let segment):
                tag = .logStart
                fields.appendVarint(position)
                fields.appendVarint(segment)
            case .addTable(let table):
                tag = .addTable
                table.append(to: &fields)
            case .removeTable(let file):
                tag = .removeTable
                fields.appendVarint(file)
            case .logCut(let segment, let position):
                tag = .logCut
                fields.appendVarint(segment)
                fields.appendVarint(position)
            case .cleanClose(let position):
                tag = .cleanClose
                fields.appendVarint(position)
            case .reopened:
                tag = .reopened
            case .checkpoint(let checkpoint):
                tag = .checkpoint
                checkpoint.append(to: &fields)
            case .dropCheckpoint(let name):
                tag = .dropCheckpoint
                fields.appendLengthPrefixed(name)
            case .pinTable(let table):
                tag = .pinTable
                table.append(to: &fields)
            case .restored(let name):
                tag = .restored
                fields.appendLengthPrefixed(name)
            case .origin(let origin):
                tag = .origin
                fields.appendVarint(origin.numbersBelow)
                fields.appendVarint(origin.storeID)
            }
            bytes.appendVarint(tag.rawValue)
            bytes.appendLengthPrefixed(fields)
        }
        return bytes
    }

    init(_ records: [Record]) { self.records = records }

    init(decoding bytes: UnsafeRawBufferPointer, file: String) throws(StoreError) {
        do {
            var reader = ByteReader(bytes)
            while !reader.isAtEnd {
                let tag = try reader.readVarint()
                var fields = ByteReader(try reader.readLengthPrefixedSlice())
                guard let known = Tag(rawValue: tag) else {
                    if tag >= Self.firstOptionalTag { continue }
                    throw StoreError.unsupportedFormat("\(file) holds an edit of unknown kind \(tag)")
                }
                records.append(try Self.record(known, &fields))
                guard fields.isAtEnd else { throw ByteReaderError.malformed }
            }
        } catch let error as StoreError {
            throw error
        } catch {
            throw .damaged(file: file, offset: 0, what: "manifest edit")
        }
    }

    private static func record(_ tag: Tag, _ fields: inout ByteReader) throws(ByteReaderError) -> Record {
        switch tag {
        case .counters:
            return .counters(
                nextFile: try fields.readVarint(upTo: FormatLimits.numberMax),
                lastSequence: try fields.readVarint(upTo: FormatLimits.sequenceMax),
                generation: try fields.readVarint(upTo: FormatLimits.numberMax))
        case .logStart:
            return .logStart(
                position: try fields.readVarint(upTo: FormatLimits.positionMax),
                segment: try fields.readVarint(upTo: FormatLimits.numberMax))
        case .addTable: return .addTable(try TableRecord(reading: &fields))
        case .removeTable: return .removeTable(file: try fields.readVarint())
        case .logCut:
            return .logCut(
                segment: try fields.readVarint(upTo: FormatLimits.numberMax),
                position: try fields.readVarint(upTo: FormatLimits.positionMax))
        case .cleanClose: return .cleanClose(position: try fields.readVarint(upTo: FormatLimits.positionMax))
        case .reopened: return .reopened
        case .checkpoint: return .checkpoint(try Checkpoint(reading: &fields))
        case .dropCheckpoint: return .dropCheckpoint(name: try Checkpoint.readName(&fields))
        case .pinTable: return .pinTable(try TableRecord(reading: &fields))
        case .restored: return .restored(name: try Checkpoint.readName(&fields))
        case .origin:
            return .origin(
                StoreIdentity.Origin(
                    numbersBelow: try fields.readVarint(upTo: FormatLimits.numberMax),
                    storeID: try fields.readVarint()))
        }
    }
}

extension ManifestEdit.TableRecord {
    func append(to fields: inout [UInt8]) {
        fields.append(keyspace.rawValue)
        fields.append(level)
        fields.appendVarint(run)
        fields.appendVarint(file)
        fields.appendVarint(length)
        properties.append(to: &fields)
    }

    init(reading fields: inout ByteReader) throws(ByteReaderError) {
        guard let keyspace = Keyspace(rawValue: try fields.readUInt8()) else { throw .malformed }
        self.init(
            keyspace: keyspace, level: try fields.readUInt8(),
            run: try fields.readVarint(upTo: FormatLimits.numberMax),
            file: try fields.readVarint(upTo: FormatLimits.numberMax),
            length: try fields.readVarint(upTo: FormatLimits.fileBytesMax),
            properties: try TableProperties(reading: &fields))
    }
}

/// The state that a manifest's edits add up to.
struct ManifestState: Sendable {
    var nextFile: UInt64 = 1
    var lastSequence: UInt64 = 0
    var generation: UInt64 = 0
    var logStart: (position: UInt64, segment: UInt64) = (0, 1)
    var tables: [ManifestEdit.TableRecord] = []
    /// Segment number → where its frames end, for segments that a recovery cut.
    var cuts: [UInt64: UInt64] = [:]
    var cleanClose: UInt64?
    var checkpoints = CheckpointSet()
    /// Of a branch: the stores that its first files come from.
    var origins: [StoreIdentity.Origin] = []

    /// The newest run of level 0, of the store and of its checkpoints: a flush after a restore must come above it.
    var newestRun: UInt64 {
        let kept = checkpoints.all.flatMap(\.members).map(\.run).max() ?? 0
        return max(kept, tables.map(\.run).max() ?? 0)
    }
    /// Whether an edit named a checkpoint that was not there.
    private(set) var isInconsistent = false

    mutating func apply(_ edit: ManifestEdit) {
        for record in edit.records {
            switch record {
            case .counters(let nextFile, let lastSequence, let generation):
                self.nextFile = max(self.nextFile, nextFile)
                self.lastSequence = max(self.lastSequence, lastSequence)
                self.generation = generation
            case .logStart(let position, let segment):
                logStart = (position, segment)
                cuts = cuts.filter { $0.key >= segment }
            case .addTable(let table):
                tables.append(table)
                checkpoints.tableJoined(table.file)
            case .removeTable(let file):
                for table in tables where table.file == file { checkpoints.tableLeft(table) }
                tables.removeAll { $0.file == file }
            case .logCut(let segment, let position): cuts[segment] = position
            case .cleanClose(let position): cleanClose = position
            case .reopened: cleanClose = nil
            case .checkpoint(let checkpoint): checkpoints.add(checkpoint)
            case .dropCheckpoint(let name): checkpoints.remove(name)
            case .pinTable(let table): checkpoints.pin(table)
            case .restored(let name): if !restore(name) { isInconsistent = true }
            case .origin(let origin): origins.append(origin)
            }
        }
    }

    /// One edit that says all of it.
    var snapshot: ManifestEdit {
        var records: [ManifestEdit.Record] = [
            .counters(nextFile: nextFile, lastSequence: lastSequence, generation: generation),
            .logStart(position: logStart.position, segment: logStart.segment),
        ]
        records += origins.map { .origin($0) }
        records += tables.map { .addTable($0) }
        records += checkpoints.pinned.sorted { $0.key < $1.key }.map { .pinTable($0.value) }
        records += checkpoints.all.map { .checkpoint($0) }
        records += cuts.sorted { $0.key < $1.key }.map { .logCut(segment: $0.key, position: $0.value) }
        if let cleanClose { records.append(.cleanClose(position: cleanClose)) }
        return ManifestEdit(records)
    }
}
