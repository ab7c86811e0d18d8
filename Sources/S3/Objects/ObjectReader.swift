import LogStore
package import NIOCore

/// Pulls the bytes of one answer. Holds what it reads: an overwrite or a delete meanwhile does not disturb it. One user
/// at a time.
///
/// `@unchecked Sendable`: it is made by one task and used by that task alone; nothing else ever sees it.
package final class ObjectReader: @unchecked Sendable {
    /// Large enough that a read costs little beside its bytes, small enough to be reused by the allocator.
    static let pieceBytes = 256 << 10

    /// Where the bytes of one part come from.
    enum Source: Sendable {
        case bytes([UInt8])
        case content(ContentReader)
    }

    /// The parts that follow, opened one by one.
    struct Parts {
        var table: PartTable
        var body: UInt64
        /// The next part to open.
        var index: Int
        /// Keeps the parts that are not open yet; let go with the last.
        var snapshot: Snapshot?
    }

    /// Bytes of the whole answer.
    package let length: UInt64
    private let store: LogStore
    private var remaining: UInt64
    private var current: Source?
    private var offset: UInt64
    private var parts: Parts?

    /// - Parameter offset: where to start in `source`, or in the first of `parts`.
    init(store: LogStore, source: Source?, parts: Parts? = nil, offset: UInt64, length: UInt64) {
        self.store = store
        self.length = length
        remaining = length
        current = source
        self.offset = offset
        self.parts = parts
    }

    /// The next bytes, 256 KiB at most and never empty; nil at the end. Call once before the answer's head is sent:
    /// damage in the first piece can then still be told.
    ///
    /// - Throws: `store`, `damagedRecord`.
    package func next() async throws(S3Error) -> ByteBuffer? {
        try await next(limit: Self.pieceBytes)
    }

    /// As `next`, with another bound.
    func next(limit: Int) async throws(S3Error) -> ByteBuffer? {
        while remaining > 0 {
            guard let source = current else {
                try await openNextPart()
                continue
            }
            let piece = try await read(source, limit: Int(min(UInt64(limit), remaining)))
            guard let piece else {
                current = nil
                offset = 0
                continue
            }
            offset += UInt64(piece.readableBytes)
            remaining -= UInt64(piece.readableBytes)
            return piece
        }
        return nil
    }

    /// Nil at the end of the source.
    private func read(_ source: Source, limit: Int) async throws(S3Error) -> ByteBuffer? {
        switch source {
        case .bytes(let bytes):
            let start = Int(offset)
            let end = min(bytes.count, start + limit)
            return start < end ? ByteBuffer(bytes: bytes[start..<end]) : nil
        case .content(let reader):
            guard offset < reader.length else { return nil }
            let wanted = Int(min(UInt64(limit), reader.length - offset))
            let count = min(wanted, reader.pieceLength(at: offset, limit: wanted))
            do {
                return try await Self.read(reader, at: offset, count: count, driver: store.driver)
            } catch {
                throw .store(error)
            }
        }
    }

    /// Reads what is in the page cache here, and the rest where waiting is allowed.
    static func read(
        _ reader: ContentReader, at offset: UInt64, count: Int, driver: any StoreDriver
    ) async throws(StoreError) -> ByteBuffer {
        if let buffer = try fill(reader, at: offset, count: count, mayBlock: false) { return buffer }
        return try await driver.offload { () throws(StoreError) in
            guard let buffer = try fill(reader, at: offset, count: count, mayBlock: true) else {
                preconditionFailure("a read that may block does not ask to be repeated")
            }
            return buffer
        }
    }

    private static func fill(
        _ reader: ContentReader, at offset: UInt64, count: Int, mayBlock: Bool
    ) throws(StoreError) -> ByteBuffer? {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        var outcome = Result<Bool, StoreError>.success(false)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            let target = UnsafeMutableRawBufferPointer(rebasing: space[..<count])
            do throws(StoreError) {
                outcome = .success(try reader.read(into: target, at: offset, mayBlock: mayBlock))
            } catch {
                outcome = .failure(error)
            }
            return count
        }
        return try outcome.get() ? buffer : nil
    }

    private func openNextPart() async throws(S3Error) {
        guard var parts, parts.index < parts.table.count else {
            throw .damagedRecord("an object's parts are shorter than the object")
        }
        let number = parts.table.entry(parts.index).number
        let value: StoredValue?
        do {
            value = try await part(number, at: parts.snapshot)
        } catch {
            throw .store(error)
        }
        guard let value else { throw .damagedRecord("body \(parts.body) lacks part \(number)") }
        current = try Self.open(value.content, store)
        parts.index += 1
        if parts.index == parts.table.count { parts.snapshot = nil }
        self.parts = parts
    }

    /// A part's record. A snapshot that the store has given up need not end a long download: a body's parts never
    /// change while it has them.
    private func part(_ number: Int, at snapshot: Snapshot?) async throws(StoreError) -> StoredValue? {
        guard let body = parts?.body else { return nil }
        let key = S3Keys.bodyPart(body, number)
        do {
            return try await store.get(.bodies, key, at: snapshot)
        } catch {
            guard error == .tooOld else { throw error }
        }
        // Gone with the body.
        guard let value = try await store.get(.bodies, key) else { throw .tooOld }
        return value
    }

    /// Pins content for reading.
    ///
    /// - Throws: `store`.
    static func open(_ content: Content, _ store: LogStore) throws(S3Error) -> Source {
        switch content {
        case .none: return .bytes([])
        case .inline(let bytes): return .bytes(bytes)
        case .runs:
            return .content(store.openContent(content))
        }
    }
}
