/// Bytes from zero to infinity, of which only the pages that were written take memory. Copies share pages until one of
/// them writes, so a copy costs a word a page.
struct SparseBytes: Sendable {
    private static let pageSize = 4096

    /// The pages in order; nil where nothing but zeros is.
    private var pages: [[UInt8]?] = []

    /// Fills `buffer` with the bytes from `offset`.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
        var done = 0
        while done < buffer.count {
            let (page, start) = (offset + done).quotientAndRemainder(dividingBy: Self.pageSize)
            let count = min(Self.pageSize - start, buffer.count - done)
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count])
            if page < pages.count, let bytes = pages[page] {
                bytes.withUnsafeBytes { part.copyMemory(from: .init(rebasing: $0[start..<start + count])) }
            } else {
                part.initializeMemory(as: UInt8.self, repeating: 0)
            }
            done += count
        }
    }

    /// Copies `buffer` to `offset`.
    mutating func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) {
        guard !buffer.isEmpty else { return }
        let pageCount = (offset + buffer.count + Self.pageSize - 1) / Self.pageSize
        if pageCount > pages.count { pages.append(contentsOf: repeatElement(nil, count: pageCount - pages.count)) }
        var done = 0
        while done < buffer.count {
            let (page, start) = (offset + done).quotientAndRemainder(dividingBy: Self.pageSize)
            let count = min(Self.pageSize - start, buffer.count - done)
            let part = UnsafeRawBufferPointer(rebasing: buffer[done..<done + count])
            var bytes = pages[page] ?? [UInt8](repeating: 0, count: Self.pageSize)
            // Taken out meanwhile, so that changing the page does not copy it.
            pages[page] = nil
            bytes.withUnsafeMutableBytes { target in
                UnsafeMutableRawBufferPointer(rebasing: target[start..<start + count]).copyMemory(from: part)
            }
            pages[page] = bytes
            done += count
        }
    }

    /// Makes all bytes from `offset` on zero.
    mutating func zero(from offset: Int) {
        let (page, start) = offset.quotientAndRemainder(dividingBy: Self.pageSize)
        guard page < pages.count else { return }
        if start > 0, var bytes = pages[page] {
            for index in start..<Self.pageSize { bytes[index] = 0 }
            pages[page] = bytes
        }
        pages.removeSubrange((start > 0 ? page + 1 : page)...)
    }
}
