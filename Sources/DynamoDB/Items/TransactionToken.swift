import Bytes
import Encryption
import Items
import LabClock
import LogStore

/// What makes a transaction that is sent again happen once: the client's token, remembered with the commit for ten
/// minutes of lab time.
struct TransactionToken: Sendable {
    private let key: [UInt8]
    /// A digest of the request, which must be the same when the token is.
    private let request: [UInt8]

    init(_ token: String, context: CallContext, request: [UInt8]) {
        key = DynamoDBKeys.transactionToken(account: context.accountID, region: context.region, token: token)
        self.request = request
    }

    /// A digest of the bytes of a request's body.
    static func digest(of body: [UInt8]) -> [UInt8] { Digest.sha256(body) }

    /// Whether the transaction has been committed.
    ///
    /// - Throws: `IdempotentParameterMismatchException` when another request was committed with the token.
    func isCommitted(_ transaction: Transaction, at time: LabTime) async throws -> Bool {
        guard let value = try await transaction.get(.catalog, key)?.head else { return false }
        let (expiry, digest) = try RecordReader.read(value) { (record) throws(DynamoDBError) in
            (try record.time("expiry"), try record.string("request"))
        }
        if expiry <= time { return false }
        guard digest == Hex.encode(request) else {
            throw DynamoDBError(
                .idempotentParameterMismatchException,
                "The request uses the same client token as a previous, but non-identical request.")
        }
        return true
    }

    /// Remembers the transaction with its commit, and has it forgotten in time.
    func remember(at time: LabTime, _ due: DueQueue, in batch: inout WriteBatch) {
        let expiry = LabTime(millisecondsSinceEpoch: time.millisecondsSinceEpoch + Self.lifetimeMilliseconds)
        var record = RecordWriter()
        record.set("expiry", expiry)
        record.set("request", Hex.encode(request))
        batch.put(.catalog, key, StoredValue(head: record.finish()))
        due.add(DueEntry(time: expiry, kind: .transactionToken, id: key), to: &batch)
    }

    private static let lifetimeMilliseconds = DynamoDBLimits.idempotencySeconds * 1000
}

extension DueKind {
    static let transactionToken = DueKind(rawValue: 0x10)
}

/// Forgets tokens whose time is over.
struct TokenExpiry: DueHandler {
    let store: LogStore
    let clock: any LabClock

    func run(_ entries: [DueEntry]) async throws {
        for entry in entries {
            try await store.transaction { transaction in
                entry.remove(from: &transaction.batch)
                guard let value = try await transaction.get(.catalog, entry.id)?.head else { return }
                let expiry = try RecordReader.read(value) { (record) throws(DynamoDBError) in
                    try record.time("expiry")
                }
                // A later transaction may have taken the token since.
                if expiry <= self.clock.now() { transaction.batch.delete(.catalog, entry.id) }
            }
        }
    }
}
