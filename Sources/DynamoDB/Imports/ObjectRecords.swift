import Compression

/// The records of an object: JSON objects, which end where they are closed or with their line, so that several may be
/// in one line; or rows of CSV, whose quoted fields may go over several lines. Memory for one record, one read and one
/// piece of what it expands to.
///
/// Unchecked: used by one task at a time.
final class ObjectRecords: @unchecked Sendable {
    /// Bytes of one read from the storage.
    private static let readBytes = 256 << 10
    /// Bytes of one record: more than the JSON of any item that is allowed.
    static let recordBytesMax = 8 << 20

    enum Record {
        case bytes([UInt8])
        /// It was passed over.
        case tooLong
    }

    enum Failure: Error, Equatable {
        case storage(ObjectStorageError)
        /// It is not of the compression that was said.
        case malformed
    }

    private let storage: any ObjectStorage
    private let address: ObjectAddress
    private let version: String
    private let size: UInt64
    private let isCSV: Bool
    private let expansion: any Expansion
    private var readOffset: UInt64 = 0
    private var hasEnded = false
    private var buffer: [UInt8] = []
    /// The first byte of the buffer that belongs to no record yet.
    private var start = 0
    /// Expanded bytes before the next record.
    private(set) var position: UInt64 = 0

    /// - Parameter compression: AWS's name of it.
    init(
        _ storage: any ObjectStorage, _ address: ObjectAddress, version: String, size: UInt64, compression: String,
        isCSV: Bool
    ) {
        self.storage = storage
        self.address = address
        self.version = version
        self.size = size
        self.isCSV = isCSV
        expansion =
            switch compression {
            case "GZIP": InflateStream()
            case "ZSTD": ZstdStream()
            default: PlainStream()
            }
    }

    /// Passes over what was read before.
    func skip(to target: UInt64) async throws(Failure) {
        while position < target {
            if start == buffer.count, try await !fill() { return }
            let count = min(buffer.count - start, Int(target - position))
            start += count
            position += UInt64(count)
        }
    }

    /// The next record without its line's end; nil behind the last.
    func next() async throws(Failure) -> Record? {
        if !isCSV { try await skipBlanks() }
        var scan = start
        var scanner = RecordScanner(isCSV: isCSV)
        var isTooLong = false
        while true {
            while scan < buffer.count {
                let end = scanner.end(behind: buffer[scan])
                scan += 1
                if let end { return take(to: scan, contentEnd: end == .line ? scan - 1 : scan, isTooLong) }
            }
            if scan - start > Self.recordBytesMax {
                isTooLong = true
                position += UInt64(scan - start)
                start = scan
            }
            scan -= start
            guard try await fill() else {
                if buffer.isEmpty, !isTooLong { return nil }
                return take(to: scan, contentEnd: scan, isTooLong)
            }
        }
    }

    /// Passes over what is between JSON objects.
    private func skipBlanks() async throws(Failure) {
        repeat {
            while start < buffer.count {
                let byte = buffer[start]
                guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
                start += 1
                position += 1
            }
        } while try await fill()
    }

    private func take(to end: Int, contentEnd: Int, _ isTooLong: Bool) -> Record {
        var content = buffer[start..<contentEnd]
        if content.last == UInt8(ascii: "\r") { content.removeLast() }
        position += UInt64(end - start)
        start = end
        return isTooLong ? .tooLong : .bytes(Array(content))
    }

    /// Takes in the next piece behind what has not been given out. False at the end.
    private func fill() async throws(Failure) -> Bool {
        buffer.removeFirst(start)
        start = 0
        while true {
            if let piece = try expanded() {
                buffer += piece
                return true
            }
            if hasEnded { return false }
            let bytes: [UInt8]
            do throws(ObjectStorageError) { bytes = try await read() } catch { throw .storage(error) }
            if bytes.isEmpty {
                hasEnded = true
                do throws(CompressionError) { try expansion.end() } catch { throw .malformed }
            } else {
                expansion.feed(bytes)
            }
        }
    }

    private func expanded() throws(Failure) -> [UInt8]? {
        do throws(CompressionError) { return try expansion.next() } catch { throw .malformed }
    }

    private func read() async throws(ObjectStorageError) -> [UInt8] {
        guard readOffset < size else { return [] }
        let count = Int(min(UInt64(Self.readBytes), size - readOffset))
        let bytes = try await storage.read(address, version: version, from: readOffset, count: count)
        readOffset += UInt64(bytes.count)
        return bytes
    }
}

/// Finds the end of a record, byte by byte.
private struct RecordScanner {
    enum End {
        /// A line's end, which is no part of the record.
        case line
        /// What closes a JSON object, its last byte.
        case object
    }

    let isCSV: Bool
    private var isQuoted = false
    /// Whether the byte before was a backslash that escapes the next one.
    private var isEscaped = false
    /// JSON objects that are open.
    private var depth = 0

    init(isCSV: Bool) { self.isCSV = isCSV }

    /// What ends with this byte.
    mutating func end(behind byte: UInt8) -> End? {
        if byte == UInt8(ascii: "\n"), !(isCSV && isQuoted) { return .line }
        if isEscaped {
            isEscaped = false
            return nil
        }
        switch byte {
        case UInt8(ascii: "\""): isQuoted.toggle()
        case UInt8(ascii: "\\"): isEscaped = !isCSV && isQuoted
        case UInt8(ascii: "{") where !isCSV && !isQuoted: depth += 1
        case UInt8(ascii: "}") where !isCSV && !isQuoted:
            depth -= 1
            if depth == 0 { return .object }
        default: break
        }
        return nil
    }
}
