package import DynamoDB
private import LogStore
private import NIOHTTP1

/// Carries out what is asked about DynamoDB's tables.
package struct TableService: Sendable {
    private let tables: DynamoDBService

    package init(_ tables: DynamoDBService) { self.tables = tables }

    package func carryOut(_ request: TableRequest) async -> AdminOutcome {
        do throws(DynamoDBError) {
            switch request {
            case .partitions(let table):
                return TableText.partitions(try await tables.partitions(of: try await name(table)))
            case .split(let table, let partition, let hash):
                let halves = try await tables.splitPartition(try await name(table), partition, at: hash)
                return TableText.split(partition, halves)
            case .indexDelay(let table, let delay):
                let name = try await name(table)
                try await tables.setIndexDelay(of: name, milliseconds: delay)
                return AdminOutcome(
                    status: .ok, json: "{\"table\":\(JSONText.quoted(name.arn)),\"index_delay_ms\":\(delay)}",
                    text: "global indexes of \(name.table) lag by \(delay) ms\n")
            }
        } catch {
            return Self.refusal(error)
        }
    }

    /// The one table that is meant.
    private func name(_ text: String) async throws(DynamoDBError) -> TableName {
        let names = try await tables.tableNames().filter { $0.table == text || $0.arn == text }
        guard let name = names.first else {
            throw DynamoDBError(.resourceNotFoundException, "there is no table \(text)")
        }
        guard names.count == 1 else {
            throw .validation("there are \(names.count) tables \(text): name the ARN, as in \(name.arn)")
        }
        return name
    }

    private static func refusal(_ error: DynamoDBError) -> AdminOutcome {
        let why = error.message ?? error.code.rawValue
        let status: HTTPResponseStatus =
            switch error.code {
            case .resourceNotFoundException: .notFound
            case .validationException: .badRequest
            case .resourceInUseException: .conflict
            case .insufficientStorageException: .insufficientStorage
            default: .internalServerError
            }
        return .refusal(status, why)
    }
}
