import Bytes
import Encryption
import LabClock
import LogStore

/// What makes an export or an import that is asked for again be the same one: the client's token, remembered for eight
/// hours of lab time.
struct ClientToken: Sendable {
    enum Kind: UInt8, Sendable {
        case export = 1
        case `import` = 2
    }

    private static let kind: UInt8 = 0x31
    private static let terminator: UInt8 = 0x00
    private static let lifetimeMilliseconds: Int64 = 8 * 3_600_000

    private let key: [UInt8]
    private let request: String

    /// - Parameter request: the request as it came, which must be the same when the token is.
    init(_ token: String, _ kind: Kind, _ context: CallContext, request: [UInt8]) {
        key =
            [Self.kind] + context.accountID.utf8 + [Self.terminator] + context.region.utf8
            + [Self.terminator, kind.rawValue] + token.utf8
        self.request = Hex.encode(Digest.sha256(request))
    }

    /// What the token was used for: the id that was remembered with it. Nil when it is new, or its time is over.
    ///
    /// - Parameter conflict: thrown when it was used for another request.
    func earlier(
        _ transaction: Transaction, at now: LabTime, conflict: DynamoDBError
    ) async throws -> String? {
        guard let value = try await transaction.get(.catalog, key)?.head else { return nil }
        let (expiry, digest, id) = try RecordReader.read(value) { (record) throws(DynamoDBError) in
            (try record.time("expiry"), try record.string("request"), try record.string("id"))
        }
        if expiry <= now { return nil }
        guard digest == request else { throw conflict }
        return id
    }

    /// Remembers the token with the commit, and has it forgotten in time.
    func remember(_ id: String, at now: LabTime, _ due: DueQueue, in batch: inout WriteBatch) {
        let expiry = now.adding(milliseconds: Self.lifetimeMilliseconds)
        var record = RecordWriter()
        record.set("expiry", expiry)
        record.set("request", request)
        record.set("id", id)
        batch.put(.catalog, key, StoredValue(head: record.finish()))
        due.add(DueEntry(time: expiry, kind: .transactionToken, id: key), to: &batch)
    }
}
