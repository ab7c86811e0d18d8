private import AWSWire
package import NIOHTTP1

/// What the admin API is asked about DynamoDB's tables, beyond DynamoDB's own operations. A table is meant by its name,
/// or by its ARN where accounts or regions have tables of one name.
package enum TableRequest: AdminCall, Equatable, Sendable {
    case partitions(table: String)
    /// Nil: in the middle.
    case split(table: String, partition: UInt64, hash: UInt64?)
    case indexDelay(table: String, milliseconds: Int64)

    /// - Parameters:
    ///   - path: what follows `/_varve/admin/tables`.
    ///   - query: as sent.
    package init(_ method: HTTPMethod, path: Substring, query: Substring) throws(AdminRefusal) {
        guard ["/partitions", "/split", "/index-delay"].contains(path) else { throw .unknownPath }
        guard method == (path == "/partitions" ? .GET : .POST) else { throw .wrongMethod }
        var parameters = try AdminParameters(query)
        let table = try parameters.require("table") { $0 }
        switch path {
        case "/partitions": self = .partitions(table: table)
        case "/split":
            self = .split(
                table: table, partition: try parameters.require("partition", Self.partition),
                hash: try parameters.take("hash", Self.hash))
        default:
            self = .indexDelay(table: table, milliseconds: try parameters.require("delay", DurationText.parse))
        }
        try parameters.refuseOthers()
    }

    package var target: (method: HTTPMethod, target: String) {
        let base = "/_varve/admin/tables"
        switch self {
        case .partitions(let table): return (.GET, "\(base)/partitions?table=\(URLCoding.encode(table))")
        case .split(let table, let partition, let hash):
            let place = hash.map { "&hash=\(TableText.hash($0))" } ?? ""
            return (.POST, "\(base)/split?table=\(URLCoding.encode(table))&partition=\(partition)\(place)")
        case .indexDelay(let table, let delay):
            return (.POST, "\(base)/index-delay?table=\(URLCoding.encode(table))&delay=\(delay)ms")
        }
    }

    /// - Throws: `ValueError` when it is no number of a partition.
    package static func partition(_ text: String) throws(ValueError) -> UInt64 {
        guard let number = UInt64(text), text.first != "+" else { throw ValueError("must be a partition's number") }
        return number
    }

    /// - Throws: `ValueError` when it is no hash.
    package static func hash(_ text: String) throws(ValueError) -> UInt64 {
        guard text.utf8.count == 16, let hash = UInt64(text, radix: 16), text.first != "+" else {
            throw ValueError("must be a hash: sixteen hexadecimal digits")
        }
        return hash
    }
}
