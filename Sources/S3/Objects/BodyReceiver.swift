import LogStore
import NIOCore

/// Content that has arrived whole, has the digests that were declared, and waits for its commit.
struct ReceivedBody: Sendable {
    var size: UInt64
    var etag: ETag
    /// In the receiver's algorithms, in their order.
    var checksums: [Checksum]
    var content: Content
    /// Keeps large content alive until it is committed; nil for content that travels in the commit.
    var reservation: ReservedContent?

    /// Whether the content goes into the commit log with its commit.
    var isInline: Bool { reservation == nil }
}

/// Takes one body in: small ones into memory, large ones into an extent, with the digests beside and not in front.
///
/// While one batch is written, verified and digested on other threads, the next arrives: at most two batches of
/// `batchBytes` are in memory.
struct BodyReceiver {
    /// Small enough that 80 uploads at once hold 40 MiB, large enough that a thread hop costs a hundredth of the
    /// digest.
    static let batchBytes = 256 << 10

    let store: LogStore
    let checks: BodyChecks
    let algorithms: [ChecksumAlgorithm]
    let sizeMax: UInt64

    /// - Parameter primary: the algorithm that is stored; further ones are those that the checks declare.
    init(store: LogStore, checks: BodyChecks, primary: ChecksumAlgorithm, sizeMax: UInt64 = S3Limits.singlePutBytesMax)
    {
        self.store = store
        self.checks = checks
        self.sizeMax = sizeMax
        var algorithms = [primary]
        for declared in [checks.checksum?.algorithm, checks.trailingAlgorithm] {
            if let declared, !algorithms.contains(declared) { algorithms.append(declared) }
        }
        self.algorithms = algorithms
    }

    /// Takes the whole body. On any error nothing is left behind.
    ///
    /// - Throws: `source`, `incompleteBody`, `entityTooLarge`, `badDigest`, `badChecksum`, `store`.
    func receive(from source: any ByteSource) async throws(S3Error) -> ReceivedBody {
        if let length = source.length, length > sizeMax {
            throw .entityTooLarge(proposedSize: length, maxSizeAllowed: sizeMax)
        }
        if let algorithm = checks.checksum?.algorithm, checks.checksum?.type == .composite {
            throw .invalidChecksum(algorithm: algorithm.name)
        }
        var batch = Batch(limit: EngineLimits.logContentBytesMax + 1)
        try await batch.fill(from: source, total: 0, sizeMax: sizeMax)
        if batch.isLast, batch.count <= EngineLimits.logContentBytesMax {
            try batch.verify()
            let bytes = batch.joined()
            let digests = BodyDigests.of(bytes, algorithms)
            try check(source, size: UInt64(bytes.count), digests)
            return ReceivedBody(
                size: UInt64(bytes.count), etag: ETag(md5: digests.md5), checksums: digests.checksums,
                content: bytes.isEmpty ? .none : .inline(bytes))
        }
        let writer = store.contentWriter()
        do {
            return try await stream(batch, from: source, into: writer)
        } catch {
            writer.abandon()
            throw S3Error.wrap(error)
        }
    }

    private func stream(
        _ first: Batch, from source: any ByteSource, into writer: ContentWriter
    ) async throws -> ReceivedBody {
        let digests = BodyDigests(algorithms)
        let driver = store.driver
        var batch = first
        var size: UInt64 = 0
        while batch.count > 0 {
            let buffers = batch.buffers
            let verification = batch.verification
            size += UInt64(batch.count)
            // A payload's SHA-256 goes with the write: together they take about as long as the MD5 beside them.
            async let written = driver.offload { () throws(StoreError) -> Result<Void, any Error> in
                for buffer in buffers {
                    try Self.append(buffer, to: writer)
                }
                return Result { try verification?() }
            }
            async let digested: Void = driver.offload { () throws(StoreError) in digests.update(buffers) }
            var next = Batch(limit: Self.batchBytes)
            if !batch.isLast { try await next.fill(from: source, total: size, sizeMax: sizeMax) }
            let verified = try await written
            try await digested
            try verified.get()
            batch = next
        }
        // The end alone, after the bytes of the last batch: no digest of bytes is left in it.
        try batch.verify()
        let computed = digests.finish()
        try check(source, size: size, computed)
        let reservation = try await writer.finish()
        return ReceivedBody(
            size: size, etag: ETag(md5: computed.md5), checksums: computed.checksums, content: reservation.content,
            reservation: reservation)
    }

    private static func append(_ buffer: ByteBuffer, to writer: ContentWriter) throws(StoreError) {
        // The closure of `withUnsafeReadableBytes` throws untyped.
        let result = buffer.withUnsafeReadableBytes { bytes -> Result<Void, StoreError> in
            do throws(StoreError) {
                return .success(try writer.append(bytes))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Compares what came with what was declared.
    private func check(
        _ source: any ByteSource, size: UInt64, _ computed: (md5: [UInt8], checksums: [Checksum])
    ) throws(S3Error) {
        if let length = source.length, length != size { throw .incompleteBody(expected: length, received: size) }
        if let expected = checks.md5, expected != computed.md5 {
            throw .badDigest(expected: expected, calculated: computed.md5)
        }
        var declared = [checks.checksum]
        do {
            declared.append(try source.trailingChecksum())
        } catch {
            throw error is S3Error ? S3Error.wrap(error) : .source(error)
        }
        for declared in declared {
            guard let declared else { continue }
            guard let found = computed.checksums.first(where: { $0.algorithm == declared.algorithm }) else {
                throw .invalidRequest(message: "The trailer's checksum was not announced.")
            }
            if found.bytes != declared.bytes { throw .badChecksum(algorithm: declared.algorithm.name) }
        }
    }
}

/// Buffers that go through the pipeline together.
private struct Batch {
    let limit: Int
    var buffers: [ByteBuffer] = []
    var count = 0
    /// The source has ended.
    var isLast = false
    /// The check of these buffers.
    private(set) var verification: BodyVerification?

    init(limit: Int) { self.limit = limit }

    /// Pulls until the limit is reached or the source ends.
    mutating func fill(from source: any ByteSource, total: UInt64, sizeMax: UInt64) async throws(S3Error) {
        defer { verification = source.takeVerification() }
        while count < limit {
            let next: ByteBuffer?
            do {
                next = try await source.next()
            } catch {
                throw error is S3Error ? S3Error.wrap(error) : .source(error)
            }
            guard let next else {
                isLast = true
                return
            }
            count += next.readableBytes
            buffers.append(next)
            let size = total + UInt64(count)
            if size > sizeMax { throw .entityTooLarge(proposedSize: size, maxSizeAllowed: sizeMax) }
            if let length = source.length, size > length { throw .incompleteBody(expected: length, received: size) }
        }
    }

    /// Runs the check here and now.
    ///
    /// - Throws: `source`.
    func verify() throws(S3Error) {
        do { try verification?() } catch { throw .source(error) }
    }

    func joined() -> [UInt8] {
        if buffers.count == 1 { return Array(buffers[0].readableBytesView) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for buffer in buffers { bytes.append(contentsOf: buffer.readableBytesView) }
        return bytes
    }
}
