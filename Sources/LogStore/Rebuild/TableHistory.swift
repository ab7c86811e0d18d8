internal import Bytes

/// What the manifest said when a table was finished, and which job the table belongs to: kept in the table, so that a
/// lost manifest can be rebuilt. `docs/format/table.md`, "History block".
struct TableHistory: Sendable, Equatable {
    /// What the entries come from.
    enum Source: Sendable, Equatable {
        /// The log up to a commit and a position.
        case flush(lastSequence: UInt64, logEnd: UInt64)
        /// Other tables.
        case merge
    }

    /// Ascends with the time at which tables are finished.
    var stamp: UInt64
    /// All tables of one flush or merge have the same.
    var job: UInt64
    /// A merge that waited for this flush to end; 0 when there was none.
    var waitingJob: UInt64 = 0
    var source: Source
    /// The tables that the job removes.
    var removed: [UInt64] = []
    /// The tables that the job had finished before.
    var siblings: [UInt64] = []
    /// Whether the job ended with this table. (A flush may end without saying so.)
    var isLast = false
    /// Where the table belongs.
    var level: UInt8
    var run: UInt64

    // As the manifest had it.
    var lastSequence: UInt64
    var generation: UInt64
    var logStart: (position: UInt64, segment: UInt64)
    var members: [TablePlace]
    var checkpoints: [Checkpoint] = []
    var origins: [StoreIdentity.Origin] = []

    static func == (one: TableHistory, other: TableHistory) -> Bool { one.encoded() == other.encoded() }
}

extension TableHistory {
    private static let version: UInt64 = 1

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        for number in [Self.version, stamp, job, waitingJob] { bytes.appendVarint(number) }
        switch source {
        case .merge: bytes.append(0)
        case .flush(let lastSequence, let logEnd):
            bytes.append(1)
            bytes.appendVarint(lastSequence)
            bytes.appendVarint(logEnd)
        }
        for list in [removed, siblings] {
            bytes.appendVarint(list.count)
            for file in list { bytes.appendVarint(file) }
        }
        bytes.append(isLast ? 1 : 0)
        bytes.append(level)
        for number in [run, lastSequence, generation, logStart.position, logStart.segment] {
            bytes.appendVarint(number)
        }
        TablePlace.append(members, to: &bytes)
        bytes.appendVarint(checkpoints.count)
        for checkpoint in checkpoints { checkpoint.append(to: &bytes) }
        bytes.appendVarint(origins.count)
        for origin in origins {
            bytes.appendVarint(origin.numbersBelow)
            bytes.appendVarint(origin.storeID)
        }
        return bytes
    }

    /// - Throws: `.malformed`, also for a later version.
    init(reading reader: inout ByteReader) throws(ByteReaderError) {
        guard try reader.readVarint() == Self.version else { throw .malformed }
        stamp = try reader.readVarint(upTo: FormatLimits.numberMax)
        job = try reader.readVarint()
        waitingJob = try reader.readVarint()
        switch try reader.readUInt8() {
        case 0: source = .merge
        case 1:
            source = .flush(
                lastSequence: try reader.readVarint(upTo: FormatLimits.sequenceMax),
                logEnd: try reader.readVarint(upTo: FormatLimits.positionMax))
        default: throw .malformed
        }
        removed = try Self.readFiles(&reader)
        siblings = try Self.readFiles(&reader)
        let mark = try reader.readUInt8()
        guard mark <= 1 else { throw .malformed }
        isLast = mark == 1
        level = try reader.readUInt8()
        run = try reader.readVarint(upTo: FormatLimits.numberMax)
        lastSequence = try reader.readVarint(upTo: FormatLimits.sequenceMax)
        generation = try reader.readVarint(upTo: FormatLimits.numberMax)
        logStart = (
            try reader.readVarint(upTo: FormatLimits.positionMax), try reader.readVarint(upTo: FormatLimits.numberMax)
        )
        members = try TablePlace.readList(&reader)
        for _ in 0..<(try reader.readCount()) { checkpoints.append(try Checkpoint(reading: &reader)) }
        for _ in 0..<(try reader.readCount()) {
            origins.append(
                StoreIdentity.Origin(numbersBelow: try reader.readVarint(), storeID: try reader.readVarint()))
        }
        guard reader.isAtEnd else { throw .malformed }
    }

    private static func readFiles(_ reader: inout ByteReader) throws(ByteReaderError) -> [UInt64] {
        var files: [UInt64] = []
        for _ in 0..<(try reader.readCount()) { files.append(try reader.readVarint()) }
        return files
    }
}
