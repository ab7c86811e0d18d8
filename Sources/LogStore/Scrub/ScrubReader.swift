internal import Bytes
internal import Disk

/// Reads a file front to back in large pieces, past the page cache: what is judged is what the medium holds, and what
/// others have cached stays cached. One user at a time.
final class ScrubReader {
    /// Large enough that a disk streams, small beside the memory budget.
    static let windowBytes = 2 << 20

    private let file: any DiskFile
    let fileBytes: UInt64
    private var window: AlignedBuffer?
    private var windowStart: UInt64 = 0
    private var windowCount = 0
    /// Bytes taken from the disk so far.
    private(set) var readBytes: UInt64 = 0

    /// - Throws: `.disk(.notFound)`, `.disk`.
    init(disk: any Disk, name: String) throws(StoreError) {
        file = try storeCall { () throws(DiskError) in try disk.open(name, direct: true) }
        fileBytes = try storeCall { [file] () throws(DiskError) in try file.size() }
    }

    var name: String { file.name }

    /// The bytes of a range, valid until the next call.
    ///
    /// - Parameter end: up to where bytes will be asked for next: reading ahead stops there.
    /// - Throws: `.damaged` when the file ends before, or the disk cannot read the range.
    func bytes(
        at offset: UInt64, count: Int, readAheadTo end: UInt64 = .max
    ) throws(StoreError) -> UnsafeRawBufferPointer {
        let (last, overflow) = offset.addingReportingOverflow(UInt64(count))
        guard !overflow, last <= fileBytes else {
            throw .damaged(file: name, offset: min(offset, fileBytes), what: "the file is cut short")
        }
        if offset < windowStart || last > windowStart + UInt64(windowCount) {
            let start = offset & ~UInt64(diskBlockSize - 1)
            let needed = Int(last - start)
            let ahead = Int(clamping: min(end, fileBytes) - min(start, min(end, fileBytes)))
            do { try fill(from: start, count: max(needed, min(Self.windowBytes, ahead))) } catch {
                // One bad sector must not take the whole window down.
                do { try fill(from: start, count: needed) } catch {
                    throw .damaged(file: name, offset: offset, what: "the disk cannot read it: \(error)")
                }
            }
            guard last <= windowStart + UInt64(windowCount) else {
                throw .damaged(file: name, offset: offset, what: "the file is cut short")
            }
        }
        guard let window else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let place = Int(offset - windowStart)
        return UnsafeRawBufferPointer(rebasing: window.readable[place..<(place + count)])
    }

    private func fill(from start: UInt64, count: Int) throws(DiskError) {
        let rounded = AlignedBuffer.roundedUp(count)
        windowCount = 0
        if window.map({ $0.count < rounded }) ?? true { window = AlignedBuffer(count: max(rounded, Self.windowBytes)) }
        guard let window else { return }
        let part = UnsafeMutableRawBufferPointer(rebasing: window.bytes[0..<rounded])
        let got = try file.read(into: part, at: start)
        windowStart = start
        windowCount = got
        readBytes += UInt64(got)
    }
}
