internal import Bytes

/// A simulated file apart from its names: what a process sees of it now, what the medium is sure to hold, and what is
/// on the way from one to the other.
// Safe to send: touched only under the mutex of the one disk it belongs to.
final class SimulatedInode: @unchecked Sendable {
    /// The unit that a medium writes whole or not at all.
    static let sectorSize = 512

    /// A change that was made and not yet synced.
    private enum Change {
        /// Whole sectors as they were in memory after the write: what a write-back would put on the medium.
        case sectors(first: Int, bytes: [UInt8])
        /// The file's new length; nothing is beyond it.
        case length(Int)
    }

    /// The file's length as a process sees it.
    private(set) var length = 0

    private var live = SparseBytes()
    private var durable = SparseBytes()
    private var durableLength = 0
    private var pending: [Change] = []
    private var cachedPages: Set<Int> = []

    /// What the file takes of the disk's capacity.
    var allocatedBytes: UInt64 { Self.allocatedBytes(length: length) }

    /// What a file of that length takes of the disk's capacity.
    static func allocatedBytes(length: Int) -> UInt64 {
        UInt64((length + diskBlockSize - 1) / diskBlockSize * diskBlockSize)
    }

    /// Reads at most up to the end. Puts the pages into the cache unless the read is direct.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int, direct: Bool) -> Int {
        let count = max(0, min(buffer.count, length - offset))
        guard count > 0 else { return 0 }
        live.read(into: .init(rebasing: buffer[..<count]), at: offset)
        if !direct { cachedPages.formUnion(Self.pages(offset, count)) }
        return count
    }

    /// Whether the whole range is in the page cache.
    func isCached(_ offset: Int, count: Int) -> Bool {
        offset + count <= length && Self.pages(offset, count).allSatisfy(cachedPages.contains)
    }

    /// Drops pages from the cache.
    func discardCache(_ offset: Int, count: Int) {
        cachedPages.subtract(Self.pages(offset, min(count, max(0, length - offset))))
    }

    func write(_ buffer: UnsafeRawBufferPointer, at offset: Int) {
        guard !buffer.isEmpty else { return }
        live.write(buffer, at: offset)
        cachedPages.formUnion(Self.pages(offset, buffer.count))
        let end = offset + buffer.count
        let first = offset / Self.sectorSize
        let sectorCount = (end + Self.sectorSize - 1) / Self.sectorSize - first
        let bytes = [UInt8](unsafeUninitializedCapacity: sectorCount * Self.sectorSize) { sectors, count in
            live.read(into: UnsafeMutableRawBufferPointer(sectors), at: first * Self.sectorSize)
            count = sectors.count
        }
        pending.append(.sectors(first: first, bytes: bytes))
        if end > length { setLength(end) }
    }

    func setLength(_ newLength: Int) {
        live.zero(from: newLength)
        length = newLength
        pending.append(.length(newLength))
    }

    /// Makes all changes durable.
    func sync() {
        for change in pending { Self.apply(change, to: &durable, &durableLength) }
        pending.removeAll(keepingCapacity: true)
    }

    /// A sync that failed: some sectors had got through, and the kernel takes the others for written and forgets them,
    /// though reads still show them. Lengths go the way of metadata, which is tried again.
    func failSync(_ random: inout SeededRandom) {
        var kept: [Change] = []
        for change in pending {
            switch change {
            case .sectors: Self.applySectors(of: change, to: &durable) { _ in Bool.random(using: &random) }
            case .length: kept.append(change)
            }
        }
        pending = kept
    }

    /// Flips a bit on the medium and in memory.
    func flip(_ mask: UInt8, at offset: Int) {
        Self.flip(mask, at: offset, in: &live)
        Self.flip(mask, at: offset, in: &durable)
        for (index, change) in pending.enumerated() {
            guard case .sectors(let first, var bytes) = change else { continue }
            let place = offset - first * Self.sectorSize
            guard bytes.indices.contains(place) else { continue }
            bytes[place] ^= mask
            pending[index] = .sectors(first: first, bytes: bytes)
        }
    }

    /// The file as another process finds it after this one was killed: nothing is lost, and nothing more is durable.
    func afterKill() -> SimulatedInode {
        let copy = SimulatedInode()
        copy.length = length
        copy.live = live
        copy.durable = durable
        copy.durableLength = durableLength
        copy.pending = pending
        copy.cachedPages = cachedPages
        return copy
    }

    /// The file as found after a power cut.
    ///
    /// Changes of length are a journal: some first part of them happened. Sectors are on their own, in one of five
    /// ways: none came through, all did, whole writes or single sectors by chance, or all up to one that is torn.
    func afterPowerCut(_ random: inout SeededRandom) -> SimulatedInode {
        let lengthChanges = pending.count { if case .length = $0 { true } else { false } }
        let way = Int.random(in: 0..<5, using: &random)
        var lengthsLeft =
            switch way {
            case 0: 0
            case 1: lengthChanges
            default: Int.random(in: 0...lengthChanges, using: &random)
            }
        let tornIndex = Int.random(in: 0...pending.count, using: &random)
        var image = durable
        var imageLength = durableLength
        for (index, change) in pending.enumerated() {
            guard case .sectors = change else {
                if lengthsLeft > 0 { Self.apply(change, to: &image, &imageLength) }
                lengthsLeft -= 1
                continue
            }
            let wholeWrite = Bool.random(using: &random)
            Self.applySectors(of: change, to: &image) { _ in
                switch way {
                case 0: false
                case 1: true
                case 2: wholeWrite
                case 3: Bool.random(using: &random)
                default: index < tornIndex || index == tornIndex && Bool.random(using: &random)
                }
            }
        }
        image.zero(from: imageLength)
        let found = SimulatedInode()
        found.length = imageLength
        found.live = image
        found.durable = image
        found.durableLength = imageLength
        return found
    }

    private static func apply(_ change: Change, to bytes: inout SparseBytes, _ length: inout Int) {
        switch change {
        case .sectors: applySectors(of: change, to: &bytes) { _ in true }
        case .length(let newLength):
            bytes.zero(from: newLength)
            length = newLength
        }
    }

    private static func applySectors(of change: Change, to bytes: inout SparseBytes, where isKept: (Int) -> Bool) {
        guard case .sectors(let first, let content) = change else { return }
        content.withUnsafeBytes { content in
            for start in stride(from: 0, to: content.count, by: sectorSize) where isKept(start / sectorSize) {
                bytes.write(.init(rebasing: content[start..<start + sectorSize]), at: first * sectorSize + start)
            }
        }
    }

    private static func flip(_ mask: UInt8, at offset: Int, in bytes: inout SparseBytes) {
        var byte: UInt8 = 0
        withUnsafeMutableBytes(of: &byte) { bytes.read(into: $0, at: offset) }
        byte ^= mask
        withUnsafeBytes(of: &byte) { bytes.write($0, at: offset) }
    }

    private static func pages(_ offset: Int, _ count: Int) -> Range<Int> {
        guard count > 0 else { return 0..<0 }
        return offset / diskBlockSize..<(offset + count - 1) / diskBlockSize + 1
    }
}
