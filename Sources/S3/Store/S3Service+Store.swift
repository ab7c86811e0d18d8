import LogStore

extension S3Error {
    /// Any error as ours: the engine's wrapped, anything foreign as the source's.
    static func wrap(_ error: any Error) -> S3Error {
        switch error {
        case let error as S3Error: error
        case let error as StoreError: .store(error)
        default: .source(error)
        }
    }
}

extension S3Service {
    /// `LogStore.get` with our error.
    func read(
        _ keyspace: Keyspace, _ key: [UInt8], at snapshot: Snapshot? = nil
    ) async throws(S3Error) -> StoredValue? {
        do {
            return try await store.get(keyspace, key, at: snapshot)
        } catch {
            throw .store(error)
        }
    }

    /// `LogStore.commit` with our error.
    @discardableResult
    func commit(_ batch: WriteBatch) async throws(S3Error) -> SequenceNumber {
        do {
            return try await store.commit(batch)
        } catch {
            throw .store(error)
        }
    }

    /// `LogStore.transaction` with our error.
    func transact<Output: Sendable>(
        _ body: @Sendable (Transaction, inout WriteBatch) async throws -> Output
    ) async throws(S3Error) -> Output {
        do { return try await store.transaction(body) } catch { throw S3Error.wrap(error) }
    }
}

extension StoredValue {
    /// The value's head as an object's record.
    ///
    /// - Throws: `damagedRecord`.
    func objectRecord() throws(S3Error) -> ObjectRecord { try ObjectRecord(head) }
}
