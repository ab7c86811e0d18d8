internal import Bytes
internal import Disk

/// Reads the log back after the end of a process, clean or not: `docs/format/log.md`, "Reading it back".
struct LogRecovery {
    /// The segments that hold the log from the manifest's start on, in order.
    let segments: [LogSegment]
    private let start: UInt64
    private let cuts: [UInt64: UInt64]
    private let wasClosed: Bool
    private let acceptsStaleFrames: Bool

    struct End {
        var position: UInt64
    }

    /// Finds the segments. Blocks.
    ///
    /// - Parameter acceptsStaleFrames: a planted bug.
    /// - Throws: `.damaged` when one is missing, or its header is damaged.
    init(disk: any Disk, manifest: Manifest, acceptsStaleFrames: Bool = false) throws(StoreError) {
        try self.init(
            disk: disk, state: manifest.state, storeID: manifest.storeID, acceptsStaleFrames: acceptsStaleFrames)
    }

    /// The same, for a state that no manifest holds yet.
    init(
        disk: any Disk, state: ManifestState, storeID: UInt64, acceptsStaleFrames: Bool = false
    ) throws(StoreError) {
        start = state.logStart.position
        cuts = state.cuts
        wasClosed = state.cleanClose != nil
        self.acceptsStaleFrames = acceptsStaleFrames
        let names = try storeCall { () throws(DiskError) in try disk.list() }
        var found: [LogSegment] = []
        for name in names {
            guard let parsed = FileName(name), parsed.kind == .log, parsed.storeID == storeID else { continue }
            let file = try storeCall { () throws(DiskError) in try disk.open(name, direct: false) }
            let header: FileHeader
            do { header = try FileHeader.read(from: file, kind: .log) } catch .damaged {
                try Self.refuseFrames(behindDamagedHeaderOf: file, from: state.logStart.segment)
                continue
            } catch { throw error }
            guard header.segment >= state.logStart.segment, header.number == parsed.number else { continue }
            found.append(LogSegment(file: file, header: header))
        }
        segments = found.sorted { $0.number < $1.number }
        // Only a store whose creation was interrupted has no log yet, or a branch that was never opened.
        let isNew =
            state.logStart.position == 0 && state.cuts.isEmpty && (state.lastSequence == 0 || !state.origins.isEmpty)
        let startsRight =
            segments.first.map { $0.number == state.logStart.segment && $0.startPosition <= start }
            ?? (isNew && state.cleanClose == nil)
        guard startsRight else {
            throw .damaged(
                file: segments.first?.file.name ?? FileName.current, offset: 0,
                what: "segment \(state.logStart.segment), in which the log starts, is missing")
        }
    }

    /// A file without a valid header was laid out and never begun, or torn while it began: no frame was written behind
    /// it. A frame of a segment in force says otherwise (earlier uses have lower numbers).
    private static func refuseFrames(
        behindDamagedHeaderOf file: any DiskFile, from segment: UInt64
    ) throws(StoreError) {
        let block = AlignedBuffer(count: diskBlockSize)
        _ = try storeCall { () throws(DiskError) in try file.read(into: block.bytes, at: UInt64(FileHeader.byteCount)) }
        if let frame = LogFrame.parse(block.readable), frame.segment >= segment {
            throw .damaged(file: file.name, offset: 0, what: "header of a log segment that holds commits")
        }
    }

