internal import Bytes

/// The encoding of values in log records, memtables and tables: `docs/format/README.md`, "Values".
enum ValueCodec {
    private enum Kind: UInt8 {
        case none = 0
        case inline = 1
        case runs = 2
    }

    static func append(_ value: StoredValue, to bytes: inout [UInt8]) {
        switch value.content {
        case .none:
            appendHead(value.head, kind: .none, to: &bytes)
        case .inline(let content):
            appendHead(value.head, kind: .inline, to: &bytes)
            bytes.appendLengthPrefixed(content)
        case .runs(let list):
            appendRuns(head: value.head, runs: list.runs, to: &bytes)
        }
    }

    static func appendRuns(head: some Collection<UInt8>, runs: [Run], to bytes: inout [UInt8]) {
        appendHead(head, kind: .runs, to: &bytes)
        bytes.appendVarint(runs.count)
        for run in runs {
            bytes.appendVarint(run.file)
            bytes.appendVarint(run.offset / Run.alignment)
            bytes.appendVarint(Int(run.storedLength))
            bytes.appendVarint(Int(run.logicalLength))
        }
    }

    private static func appendHead(_ head: some Collection<UInt8>, kind: Kind, to bytes: inout [UInt8]) {
        bytes.append(kind.rawValue)
        bytes.appendVarint(head.count)
        bytes.append(contentsOf: head)
    }

    /// An encoded value taken apart in place.
    struct View {
        var head: UnsafeRawBufferPointer
        var content: ContentView
    }

    enum ContentView {
        case none
        case inline(UnsafeRawBufferPointer)
        case runs([Run])
    }

    static func view(_ bytes: UnsafeRawBufferPointer) throws(ByteReaderError) -> View {
        var reader = ByteReader(bytes)
        guard let kind = Kind(rawValue: try reader.readUInt8()) else { throw .malformed }
        let head = try reader.readLengthPrefixedSlice()
        switch kind {
        case .none: return View(head: head, content: .none)
        case .inline: return View(head: head, content: .inline(try reader.readLengthPrefixedSlice()))
        case .runs:
            let count = try reader.readVarint()
            guard count <= EngineLimits.runsPerValueMax else { throw .malformed }
            var runs: [Run] = []
            runs.reserveCapacity(Int(count))
            for _ in 0..<count { runs.append(try readRun(&reader)) }
            return View(head: head, content: .runs(runs))
        }
    }

    private static func readRun(_ reader: inout ByteReader) throws(ByteReaderError) -> Run {
        let file = try reader.readVarint(upTo: FormatLimits.numberMax)
        let offset = try reader.readVarint(upTo: FormatLimits.fileBytesMax / Run.alignment) * Run.alignment
        let stored = try reader.readVarint(upTo: UInt64(UInt32.max))
        let logical = try reader.readVarint(upTo: UInt64(EngineLimits.runBytesMax))
        return Run(file: file, offset: offset, storedLength: UInt32(stored), logicalLength: UInt32(logical))
    }
}

extension Run {
    /// What every run's offset is divisible by.
    static let alignment: UInt64 = 8
}
