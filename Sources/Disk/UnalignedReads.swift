private import Bytes

/// A direct file that may be read anywhere: reads fetch the disk blocks around what was asked for and copy it out.
/// Everything else is the file's own.
package final class UnalignedReads: DiskFile {
    private let file: any DiskFile

    /// - Parameter file: opened with `direct: true`.
    package init(of file: any DiskFile) { self.file = file }

    package var name: String { file.name }

    package func size() throws(DiskError) -> UInt64 { try file.size() }

    package func linkCount() throws(DiskError) -> Int { try file.linkCount() }

    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DiskError) -> Int {
        let before = Int(offset % UInt64(diskBlockSize))
        let blocks = UnsafeMutableRawBufferPointer.allocate(
            byteCount: AlignedBuffer.roundedUp(before + buffer.count), alignment: AlignedBuffer.alignment)
        defer { blocks.deallocate() }
        let got = try file.read(into: blocks, at: offset - UInt64(before)) - before
        guard got > 0 else { return 0 }
        let count = min(got, buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: blocks[before..<(before + count)]))
        return count
    }

    package func readIfCached(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(DiskError) -> Bool { try file.readIfCached(into: buffer, at: offset) }

    package func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(DiskError) {
        try file.write(buffer, at: offset)
    }

    package func allocate(offset: UInt64, length: UInt64) throws(DiskError) {
        try file.allocate(offset: offset, length: length)
    }

    package func truncate(to size: UInt64) throws(DiskError) { try file.truncate(to: size) }

    package func sync() throws(DiskError) { try file.sync() }

    package func discardCache(offset: UInt64, length: UInt64) { file.discardCache(offset: offset, length: length) }
}