    /// Hands every valid frame to `body`, in order, and returns where the log ends.
    ///
    /// - Parameter isRepairing: false for a mere look: nothing is written.
    /// - Throws: `.damaged` when acknowledged bytes are not what was written; what `body` throws.
    func read(
        isRepairing: Bool, _ body: (LogFrame, UnsafeRawBufferPointer, LogSegment) throws(StoreError) -> Void
    ) throws(StoreError) -> End {
        var position = start
        for (index, segment) in segments.enumerated() {
            let image = try SegmentImage(segment, acceptsStaleFrames: acceptsStaleFrames)
            let cut = cuts[segment.number]
            while position < cut ?? .max, let frame = image.frame(at: position) {
                try body(frame, image.payload(of: frame), segment)
                position += frame.length(in: segment)
            }
            segment.endPosition = position
            let isLast = index + 1 == segments.count
            // An earlier recovery made everything up to its cut durable; a segment is durable before the next begins,
            // which starts where it ended.
            let isWhole =
                (cut == nil || position == cut) && (isLast || segments[index + 1].startPosition == position)
            let isDamaged = !isWhole || (cut == nil && isLast && image.hasMark(beyond: position, from: position))
            if isDamaged {
                throw .damaged(
                    file: segment.file.name, offset: segment.offset(of: position),
                    what: "acknowledged part of the log")
            }
            // After a failed sync the page cache shows what the disk does not hold, and takes it for written. Writing
            // it again makes it real.
            if isRepairing, isLast, cut == nil, !wasClosed { try image.writeBack(upTo: position) }
        }
        return End(position: position)
    }
}

/// A segment's bytes in memory while it is replayed.
private final class SegmentImage {
    let segment: LogSegment
    private let acceptsStaleFrames: Bool
    private let memory: UnsafeMutableRawBufferPointer

    init(_ segment: LogSegment, acceptsStaleFrames: Bool) throws(StoreError) {
        self.segment = segment
        self.acceptsStaleFrames = acceptsStaleFrames
        let size = try storeCall { () throws(DiskError) in try segment.file.size() }
        memory = .allocate(byteCount: Int(min(segment.length, size)), alignment: 4096)
        let count = try storeCall { () throws(DiskError) in try segment.file.read(into: memory, at: 0) }
        if count < memory.count {
            UnsafeMutableRawBufferPointer(rebasing: memory[count...]).initializeMemory(as: UInt8.self, repeating: 0)
        }
    }

    deinit { memory.deallocate() }

    private func bytes(at position: UInt64) -> UnsafeRawBufferPointer? {
        guard position >= segment.startPosition else { return nil }
        let offset = segment.offset(of: position)
        guard offset < UInt64(memory.count) else { return nil }
        return UnsafeRawBufferPointer(rebasing: memory[Int(offset)...])
    }

    /// The valid frame at a position.
    func frame(at position: UInt64) -> LogFrame? {
        guard let bytes = bytes(at: position), var frame = parse(bytes, at: position), frame.commitCount > 0,
            acceptsStaleFrames || (frame.position == position && frame.segment == segment.number),
            frame.isIntact(bytes, salt: segment.salt)
        else { return nil }
        frame.position = position
        return frame
    }

    private func parse(_ bytes: UnsafeRawBufferPointer, at position: UInt64) -> LogFrame? {
        if let frame = LogFrame.parse(bytes) { return frame }
        if segment.offset(of: position).isMultiple(of: UInt64(diskBlockSize)) { return nil }
        return LogFrame.parseShort(bytes, at: position, segment: segment.number)
    }

    func payload(of frame: LogFrame) -> UnsafeRawBufferPointer {
        guard let bytes = bytes(at: frame.position) else { preconditionFailure("a valid frame lies in its segment") }
        return UnsafeRawBufferPointer(
            rebasing: bytes[frame.headerLength..<(frame.headerLength + frame.payloadLength)])
    }

    /// Writes header and frames to where they were read from.
    func writeBack(upTo position: UInt64) throws(StoreError) {
        let end = min(memory.count, Int(segment.offset(of: position)))
        let whole = UnsafeRawBufferPointer(rebasing: memory[0..<end])
        try storeCall { () throws(DiskError) in try segment.file.write(whole, at: 0) }
    }

    /// Whether a valid frame behind `start` carries a durable mark beyond `position`.
    func hasMark(beyond position: UInt64, from start: UInt64) -> Bool {
        // The first frame behind a sync starts a block of the file: marks are found at blocks.
        var candidate = segment.blockStart(notBelow: start)
        while bytes(at: candidate) != nil {
            if candidate != position, let frame = frame(at: candidate), frame.durableMark > position { return true }
            candidate += UInt64(diskBlockSize)
        }
        return false
    }
}
