/// Growing, page-aligned memory in which the pipeline builds one frame of the log. Room for the frame header is kept in
/// front.
///
/// Unchecked: one user at a time, first whoever has the pipeline's lock while it fills, then the committer.
final class GroupBuffer: @unchecked Sendable {
    private static let alignment = 4096
    private static let initialBytes = 256 << 10

    private var memory: UnsafeMutableRawBufferPointer
    /// Bytes used, the frame header's room included.
    private(set) var count = LogFrame.headerBytes

    init() {
        memory = .allocate(byteCount: Self.initialBytes, alignment: Self.alignment)
    }

    deinit { memory.deallocate() }

    var payloadCount: Int { count - LogFrame.headerBytes }

    /// Whether it is as large as groups make it, and not grown for one large commit.
    func isWorthKeeping(_ groupBytesMax: Int) -> Bool { memory.count <= max(Self.initialBytes, 2 * groupBytesMax) }

    func append(_ bytes: UnsafeRawBufferPointer) {
        // With the padding, which would make it grow once more.
        reserve(count + bytes.count + Self.alignment)
        guard let source = bytes.baseAddress, let target = memory.baseAddress else { return }
        (target + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    func reset() { count = LogFrame.headerBytes }

    /// The frame with its padding zeroed, `size` bytes; the header, of at most `LogFrame.headerBytes`, is the caller's
    /// to fill.
    func padded(to size: Int, header: Int = LogFrame.headerBytes) -> UnsafeMutableRawBufferPointer {
        let start = LogFrame.headerBytes - header
        let end = start + size
        precondition(start >= 0 && end >= count, "a frame is padded, not cut")
        reserve(end)
        UnsafeMutableRawBufferPointer(rebasing: memory[count..<end]).initializeMemory(as: UInt8.self, repeating: 0)
        return UnsafeMutableRawBufferPointer(rebasing: memory[start..<end])
    }

    private func reserve(_ size: Int) {
        guard size > memory.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(size, memory.count * 2), alignment: Self.alignment)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[0..<count]))
        memory.deallocate()
        memory = larger
    }
}
