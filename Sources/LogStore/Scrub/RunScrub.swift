internal import Bytes
internal import Disk

/// Reads runs in extent files and checks header, chunk directory, every chunk's checksum, and that it decompresses.
/// One user at a time.
final class RunScrub {
    /// Runs nearer to each other than this are read in one go, with what lies between.
    private static let gapBytes: UInt64 = 64 << 10

    private let disk: any Disk
    private let identity: StoreIdentity
    private var reader: ScrubReader?
    private var readerNumber: UInt64?
    private var content: AlignedBuffer?
    private var closedReadBytes: UInt64 = 0
    /// Files whose own header has been checked, and what was wrong with it.
    private(set) var files: [UInt64: StoreDamage?] = [:]
    private(set) var runCount = 0

    init(disk: any Disk, identity: StoreIdentity) {
        self.disk = disk
        self.identity = identity
    }

    var readBytes: UInt64 { closedReadBytes + (reader?.readBytes ?? 0) }

    func name(_ file: UInt64) -> String { identity.name(file, .extent) }

    /// Where reading ahead may stop, for each run of a list that is sorted by place.
    static func spans(_ runs: [Run]) -> [UInt64] {
        var ends = runs.map { $0.offset + UInt64($0.storedLength) }
        for index in runs.indices.dropLast().reversed() {
            let next = runs[index + 1]
            guard next.file == runs[index].file, next.offset <= ends[index] + gapBytes else { continue }
            ends[index] = max(ends[index], ends[index + 1])
        }
        return ends
    }

    /// Checks one run.
    ///
    /// - Throws: `.damaged`, `.unsupportedFormat`.
    func check(_ run: Run, readAheadTo end: UInt64) throws(StoreError) {
        runCount += 1
        let reader = try open(run.file)
        let headerLength = RunCodec.fixedHeaderBytes + 8 * ((Int(run.logicalLength) + 4095) / 4096)
        let header = try reader.bytes(
            at: run.offset, count: min(Int(run.storedLength), headerLength), readAheadTo: end)
        let directory = try RunCodec.Directory(header, run: run, fileName: reader.name)
        let target = contentBuffer()
        for chunk in directory.chunks {
            let stored = try reader.bytes(
                at: run.offset + UInt64(chunk.storedOffset), count: chunk.storedLength, readAheadTo: end)
            try RunCodec.decode(
                stored, chunk: chunk,
                into: UnsafeMutableRawBufferPointer(rebasing: target.bytes[0..<chunk.logicalLength]), run: run,
                fileName: reader.name)
        }
    }

    private func contentBuffer() -> AlignedBuffer {
        if let content { return content }
        let new = AlignedBuffer(count: RunCodec.chunkBytes)
        content = new
        return new
    }

    private func open(_ number: UInt64) throws(StoreError) -> ScrubReader {
        if let reader, readerNumber == number { return reader }
        let name = name(number)
        closedReadBytes += reader?.readBytes ?? 0
        reader = nil
        let new: ScrubReader
        do { new = try ScrubReader(disk: disk, name: name) } catch .disk(.notFound) {
            throw .damaged(file: name, offset: 0, what: "an extent file that is named is missing")
        } catch { throw error }
        reader = new
        readerNumber = number
        if files[number] == nil { files[number] = .some(headerDamage(new, number)) }
        return new
    }

    /// Reads do without the file's header, so what is wrong with it costs no content.
    private func headerDamage(_ reader: ScrubReader, _ number: UInt64) -> StoreDamage? {
        do {
            let bytes = try reader.bytes(at: 0, count: FileHeader.byteCount, readAheadTo: 0)
            let header = try FileHeader(bytes, kind: .extent, file: reader.name)
            guard header.storeID == identity.owner(of: number), header.number == number else {
                throw StoreError.damaged(file: reader.name, offset: 0, what: "header of another extent file")
            }
            return nil
        } catch {
            return (error as? StoreError).flatMap { StoreDamage($0) }
        }
    }
}
