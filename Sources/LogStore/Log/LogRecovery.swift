internal import Bytes
internal import Disk

/// Reads the log back after the end of a process, clean or not: `docs/format/log.md`, "Reading it back".
struct LogRecovery {
    /// The segments that hold the log from the manifest's start on, in order.
    let segments: [LogSegment]
    private let start: UInt64
    private let cuts: [UInt64: UInt64]

    struct End {
        var position: UInt64
    }

    /// Finds the segments. Blocks.
    init(disk: any Disk, manifest: Manifest) throws(StoreError) {
        start = manifest.state.logStart.position
        cuts = manifest.state.cuts
        let names = try storeCall { () throws(DiskError) in try disk.list() }
        var found: [LogSegment] = []
        for name in names {
            guard let parsed = FileName(name), parsed.kind == .log, parsed.storeID == manifest.storeID else { continue }
            let file = try storeCall { () throws(DiskError) in try disk.open(name, direct: false) }
            let header: FileHeader
            do { header = try FileHeader.read(from: file, kind: .log) } catch .damaged {
                // Laid out and never begun, or torn while it began: no frame of it can have been acknowledged.
                continue
            } catch { throw error }
            guard header.segment >= manifest.state.logStart.segment, header.number == parsed.number else { continue }
            found.append(LogSegment(file: file, header: header))
        }
        segments = found.sorted { $0.number < $1.number }
    }

    /// Hands every valid frame to `body`, in order, and returns where the log ends.
    ///
    /// - Throws: `.damaged` when acknowledged bytes are not what was written; what `body` throws.
    func read(
        _ body: (LogFrame, UnsafeRawBufferPointer, LogSegment) throws(StoreError) -> Void
    ) throws(StoreError) -> End {
        var position = start
        for (index, segment) in segments.enumerated() {
            guard segment.startPosition <= position || index == 0 else { break }
            if index > 0, segment.startPosition != position { break }
            guard segment.startPosition <= position else {
                throw .damaged(
                    file: segment.file.name, offset: 0, what: "the segment that the log starts in is missing")
            }
            let image = try SegmentImage(segment)
            let limit = cuts[segment.number] ?? .max
            while position < limit, let frame = image.frame(at: position) {
                try body(frame, image.payload(of: frame), segment)
                position += frame.paddedLength
            }
            segment.endPosition = position
            if position >= limit { continue }
            let continues = index + 1 < segments.count && segments[index + 1].startPosition == position
            if continues { continue }
            try refuseDamage(image, at: position, later: Array(segments[(index + 1)...]))
            return End(position: position)
        }
        return End(position: position)
    }

    /// A bad frame is a torn tail unless something behind it proves that it had been acknowledged.
    private func refuseDamage(_ image: SegmentImage, at position: UInt64, later: [LogSegment]) throws(StoreError) {
        let damage = StoreError.damaged(
            file: image.segment.file.name, offset: image.segment.offset(of: position),
            what: "acknowledged part of the log")
        if image.hasMark(beyond: position, from: position) { throw damage }
        for segment in later where segment.startPosition > position {
            let other = try SegmentImage(segment)
            if other.hasMark(beyond: position, from: segment.startPosition) { throw damage }
        }
    }
}

/// A segment's bytes in memory while it is replayed.
private final class SegmentImage {
    let segment: LogSegment
    private let memory: UnsafeMutableRawBufferPointer

    init(_ segment: LogSegment) throws(StoreError) {
        self.segment = segment
        memory = .allocate(byteCount: Int(segment.length), alignment: 4096)
        let count = try storeCall { () throws(DiskError) in try segment.file.read(into: memory, at: 0) }
        if count < memory.count {
            UnsafeMutableRawBufferPointer(rebasing: memory[count...]).initializeMemory(as: UInt8.self, repeating: 0)
        }
    }

    deinit { memory.deallocate() }

    private func bytes(at position: UInt64) -> UnsafeRawBufferPointer? {
        let offset = segment.offset(of: position)
        guard position >= segment.startPosition, offset < UInt64(memory.count) else { return nil }
        return UnsafeRawBufferPointer(rebasing: memory[Int(offset)...])
    }

    /// The valid frame at a position.
    func frame(at position: UInt64) -> LogFrame? {
        guard let bytes = bytes(at: position), let frame = LogFrame.parse(bytes), frame.position == position,
            frame.segment == segment.number, frame.commitCount > 0, frame.isIntact(bytes, salt: segment.salt)
        else { return nil }
        return frame
    }

    func payload(of frame: LogFrame) -> UnsafeRawBufferPointer {
        guard let bytes = bytes(at: frame.position) else { preconditionFailure("a valid frame lies in its segment") }
        return UnsafeRawBufferPointer(
            rebasing: bytes[LogFrame.headerBytes..<(LogFrame.headerBytes + frame.payloadLength)])
    }

    /// Whether a valid frame behind `start` carries a durable mark beyond `position`.
    func hasMark(beyond position: UInt64, from start: UInt64) -> Bool {
        var candidate = start
        while bytes(at: candidate) != nil {
            if candidate != position, let frame = frame(at: candidate), frame.durableMark > position { return true }
            candidate += UInt64(diskBlockSize)
        }
        return false
    }
}
