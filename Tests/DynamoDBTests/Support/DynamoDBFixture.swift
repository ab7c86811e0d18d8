import Bytes
import Disk
import LabClock
import LogStore
import Synchronization

@testable import DynamoDB

/// A service over a simulated disk, called with JSON as clients do.
final class DynamoDBFixture {
    static let account = CallContext(accountID: "111111111111", region: "eu-west-1", host: "127.0.0.1:4566")

    private(set) var disk: SimulatedDisk
    private(set) var store: LogStore
    private(set) var service: DynamoDBService
    private(set) var due: DueQueue
    private(set) var clock: StoredLabClock
    let time = ManualTime(millisecondsSinceEpoch: 1_700_000_000_000)
    /// Goes on when the store is opened again: what it has given comes no second time.
    private let random = SharedRandom()
    /// Buckets, which outlive crashes of the store.
    let objects = MemoryObjects()
    private let itemCollectionBytesMax: Int
    private let segmentBytes: UInt64
    var me = DynamoDBFixture.account

    init(
        seed: UInt64 = 1, disk: SimulatedDisk? = nil,
        itemCollectionBytesMax: Int = DynamoDBLimits.itemCollectionBytesMax, segmentBytes: UInt64 = 10 << 20
    ) async throws {
        self.itemCollectionBytesMax = itemCollectionBytesMax
        self.segmentBytes = segmentBytes
        self.disk = disk ?? SimulatedDisk(seed: seed)
        (store, clock, due, service) = try await Self.open(
            self.disk, time, random, objects, itemCollectionBytesMax, segmentBytes)
    }

    // The queue's handlers hold the service, which holds the queue.
    deinit { due.close() }

    private static func open(
        _ disk: SimulatedDisk, _ time: ManualTime, _ random: SharedRandom, _ objects: MemoryObjects,
        _ itemCollectionBytesMax: Int, _ segmentBytes: UInt64
    ) async throws -> (LogStore, StoredLabClock, DueQueue, DynamoDBService) {
        var options = StoreOptions()
        options.memoryBudgetBytes = 32 << 20
        // Small enough that workloads of tests flush.
        options.memtableBytes = segmentBytes > 10 << 20 ? 16 << 20 : 256 << 10
        options.extentFileBytes = 4 << 20
        options.firstSegmentBytes = 9 << 20
        options.segmentBytes = segmentBytes
        let driver = ImmediateDriver()
        let store = try LogStore.open(disk: disk, options: options, driver: driver, randomSeed: 7)
        driver.attach(store)
        let clock = try await StoredLabClock.open(store: store, realTime: time)
        let due = DueQueue(store: store, clock: clock, realTime: time)
        let service = DynamoDBService(
            store: store, clock: clock, due: due, objects: objects, itemCollectionBytesMax: itemCollectionBytesMax
        ) { random.bytes($0) }
        return (store, clock, due, service)
    }

    /// Closes the store and opens what it left.
    func reopen() async throws {
        try store.close()
        due.close()
        (store, clock, due, service) = try await Self.open(
            disk, time, random, objects, itemCollectionBytesMax, segmentBytes)
    }

    /// Loses the machine's power, and opens what it left.
    func crash() async throws {
        disk = disk.crash()
        due.close()
        (store, clock, due, service) = try await Self.open(
            disk, time, random, objects, itemCollectionBytesMax, segmentBytes)
    }

    // MARK: Calling

    /// Calls an operation; its answer's JSON.
    @discardableResult
    func call(_ operation: DynamoDBOperation, _ json: String) async throws -> String {
        String(decoding: try await service.perform(operation, Array(json.utf8), me), as: UTF8.self)
    }

    /// The refusal of a call, as `Code: message`; nil when it is not refused.
    func refusal(_ operation: DynamoDBOperation, _ json: String) async -> String? {
        do {
            try await call(operation, json)
            return nil
        } catch {
            guard let error = error as? DynamoDBError else { return "\(error)" }
            return "\(error.code.rawValue): \(error.message ?? "")"
        }
    }

    // MARK: Short forms

    /// Makes a table `tab` with a partition key `p` of type S, and a sort key `s` of a type.
    func makeTable(_ name: String = "tab", sort: String? = nil, more: String = "", attributes: String = "") async throws
    {
        let sortKey = sort == nil ? "" : #",{"AttributeName":"s","KeyType":"RANGE"}"#
        let sortAttribute = sort.map { #",{"AttributeName":"s","AttributeType":"\#($0)"}"# } ?? ""
        try await call(
            .createTable,
            """
            {"TableName":"\(name)","BillingMode":"PAY_PER_REQUEST",
             "KeySchema":[{"AttributeName":"p","KeyType":"HASH"}\(sortKey)],
             "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}\(sortAttribute)\(attributes)]\(more)}
            """)
    }

    /// Puts an item given as the members of its JSON.
    func put(_ members: String, into table: String = "tab") async throws {
        try await call(.putItem, #"{"TableName":"\#(table)","Item":{\#(members)}}"#)
    }

    /// An item's JSON by its key's members; nil when there is none.
    func get(_ key: String, from table: String = "tab") async throws -> String? {
        let answer = try await call(.getItem, #"{"TableName":"\#(table)","Key":{\#(key)}}"#)
        return answer == "{}" ? nil : String(answer.dropFirst(#"{"Item":"#.count).dropLast())
    }
}

/// Random bytes of a fixed seed.
final class SharedRandom: Sendable {
    private let state = Mutex(SeededRandom(seed: 42))

    func bytes(_ count: Int) -> [UInt8] {
        state.withLock { random in (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 32) } }
    }
}

extension DynamoDBFixture {
    /// Keys of a keyspace under a prefix.
    func keys(_ keyspace: Keyspace, _ prefix: [UInt8] = []) async throws -> [[UInt8]] {
        let cursor = store.cursor(keyspace, lower: prefix)
        var keys: [[UInt8]] = []
        while let entry = try await cursor.next(), entry.key.starts(with: prefix) { keys.append(entry.key) }
        return keys
    }
}
