import Bytes
import Disk
import LabClock
import LogStore
import NIOCore
import Synchronization

@testable import S3

/// A clock that tests move.
final class SteppedClock: LabClock {
    private let milliseconds = Mutex<Int64>(1_700_000_000_000)

    func now() -> LabTime { LabTime(millisecondsSinceEpoch: milliseconds.withLock { $0 }) }

    func advance(seconds: Int64) { milliseconds.withLock { $0 += seconds * 1000 } }
}

/// A service over a simulated disk, with one bucket to work in.
final class S3Fixture {
    static let bucket = "my-bucket"
    static let account = CallContext(accountID: "111111111111")
    static let stranger = CallContext(accountID: "222222222222")

    private(set) var disk: SimulatedDisk
    private(set) var store: LogStore
    private(set) var service: S3Service
    let clock = SteppedClock()
    let me = S3Fixture.account

    init(seed: UInt64 = 1, disk: SimulatedDisk? = nil, makeBucket: Bool = true) async throws {
        self.disk = disk ?? SimulatedDisk(seed: seed)
        store = try Self.open(self.disk)
        service = S3Service(store: store, clock: clock)
        if makeBucket { _ = try await service.createBucket(CreateBucketInput(bucket: Self.bucket), me) }
    }

    private static func open(_ disk: SimulatedDisk) throws -> LogStore {
        var options = StoreOptions()
        options.memoryBudgetBytes = 32 << 20
        // Small enough that workloads of tests flush, so that small content is met in extents too.
        options.memtableBytes = 256 << 10
        options.extentFileBytes = 4 << 20
        options.firstSegmentBytes = 9 << 20
        options.segmentBytes = 10 << 20
        let driver = ImmediateDriver()
        let store = try LogStore.open(disk: disk, options: options, driver: driver, randomSeed: 7)
        driver.attach(store)
        return store
    }

    /// Closes the store and opens what it left.
    func reopen() throws {
        try store.close()
        store = try Self.open(disk)
        service = S3Service(store: store, clock: clock)
    }

    // MARK: Short forms

    @discardableResult
    func put(
        _ key: String, _ bytes: [UInt8], in bucket: String = S3Fixture.bucket,
        _ change: (inout PutObjectInput) -> Void = { _ in }
    ) async throws -> PutObjectOutput {
        var input = PutObjectInput(bucket: bucket, key: try ObjectKey(key))
        change(&input)
        return try await service.putObject(input, body: BufferSource(ByteBuffer(bytes: bytes)), me)
    }

    @discardableResult
    func put(
        _ key: String, _ text: String, in bucket: String = S3Fixture.bucket,
        _ change: (inout PutObjectInput) -> Void = { _ in }
    ) async throws -> PutObjectOutput { try await put(key, Array(text.utf8), in: bucket, change) }

    func get(
        _ key: String, in bucket: String = S3Fixture.bucket, _ change: (inout GetObjectInput) -> Void = { _ in }
    ) async throws -> (output: ReadObjectOutput, bytes: [UInt8]) {
        var input = GetObjectInput(bucket: bucket, key: try ObjectKey(key))
        change(&input)
        let output = try await service.getObject(input, me)
        return (output.read, try await output.body.collect())
    }

    func bytes(_ key: String, in bucket: String = S3Fixture.bucket) async throws -> [UInt8] {
        try await get(key, in: bucket).bytes
    }

    func head(_ key: String, _ change: (inout GetObjectInput) -> Void = { _ in }) async throws -> ReadObjectOutput {
        var input = GetObjectInput(bucket: Self.bucket, key: try ObjectKey(key))
        change(&input)
        return try await service.headObject(input, me)
    }

    func delete(_ key: String, _ conditions: DeleteConditions = DeleteConditions()) async throws {
        var input = DeleteObjectInput(bucket: Self.bucket, key: try ObjectKey(key))
        input.conditions = conditions
        try await service.deleteObject(input, me)
    }

    @discardableResult
    func copy(
        _ source: String, to key: String, _ change: (inout CopyObjectInput) -> Void = { _ in }
    ) async throws -> CopyOutput {
        var input = CopyObjectInput(
            bucket: Self.bucket, key: try ObjectKey(key),
            source: CopySource(bucket: Self.bucket, key: try ObjectKey(source)))
        change(&input)
        return try await service.copyObject(input, me)
    }

