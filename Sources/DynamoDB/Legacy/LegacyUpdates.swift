import Expressions
import Items

/// The older parameter that changes items (AttributeUpdates), as the update that an expression is parsed to.
enum LegacyUpdates {
    private static let invalid = "One or more parameter values were invalid: "
    /// The stored form of an empty list: its tag, and no bytes.
    private static let emptyList: StaticString = "\u{8}\0\0\0\0"

    /// Nil when it changes nothing.
    static func update(
        _ updates: [String: API.AttributeValueUpdate]?, _ arena: RequestArena
    ) throws(DynamoDBError) -> Update? {
        guard let updates, !updates.isEmpty else { return nil }
        var actions: [Update.Action] = []
        for (name, update) in updates.sorted(by: { $0.key < $1.key }) {
            try AttributeNames.check(name)
            actions.append(
                Update.Action(
                    path: DocumentPath(attribute: name),
                    change: try change(name, update.action ?? "PUT", update.value.map { arena.value($0) })))
        }
        return Update(actions: actions)
    }

    private static func change(
        _ name: String, _ action: String, _ value: ValueView?
    ) throws(DynamoDBError) -> Update.Change {
        guard let value else {
            guard action == "DELETE" else {
                throw .validation(invalid + "Only DELETE action is allowed when no attribute value is specified")
            }
            return .remove
        }
        switch action {
        case "ADD":
            if value.type == .list {
                let empty = ValueView(
                    UnsafeRawBufferPointer(start: emptyList.utf8Start, count: emptyList.utf8CodeUnitCount))
                return .set(.listAppend(.ifNotExists(DocumentPath(attribute: name), .value(empty)), .value(value)))
            }
            guard value.type == .number || value.type.isSet else {
                throw .validation(invalid + "ADD action is not supported for the type \(value.type.name)")
            }
            return .add(value)
        case "DELETE":
            guard value.type.isSet else {
                throw .validation(invalid + "DELETE action with value is not supported for the type \(value.type.name)")
            }
            return .delete(value)
        default: return .set(.value(value))
        }
    }
}

/// The older parameter that says which attributes are answered (AttributesToGet), as a projection.
enum LegacyProjection {
    static func projection(_ attributes: [String]?) throws(DynamoDBError) -> Projection? {
        guard let attributes else { return nil }
        var seen: Set<String> = []
        for name in attributes { try AttributeNames.check(name) }
        for name in attributes where !seen.insert(name).inserted {
            throw .validation(
                "One or more parameter values were invalid: Duplicate value in attribute name: \(name)")
        }
        return Projection(paths: attributes.map { DocumentPath(attribute: $0) })
    }
}
