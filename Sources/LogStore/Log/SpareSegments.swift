internal import Disk

/// The files of the log that hold nothing any more, as found when a store is opened: whole ones are used again, others
/// removed, before any space is taken for new ones.
struct SpareSegments {
    /// Regular segments that are kept for the log.
    private static let regularMax = 2

    private let disk: any Disk
    private let options: StoreOptions
    private var segments: [LogSegment] = []

    init(
        disk: any Disk, storeID: UInt64, recovery: LogRecovery, options: StoreOptions
    ) throws(StoreError) {
        self.disk = disk
        self.options = options
        let inForce = Set(recovery.segments.map(\.fileNumber))
        for name in try storeCall({ () throws(DiskError) in try disk.list() }) {
            guard let parsed = FileName(name), parsed.kind == .log, parsed.storeID == storeID,
                !inForce.contains(parsed.number)
            else { continue }
            let file = try storeCall { () throws(DiskError) in try disk.open(name, direct: false) }
            let size = try storeCall { () throws(DiskError) in try file.size() }
            // A header says that the file was laid out to its end before.
            let isWhole = (try? FileHeader.read(from: file, kind: .log))?.fileLength == size
            guard isWhole, size == options.segmentBytes || size == options.firstSegmentBytes else {
                try storeCall { () throws(DiskError) in try disk.remove(name) }
                continue
            }
            segments.append(LogSegment(file: file, fileNumber: parsed.number, length: size))
        }
    }

    /// One to begin with, whatever its size.
    mutating func takeAny() -> LogSegment? { segments.popLast() }

    /// Those of the regular size, up to a number; the others are removed.
    mutating func takeRegular() throws(StoreError) -> [LogSegment] {
        var kept: [LogSegment] = []
        for segment in segments {
            if segment.length == options.segmentBytes, kept.count < Self.regularMax {
                kept.append(segment)
            } else {
                try storeCall { () throws(DiskError) in try disk.remove(segment.file.name) }
            }
        }
        segments = []
        return kept
    }
}