    func keys(_ change: (inout ListObjectsV2Input) -> Void = { _ in }) async throws -> [String] {
        var input = ListObjectsV2Input(bucket: Self.bucket)
        change(&input)
        return try await service.listObjectsV2(input, me).objects.map { String(decoding: $0.key, as: UTF8.self) }
    }

    func startUpload(
        _ key: String, _ change: (inout CreateMultipartUploadInput) -> Void = { _ in }
    ) async throws -> String {
        var input = CreateMultipartUploadInput(bucket: Self.bucket, key: try ObjectKey(key))
        change(&input)
        return try await service.createMultipartUpload(input, me).uploadID
    }

    @discardableResult
    func part(
        _ key: String, _ uploadID: String, _ number: Int, _ bytes: [UInt8], checks: BodyChecks = BodyChecks()
    ) async throws -> CompleteMultipartUploadInput.Part {
        var input = UploadPartInput(
            bucket: Self.bucket, key: try ObjectKey(key), uploadID: uploadID, partNumber: number)
        input.checks = checks
        let output = try await service.uploadPart(input, body: BufferSource(ByteBuffer(bytes: bytes)), me)
        return CompleteMultipartUploadInput.Part(number: number, etag: output.etag.quoted, checksum: output.checksum)
    }

    @discardableResult
    func complete(
        _ key: String, _ uploadID: String, _ parts: [CompleteMultipartUploadInput.Part],
        _ change: (inout CompleteMultipartUploadInput) -> Void = { _ in }
    ) async throws -> CompleteMultipartUploadOutput {
        var input = CompleteMultipartUploadInput(
            bucket: Self.bucket, key: try ObjectKey(key), uploadID: uploadID, parts: parts)
        change(&input)
        return try await service.completeMultipartUpload(input, me)
    }

    func abort(_ key: String, _ uploadID: String) async throws {
        try await service.abortMultipartUpload(
            AbortMultipartUploadInput(bucket: Self.bucket, key: try ObjectKey(key), uploadID: uploadID), me)
    }

    /// How many keys a keyspace holds.
    func count(_ keyspace: Keyspace) async throws -> Int {
        let cursor = store.cursor(keyspace)
        cursor.seek([])
        var count = 0
        while try await cursor.next() != nil { count += 1 }
        return count
    }
}

extension ObjectBody {
    /// All bytes of the answer.
    func collect() async throws -> [UInt8] {
        switch self {
        case .whole(let buffer): return Array(buffer.readableBytesView)
        case .stream(let reader):
            var bytes: [UInt8] = []
            while let piece = try await reader.next() { bytes.append(contentsOf: piece.readableBytesView) }
            return bytes
        }
    }
}

/// The AWS code of the error that a call throws; nil when it throws none.
func code(_ call: () async throws -> Void) async -> String? {
    do {
        try await call()
        return nil
    } catch let error as S3Error {
        return error.code ?? "source"
    } catch {
        return "\(error)"
    }
}

/// Bytes that do not compress and differ from seed to seed.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
        for index in 0..<count {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            buffer[index] = UInt8(truncatingIfNeeded: state >> 24)
        }
        written = count
    }
}

/// A body of known pieces, which may claim a length and fail at its end.
final class PieceSource: ByteSource {
    struct Failure: Error {}

    private var pieces: [ByteBuffer]
    let length: UInt64?
    private let failsAtEnd: Bool
    private let trailer: Checksum?

    init(_ pieces: [[UInt8]], length: UInt64? = nil, failsAtEnd: Bool = false, trailer: Checksum? = nil) {
        self.pieces = pieces.map { ByteBuffer(bytes: $0) }
        self.length = length
        self.failsAtEnd = failsAtEnd
        self.trailer = trailer
    }

    func next() async throws -> ByteBuffer? {
        if pieces.isEmpty {
            if failsAtEnd { throw Failure() }
            return nil
        }
        return pieces.removeFirst()
    }

    func trailingChecksum() throws -> Checksum? { trailer }
}

let mebibyte = 1 << 20
/// Above `EngineLimits.logContentBytesMax`: lies in a body.
let largeBytes = 100_000
