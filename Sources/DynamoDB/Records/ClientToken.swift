import Bytes
import Encryption
import Items
import LabClock
import LogStore

/// What makes a transaction, an export or an import that is asked for again be the same one: the client's token,
/// remembered with the commit for some lab time.
struct ClientToken: Sendable {
    enum Kind: Sendable {
        case transaction
        case export
        case `import`

        fileprivate var lifetimeMilliseconds: Int64 {
            switch self {
            case .transaction: DynamoDBLimits.idempotencySeconds * 1000
            case .export, .import: 8 * 3_600_000
            }
        }
    }

    private let kind: Kind
    private let key: [UInt8]
    /// A digest of what the request says, which must be the same when the token is.
    private let request: String

    /// - Parameter request: the request as it came, which is JSON that has been read.
    init(_ token: String, _ kind: Kind, _ context: CallContext, request: [UInt8]) {
        self.kind = kind
        key = DynamoDBKeys.clientToken(kind, account: context.accountID, region: context.region, token: token)
        self.request = Hex.encode(Digest.sha256((try? CanonicalJSON.bytes(of: request)) ?? request))
    }

    /// What the token was used for: the id that was remembered with it, empty for a transaction. Nil when it is new, or
    /// its time is over.
    ///
    /// - Parameter conflict: thrown when it was used for another request.
    func earlier(
        _ transaction: Transaction, at now: LabTime, conflict: DynamoDBError
    ) async throws -> String? {
        guard let value = try await transaction.get(.catalog, key)?.head else { return nil }
        let (expiry, digest, id) = try RecordReader.read(value) { (record) throws(DynamoDBError) in
            (try record.time("expiry"), try record.string("request"), record.optionalString("id"))
        }
        if expiry <= now { return nil }
        guard digest == request else { throw conflict }
        return id ?? ""
    }

    /// Remembers the token with the commit, and has it forgotten in time.
    ///
    /// - Parameter id: of what was made; nil for a transaction, which makes nothing that has one.
    func remember(_ id: String?, at now: LabTime, _ due: DueQueue, in batch: inout WriteBatch) {
        let expiry = now.adding(milliseconds: kind.lifetimeMilliseconds)
        var record = RecordWriter()
        record.set("expiry", expiry)
        record.set("request", request)
        record.set("id", id)
        batch.put(.catalog, key, StoredValue(head: record.finish()))
        due.add(DueEntry(time: expiry, kind: .clientToken, id: key), to: &batch)
    }
}

extension DueKind {
    static let clientToken = DueKind(rawValue: 0x10)
}

/// Forgets tokens whose time is over.
struct TokenExpiry: DueHandler {
    let store: LogStore
    let clock: any LabClock

    func run(_ entries: [DueEntry]) async throws {
        for entry in entries {
            try await store.transaction { transaction, batch in
                entry.remove(from: &batch)
                guard let value = try await transaction.get(.catalog, entry.id)?.head else { return }
                let expiry = try RecordReader.read(value) { (record) throws(DynamoDBError) in
                    try record.time("expiry")
                }
                // A later transaction may have taken the token since.
                if expiry <= self.clock.now() { batch.delete(.catalog, entry.id) }
            }
        }
    }
}
