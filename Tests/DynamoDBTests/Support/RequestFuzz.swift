import Bytes
import Disk
import LabClock
import LogStore
import Synchronization

@testable import DynamoDB

/// Requests that nobody wrote, carried out: any may be refused, none may trap or find the store damaged.
///
/// A text is a request a line, the operation's name and its JSON. All of a text go to one small store, which is the
/// same each time, so that a text says everything about what happens.
enum RequestFuzz {
    /// Requests of one text: more lead no further.
    private static let requestsMax = 12

    /// Carries out the requests of a text, then what they left to be done later. Returns how many were not refused.
    @discardableResult
    static func run(_ text: UnsafeRawBufferPointer) async -> Int {
        let lines = text.split(separator: UInt8(ascii: "\n"), maxSplits: requestsMax)
        let requests = lines.prefix(requestsMax).compactMap { request($0) }
        guard !requests.isEmpty else { return 0 }
        do {
            let sample = try await Self.sample.disk
            let server = try await Server(on: sample.crash())
            let count = await server.carryOut(requests)
            try await server.settle()
            return count
        } catch {
            preconditionFailure("A store of the fuzzer's cannot be used: \(error)")
        }
    }

    private static func request(_ line: Slice<UnsafeRawBufferPointer>) -> (DynamoDBOperation, [UInt8])? {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        let name = String(decoding: line[..<space], as: UTF8.self)
        let body = Array(line[line.index(after: space)...])
        guard let operation = DynamoDBOperation(rawValue: name), !body.isEmpty else { return nil }
        return (operation, body)
    }

    private static let sample = Sample()

    /// What every text begins with, made once.
    private actor Sample {
        private var made: SimulatedDisk?

        var disk: SimulatedDisk {
            get async throws {
                if let made { return made }
                let server = try await Server(on: SimulatedDisk(seed: 1))
                for line in RequestFuzz.preparation {
                    let bytes = Array(line.utf8)
                    let request = bytes.withUnsafeBytes { RequestFuzz.request($0[...]) }
                    guard let request else { preconditionFailure("A request of the preparation has no name") }
                    let count = await server.carryOut([request])
                    precondition(count == 1, "The preparation is refused: \(line)")
                }
                try await server.settle()
                made = server.disk
                return server.disk
            }
        }
    }

    /// The service over a simulated disk.
    private final class Server {
        let disk: SimulatedDisk
        private let store: LogStore
        private let due: DueQueue
        private let service: DynamoDBService
        private let time = ManualTime(millisecondsSinceEpoch: 1_700_000_000_000)

        init(on disk: SimulatedDisk) async throws {
            self.disk = disk
            var options = StoreOptions()
            // Small, so that a store is made in no time.
            options.memoryBudgetBytes = 4 << 20
            options.memtableBytes = 256 << 10
            options.commitBytesMax = 256 << 10
            options.extentFileBytes = 512 << 10
            options.firstSegmentBytes = 512 << 10
            options.segmentBytes = 512 << 10
            let driver = ImmediateDriver()
            store = try LogStore.open(disk: disk, options: options, driver: driver, randomSeed: 7)
            driver.attach(store)
            let clock = try await StoredLabClock.open(store: store, realTime: time)
            due = DueQueue(store: store, clock: clock, realTime: time)
            let random = Mutex(SeededRandom(seed: 42))
            service = DynamoDBService(store: store, clock: clock, due: due, objects: MemoryObjects()) { count in
                random.withLock { random in (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 32) } }
            }
        }

        // The queue's handlers hold the service, which holds the queue.
        deinit { due.close() }

        func carryOut(_ requests: [(DynamoDBOperation, [UInt8])]) async -> Int {
            var count = 0
            for (operation, body) in requests {
                do throws(DynamoDBError) {
                    let answer = try await service.perform(operation, body, RequestFuzz.caller)
                    precondition(answer.isEmpty || answer.first == UInt8(ascii: "{"), "The answer is no object")
                    count += 1
                } catch {
                    precondition(error.code.status != 500, "\(operation.rawValue) is a defect: \(error)")
                }
                time.advance(milliseconds: 700)
            }
            return count
        }

        func settle() async throws {
            try await due.runDue()
            time.advance(milliseconds: 3_600_000)
            try await due.runDue()
        }
    }

    private static let caller = CallContext(accountID: "111111111111", region: "eu-west-1", host: "127.0.0.1:4566")
}
