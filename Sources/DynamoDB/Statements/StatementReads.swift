import Bytes
import Encryption
import Expressions
import Items
import LogStore
import PartiQL

/// The ranges that a SELECT reads, one behind the other.
///
/// Unchecked: immutable; its expressions hold views of the statement, which it holds.
final class StatementRead: @unchecked Sendable {
    let target: ReadTarget
    let columns: SelectList
    private let ranges: [(range: ReadRange, filter: Condition?)]
    private let statement: Statement

    init(
        _ statement: Statement, _ select: SelectStatement, _ table: Table, isConsistent: Bool
    ) throws(DynamoDBError) {
        self.statement = statement
        columns = select.columns
        let target = try ReadTarget(
            table, indexName: select.index, isConsistent: isConsistent, isOfStatement: true)
        self.target = target
        let schema = try StatementKey(target.key)
        let plan = try DynamoDBError.wording { () throws(StatementError) in try select.plan(schema) }
        let order = try DynamoDBError.wording { () throws(StatementError) in try select.readOrder(schema, plan) }
        switch plan {
        case .scan(let filter):
            let prefix = target.prefix
            ranges = [(ReadRange(lower: prefix, upper: OrderedKey.end(ofPrefix: prefix)), filter)]
        case .queries(let queries):
            try Self.checkFilters(of: queries, target)
            let isForward = !(order?.sortIsDescending ?? false)
            var found: [(query: KeyQuery, range: ReadRange)] = []
            for query in queries {
                found.append((query, try target.range(of: query.conditions, isForward: isForward)))
            }
            if let order { found.sort { Self.precedes($0, $1, order) } }
            ranges = found.map { ($0.range, $0.query.filter) }
        }
    }

    /// The queries of an index must not all ask of its entries what they do not hold; a scan may, and finds nothing.
    private static func checkFilters(
        of queries: [KeyQuery], _ target: ReadTarget
    ) throws(DynamoDBError) {
        guard let index = target.index?.definition else { return }
        let sorted = queries.sorted { ($0.partitionValue.compare(to: $1.partitionValue) ?? 0) < 0 }
        var lacking: [String] = []
        for query in sorted {
            let names = (query.filter?.paths ?? []).map(\.attribute)
            lacking = JavaOrder.set(names.filter { !index.projects($0, of: target.table.key) })
            if lacking.isEmpty { return }
        }
        guard !lacking.isEmpty else { return }
        throw .validation(
            "One or more parameter values were invalid: Secondary index \(index.name) does not project one or more "
                + "filter attributes: [\(lacking.joined(separator: ", "))]")
    }

    private static func precedes(
        _ a: (query: KeyQuery, range: ReadRange), _ b: (query: KeyQuery, range: ReadRange), _ order: ReadOrder
    ) -> Bool {
        let partition = a.query.partitionValue.compare(to: b.query.partitionValue) ?? 0
        if partition != 0 { return order.partitionIsDescending ? partition > 0 : partition < 0 }
        let isBefore = a.range.lower.lexicographicallyPrecedes(b.range.lower)
        return order.sortIsDescending ? !isBefore && a.range.lower != b.range.lower : isBefore
    }

    var rangeCount: Int { ranges.count }

    /// The page request of one of the ranges.
    ///
    /// - Parameter start: the key behind which it starts; nil for the range's start.
    /// - Throws: `ValidationException` for a key outside of the range, and for attributes that an index does not hold.
    func page(_ index: Int, behind start: [UInt8]?, limit: Int?) throws(DynamoDBError) -> PageRequest {
        var (range, filter) = ranges[index]
        if let start {
            let place = try start.reading { (bytes) throws(DynamoDBError) in
                try target.place(ofStartKey: ItemView(bytes))
            }
            guard range.contains(place) else { throw StatementToken.mismatch }
            range.start(behind: place)
        }
        // All of an index is what it holds, not what the items do.
        let selection = columns.paths.map { Selection.projected(Projection(paths: $0)) } ?? .stored
        return try PageRequest(
            target, range, filter: filter, selection: selection, limit: limit, filtersEntries: true,
            owners: [statement])
    }
}

/// NextToken of a SELECT: which range is next, and behind which key.
struct StatementToken {
    static let invalid = DynamoDBError.validation("Invalid NextToken")
    static let mismatch = DynamoDBError.validation("NextToken does not match request")

    /// Of the statement that the token is of.
    let fingerprint: [UInt8]
    var range: Int
    /// The key's item; nil at the start of the range.
    var key: [UInt8]?

    private static let fingerprintSize = 8

    /// - Parameter rangeCount: of the statement.
    /// - Throws: `ValidationException` for what is no token, and for another statement's.
    init(_ text: String?, of statement: String, rangeCount: Int) throws(DynamoDBError) {
        fingerprint = Array(Digest.sha256(Array(statement.utf8)).prefix(Self.fingerprintSize))
        range = 0
        guard let text else { return }
        guard let bytes = Base64.decode(text), bytes.count > Self.fingerprintSize else { throw Self.invalid }
        let rest = Array(bytes.dropFirst(Self.fingerprintSize))
        let place = rest.reading { bytes -> (range: UInt64, key: [UInt8]?)? in
            var reader = ByteReader(bytes)
            guard let range = try? reader.readVarint() else { return nil }
            if reader.isAtEnd { return (range, nil) }
            return StoredForm.isItem(reader.remaining) ? (range, Array(reader.remaining)) : nil
        }
        guard let place else { throw Self.invalid }
        guard bytes.starts(with: fingerprint), place.range < UInt64(rangeCount) else { throw Self.mismatch }
        range = Int(place.range)
        key = place.key
    }

    /// Where the next page begins.
    func next(range: Int, key: [UInt8]?) -> StatementToken {
        var token = self
        token.range = range
        token.key = key
        return token
    }

    var text: String {
        var bytes: [UInt8] = []
        bytes.appendVarint(range)
        return Base64.encode(fingerprint + bytes + (key ?? []))
    }
}

extension DynamoDBService {
    /// One page of a SELECT, from a token on; its items go to `body`, shown as the statement wants.
    ///
    /// - Returns: what was consumed, the token of the next page, and the last key when it is within a range.
    func read(
        _ read: StatementRead, from token: StatementToken, limit: Int?, isConsistent: Bool, _ body: (ItemView) -> Void
    ) async throws(DynamoDBError) -> (consumed: ConsumedCapacity, next: StatementToken?) {
        var consumed = ConsumedCapacity(table: read.target.table.name.table)
        var token = token
        var scanned = 0
        var bytes = 0
        while token.range < read.rangeCount {
            let page = try read.page(token.range, behind: token.key, limit: limit.map { $0 - scanned })
            let outcome = try await readPage(page) { item in
                guard read.columns.paths != nil else { return body(item) }
                var builder = ValueBuilder(capacity: item.bytes.count)
                let range = read.columns.apply(to: item, into: &builder)
                body(builder.item(at: range))
            }
            consumed.add(outcome, read.target, isConsistent ? .strong : .eventual)
            scanned += outcome.scanned
            bytes += outcome.bytes
            token = token.next(range: token.range + (outcome.lastKey == nil ? 1 : 0), key: outcome.lastKey)
            if outcome.lastKey != nil || scanned == limit || bytes >= DynamoDBLimits.pageBytesMax { break }
        }
        return (consumed, token.range < read.rangeCount ? token : nil)
    }
}
