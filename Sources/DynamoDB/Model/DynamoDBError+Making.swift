import Items
import LogStore

extension DynamoDBError {
    static func tableNotFound(_ name: String) -> DynamoDBError {
        DynamoDBError(.resourceNotFoundException, "Requested resource not found: Table: \(name) not found")
    }

    /// What the data plane says of a table that is not there.
    static let resourceNotFound = DynamoDBError(.resourceNotFoundException, "Requested resource not found")

    static func conditionFailed(item: [UInt8]?) -> DynamoDBError {
        var error = DynamoDBError(.conditionalCheckFailedException, "The conditional request failed")
        guard let item else { return error }
        error.item = item
        var json = JSONWriter(capacity: 2 * item.count)
        item.reading { json.item(ItemView($0)) }
        error.members = Array("\"Item\":".utf8) + json.copyBytes()
        return error
    }

    static func accessDenied(resource: String) -> DynamoDBError {
        DynamoDBError(
            .accessDeniedException, "User is not authorized to perform this action on resource: \(resource)")
    }

    /// A record of ours that cannot be read: damage, or a later version's.
    static func damagedRecord(_ what: String) -> DynamoDBError { .internalError("damaged record: \(what)") }

    static func internalError(_ what: String) -> DynamoDBError {
        DynamoDBError(.internalServerError, "The request processing has failed: \(what)")
    }

    /// What the engine refuses. A full disk has no code at AWS: see docs/wire-dynamodb.md.
    static func store(_ error: StoreError) -> DynamoDBError {
        switch error {
        case .noSpace:
            DynamoDBError(.insufficientStorageException, "The disk is full: writes are refused, reads go on")
        case .overLimit:
            .validation(
                "The request is too large: its items, together with their entries in indexes and their records in the "
                    + "stream and in the history, take more than this server writes at once")
        case .tooOld, .restored, .conflict:
            DynamoDBError(.internalServerError, "The request could not be completed; try again")
        default: .internalError("\(error)")
        }
    }
}
