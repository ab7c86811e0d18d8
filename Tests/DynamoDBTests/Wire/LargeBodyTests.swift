import AWSWire
import Bytes
import Compression
import Dispatch
import HTTPFront
import IAM
import LogStore
import NIOHTTP1
import Testing

@testable import DynamoDB

/// Carries out a request with items only when one without has been.
private final class GateExecutor: DynamoDBExecutor {
    private let gate = DispatchSemaphore(value: 0)

    func perform(
        _ operation: DynamoDBOperation, _ body: [UInt8], _ context: CallContext
    ) async throws(DynamoDBError) -> [UInt8] {
        guard operation == .batchWriteItem else {
            gate.signal()
            return Array("{}".utf8)
        }
        guard isOpened() else { throw DynamoDBError(.internalServerError, "nobody else was served") }
        return Array("{}".utf8)
    }

    /// Blocks the thread, as work does. Long enough for a loaded machine; a test that fails ends, too.
    private func isOpened() -> Bool { gate.wait(timeout: .now() + 60) == .success }
}

/// One thread for all, as an event loop is for its connections.
private final class OneThread: TaskExecutor {
    private let queue = DispatchQueue(label: "loop")

    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        queue.async { [self] in unowned.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

@Suite struct LargeBodyTests {
    private func answer(
        _ service: DynamoDBHTTPService, _ operation: String, _ body: [UInt8], coding: String? = nil
    ) async -> AnswerRecorder.Answer {
        let recorder = AnswerRecorder()
        var request = WireFixture.request(
            headers: [
                "host": "localhost:4566", "x-amz-target": "DynamoDB_20120810.\(operation)",
                "content-type": "application/x-amz-json-1.0",
            ], body: body)
        if let coding { request.headers.add(name: "content-encoding", value: coding) }
        await service.respond(to: request, with: ResponseWriter(sink: recorder, exchange: 1))
        return recorder.answer
    }

    @Test func aLongAnswerArrivesInPiecesAndWhole() async throws {
        let count = 3 * DynamoDBWireLimits.loopBytesMax + 1
        let answer = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let fixture = try WireFixture(answer: .success(answer))
        let got = await self.answer(fixture.service, "Scan", Array("{}".utf8))
        #expect(got.status == 200 && got.body == answer)
        #expect(got.headers.first(name: "content-length") == "\(answer.count)")
        #expect(got.headers.first(name: "x-amz-crc32") == "\(CRC32.hash(answer))")
        #expect(got.pieceCount > 2)
    }

    @Test(arguments: [false, true])
    func othersAreServedWhileALargeRequestIsCarriedOut(isCompressed: Bool) async throws {
        let pool = OffloadPool(threadCount: 1)
        defer { pool.stop() }
        let identity = Identity(name: "me", accountID: "123456789012", accessKey: "AKID", secretKey: "SECRET")
        let service = DynamoDBHTTPService(
            executor: GateExecutor(),
            verifier: SignatureVerifier(
                identities: try IdentityTable([identity]), rules: .dynamoDB, mode: .relaxed,
                defaultRegion: "eu-west-1", now: { 1_700_000_000 }),
            largeRequests: pool)
        let text = Array("{\"RequestItems\":{}}".utf8)
        let large = text + [UInt8](repeating: UInt8(ascii: " "), count: DynamoDBWireLimits.loopBytesMax)
        let body = isCompressed ? text.withUnsafeBytes { Gzip.compress($0) } : large
        let loop = OneThread()
        // The first one is begun first; the second one is served on the same thread while the first one waits for it.
        let first = Task(executorPreference: loop) {
            await answer(service, "BatchWriteItem", body, coding: isCompressed ? "gzip" : nil)
        }
        let second = Task(executorPreference: loop) { await answer(service, "ListTables", Array("{}".utf8)) }
        #expect(await second.value.status == 200)
        #expect(await first.value.status == 200)
    }
}
