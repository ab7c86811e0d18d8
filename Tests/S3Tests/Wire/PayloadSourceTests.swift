import AWSWire
import Disk
import Encryption
import HTTPFront
import LogStore
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import S3

/// What a signature promised about the bytes is checked by whoever takes the body in, beside the event loop.
@Suite struct PayloadSourceTests {
    static let pieceBytes = 50_000

    /// A body of a signed request, in pieces, that may not be what was signed.
    private func source(_ bytes: [UInt8], signedFor signed: [UInt8]) throws -> PayloadSource {
        let pieces = Mutex(
            stride(from: 0, to: bytes.count, by: Self.pieceBytes).map {
                ByteBuffer(bytes: bytes[$0..<min(bytes.count, $0 + Self.pieceBytes)])
            })
        let body = RequestBody(declaredLength: bytes.count) { () async throws(BodyError) in
            pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
        let request = VerifiedRequest(
            identity: nil, region: "us-east-1", scheme: .v4Header, payload: .signed(sha256: Digest.sha256(signed)),
            headers: [:], chunkSigning: nil)
        return PayloadSource(try PayloadReader(body, of: request), trailingAlgorithm: nil)
    }

    private func put(_ fixture: S3Fixture, _ source: any ByteSource) async throws {
        let input = PutObjectInput(bucket: S3Fixture.bucket, key: try ObjectKey("k"))
        _ = try await fixture.service.putObject(input, body: source, fixture.me)
    }

    @Test func readingLeavesTheDigestToWhoeverTakesIt() async throws {
        let source = try source(noise(Self.pieceBytes), signedFor: [])
        #expect(source.takeVerification() == nil)
        #expect(try await source.next()?.readableBytes == Self.pieceBytes)
        let first = try #require(source.takeVerification())
        #expect(try await source.next() == nil)
        let last = try #require(source.takeVerification())
        try first()
        #expect(throws: S3WireError.self) { try last() }
    }

    @Test(arguments: [1, largeBytes, 256 << 10, 600_000])
    func bytesThatWereNotSignedCreateNothing(size: Int) async throws {
        let fixture = try await S3Fixture()
        let bytes = noise(size)
        do {
            try await put(fixture, source(bytes, signedFor: noise(size, seed: 2)))
            Issue.record("other bytes than the signed ones were taken")
        } catch let error as S3Error {
            #expect(S3WireError(error).code == .xAmzContentSHA256Mismatch)
        }
        #expect(try await fixture.keys().isEmpty)
        #expect(try await fixture.count(.bodies) == 0)
        try await put(fixture, source(bytes, signedFor: bytes))
        #expect(try await fixture.bytes("k") == bytes)
    }

    @Test(arguments: [(10, 0), (largeBytes, 1), (900_000, 4)])
    func onlyLargeBodiesAreVerifiedElsewhere(size: Int, offloadedAtLeast: Int) async throws {
        let driver = MarkingDriver()
        let store = try LogStore.open(
            disk: SimulatedDisk(seed: 1), options: StoreOptions(), driver: driver, randomSeed: 7)
        driver.inner.attach(store)
        let places = Mutex<[Bool]>([])
        let source = NotingSource(try source(noise(size), signedFor: noise(size))) {
            places.withLock { $0.append(MarkingDriver.isOffloaded) }
        }
        let receiver = BodyReceiver(store: store, checks: BodyChecks(), primary: .crc64nvme)
        _ = try await receiver.receive(from: source)
        let seen = places.withLock { $0 }
        #expect(seen.count(where: { $0 }) >= offloadedAtLeast)
        // Of a large body at most the end, which has no bytes left, is checked where the request runs.
        #expect(seen.count(where: { !$0 }) <= 1)
        #expect(size > EngineLimits.logContentBytesMax || seen == [false])
        try store.close()
    }
}

/// Tells work that is offloaded from work that is not.
private final class MarkingDriver: StoreDriver {
    @TaskLocal static var isOffloaded = false

    let inner = ImmediateDriver()

    func commitsAreWaiting() { inner.commitsAreWaiting() }

    func backgroundMayPause() {}

    func backgroundIsWaiting() { inner.backgroundIsWaiting() }

    func offload<Output: Sendable>(
        _ work: @escaping @Sendable () throws(StoreError) -> Output
    ) async throws(StoreError) -> Output {
        let result = Self.$isOffloaded.withValue(true) { () -> Result<Output, StoreError> in
            do throws(StoreError) { return .success(try work()) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

/// A source whose verifications say when they run.
private final class NotingSource: ByteSource {
    private let inner: PayloadSource
    private let note: @Sendable () -> Void

    init(_ inner: PayloadSource, note: @escaping @Sendable () -> Void) {
        self.inner = inner
        self.note = note
    }

    var length: UInt64? { inner.length }

    func next() async throws -> ByteBuffer? { try await inner.next() }

    func takeVerification() -> BodyVerification? {
        guard let verification = inner.takeVerification() else { return nil }
        let note = note
        return {
            note()
            try verification()
        }
    }
}
