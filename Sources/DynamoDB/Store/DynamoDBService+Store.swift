import Bytes
import LogStore

extension DynamoDBError {
    /// Any error as ours: the engine's wrapped.
    static func wrap(_ error: any Error) -> DynamoDBError {
        switch error {
        case let error as DynamoDBError: error
        case let error as StoreError: .store(error)
        default: .internalError("\(error)")
        }
    }
}

extension DynamoDBService {
    /// `LogStore.get` with our error.
    func read(
        _ keyspace: Keyspace, _ key: [UInt8], at snapshot: Snapshot? = nil
    ) async throws(DynamoDBError) -> StoredValue? {
        do { return try await store.get(keyspace, key, at: snapshot) } catch { throw .store(error) }
    }

    /// `LogStore.counter` with our error; never negative.
    func count(_ keyspace: Keyspace, _ key: [UInt8]) async throws(DynamoDBError) -> Int {
        do { return Int(max(0, try await store.counter(keyspace, key))) } catch { throw .store(error) }
    }

    /// `LogStore.commit` with our error.
    @discardableResult
    func commit(_ batch: WriteBatch) async throws(DynamoDBError) -> SequenceNumber {
        do { return try await store.commit(batch) } catch { throw .store(error) }
    }

    /// `LogStore.transaction` with our error.
    func transact<Output: Sendable>(
        _ body: @Sendable (Transaction, inout WriteBatch) async throws -> Output
    ) async throws(DynamoDBError) -> Output {
        do { return try await store.transaction(body) } catch { throw DynamoDBError.wrap(error) }
    }

    /// Calls `body` with the entries under a prefix, in order, until it returns false.
    func forEach(
        _ keyspace: Keyspace, prefix: [UInt8], from start: [UInt8]? = nil, at snapshot: Snapshot? = nil,
        _ body: (_ key: [UInt8], _ value: StoredValue) throws(DynamoDBError) -> Bool
    ) async throws(DynamoDBError) {
        let cursor = store.cursor(
            keyspace, lower: start ?? prefix, upper: OrderedKey.end(ofPrefix: prefix), at: snapshot)
        while true {
            let entry: Cursor.Entry?
            do { entry = try await cursor.next() } catch { throw .store(error) }
            guard let entry, try body(entry.key, entry.value) else { return }
        }
    }
}
