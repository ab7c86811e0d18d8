import Bytes

/// The root record of a multipart body: the parts of the object in order. Entries have one width, so an offset is found
/// by binary search.
struct PartTable: Sendable, Equatable {
    /// One part of the object.
    struct Entry: Sendable, Equatable {
        var number: Int
        /// Where it starts in the object.
        var start: UInt64
        var size: UInt64
        var checksum: Checksum
    }

    private static let headerBytes = 8
    private let bytes: [UInt8]
    private let algorithm: ChecksumAlgorithm
    /// Parts in the table.
    let count: Int

    /// - Parameter parts: in order of their numbers, with checksums of one algorithm.
    init(algorithm: ChecksumAlgorithm, parts: [(number: Int, size: UInt64, checksum: Checksum)]) {
        var bytes: [UInt8] = [RecordFormat.version, algorithm.rawValue, 0, 0]
        bytes.appendBigEndian(UInt32(parts.count))
        var end: UInt64 = 0
        for part in parts {
            precondition(part.checksum.algorithm == algorithm, "one table, one algorithm")
            end += part.size
            bytes.appendBigEndian(UInt16(part.number))
            bytes.appendBigEndian(end)
            bytes.append(contentsOf: part.checksum.bytes)
        }
        self.bytes = bytes
        self.algorithm = algorithm
        count = parts.count
    }

    /// - Throws: `damagedRecord`.
    init(_ bytes: [UInt8]) throws(S3Error) {
        guard bytes.count >= Self.headerBytes, bytes[0] == RecordFormat.version,
            let algorithm = ChecksumAlgorithm(rawValue: bytes[1])
        else { throw .damagedRecord("part table") }
        count = Int(bytes.bigEndian(UInt32.self, at: 4))
        guard bytes.count == Self.headerBytes + count * (10 + algorithm.byteCount) else {
            throw .damagedRecord("part table")
        }
        self.bytes = bytes
        self.algorithm = algorithm
    }

    var encoded: [UInt8] { bytes }

    private func offset(_ index: Int) -> Int { Self.headerBytes + index * (10 + algorithm.byteCount) }

    private func end(_ index: Int) -> UInt64 { bytes.bigEndian(UInt64.self, at: offset(index) + 2) }

    /// The part at an index of the order.
    func entry(_ index: Int) -> Entry {
        let offset = offset(index)
        let start = index == 0 ? 0 : end(index - 1)
        return Entry(
            number: Int(bytes.bigEndian(UInt16.self, at: offset)), start: start, size: end(index) - start,
            checksum: Checksum(algorithm, Array(bytes[offset + 10..<offset + 10 + algorithm.byteCount])))
    }

    /// The index of the part that holds a byte of the object.
    func index(containing position: UInt64) -> Int { firstIndex { end($0) > position } }

    /// The index of the first part with at least this number; `count` when there is none.
    func index(ofNumberAtLeast number: Int) -> Int {
        firstIndex { Int(bytes.bigEndian(UInt16.self, at: offset($0))) >= number }
    }

    private func firstIndex(where isAtOrBeyond: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isAtOrBeyond(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
