import Expressions
import Items

/// A request's expressions, and what stands for names and values in them.
///
/// AWS looks at them in an order of its own: whether expressions and the older parameters are mixed, whether there are
/// placeholders without expressions, and only then at each.
struct ExpressionParameters {
    private var placeholders = Placeholders(names: [:], values: [:])
    private let names: [String: String]?
    private let values: ItemRef?
    private let arena: RequestArena
    private let valueProblem: ValueProblem
    /// Placeholders are looked at when the first expression is.
    private var hasPlaceholders = false

    /// - Parameters:
    ///   - expressions: the request's expression parameters, by name, in AWS's order for its messages.
    ///   - legacy: the older parameters that are there, by name, in AWS's order.
    ///   - checksValues: whether values that are not allowed are refused here; else the caller calls `checkValues`.
    ///   - valueUsers: those of the expressions that may use values; empty when the operation takes no values.
    ///   - isOfTransaction: whether names and values may be there without an expression, as in a transaction's parts.
    /// - Throws: what is wrong with how they go together.
    init(
        expressions: [(name: String, text: String?)], legacy: [(name: String, isPresent: Bool)],
        names: [String: String]?, values: ItemRef?, valueUsers: [String], arena: RequestArena,
        valueProblem: ValueProblem, checksValues: Bool = true, isOfTransaction: Bool = false
    ) throws(DynamoDBError) {
        let given = expressions.filter { $0.text != nil }.map(\.name)
        var old = legacy.filter(\.isPresent).map(\.name)
        // The older way to name a query's key goes with the expressions of what else there is.
        if !given.isEmpty, !given.contains("KeyConditionExpression") { old.removeAll { $0 == "KeyConditions" } }
        if !given.isEmpty, !old.isEmpty {
            throw .validation(
                "Can not use both expression and non-expression parameters in the same request: "
                    + "Non-expression parameters: {\(old.joined(separator: ", "))} "
                    + "Expression parameters: {\(given.joined(separator: ", "))}")
        }
        if names != nil, given.isEmpty, !isOfTransaction {
            throw .validation("ExpressionAttributeNames can only be specified when using expressions")
        }
        let mayUseValues = expressions.contains { $0.text != nil && valueUsers.contains($0.name) }
        if values != nil, !mayUseValues, !isOfTransaction {
            throw Self.valuesWithoutExpression(valueUsers)
        }
        self.names = names
        self.values = values
        self.arena = arena
        self.valueProblem = valueProblem
        if checksValues { try checkValues() }
    }

    /// Refuses values of items, keys and older parameters that are not allowed.
    func checkValues() throws(DynamoDBError) {
        if let problem = valueProblem.first { throw .validation(problem) }
    }

    private mutating func readPlaceholders() throws(DynamoDBError) {
        guard !hasPlaceholders else { return }
        hasPlaceholders = true
        if let names {
            if names.isEmpty { throw .validation("ExpressionAttributeNames must not be empty") }
            if let error = Placeholders.malformed(names: names.keys.sorted()) { throw .validation(error.message) }
            for name in names.values { try AttributeNames.check(name) }
        }
        var byName: [String: ValueView] = [:]
        if let values {
            for (name, value) in arena.item(values).attributes { byName[String(decoding: name, as: UTF8.self)] = value }
            if byName.isEmpty { throw .validation("ExpressionAttributeValues must not be empty") }
            if let error = Placeholders.malformed(values: byName.keys.sorted()) { throw .validation(error.message) }
            if let problem = valueProblem.ofExpression { throw .validation(problem) }
        }
        placeholders = Placeholders(names: names ?? [:], values: byName)
    }

    private static func valuesWithoutExpression(_ users: [String]) -> DynamoDBError {
        let verb = users.count > 1 ? "are" : "is"
        return .validation(
            "ExpressionAttributeValues can only be specified when using expressions: "
                + "\(users.joined(separator: " and ")) \(verb) null")
    }

    mutating func condition(
        _ kind: ExpressionKind, _ text: String?
    ) throws(DynamoDBError) -> Condition? {
        guard let text else { return nil }
        try readPlaceholders()
        do { return try Condition.parse(kind, text, &placeholders) } catch { throw .validation(error.message) }
    }

    /// The conditions on key attributes that a KeyConditionExpression is made of. AWS looks for them when all
    /// expressions have been parsed.
    static func keyConditions(_ condition: Condition) throws(DynamoDBError) -> [KeyCondition] {
        do { return try KeyCondition.list(condition) } catch { throw .validation(error.message) }
    }

    mutating func projection(_ text: String?) throws(DynamoDBError) -> Projection? {
        guard let text else { return nil }
        try readPlaceholders()
        do { return try Projection.parse(text, &placeholders) } catch { throw .validation(error.message) }
    }

    mutating func update(_ text: String?) throws(DynamoDBError) -> Update? {
        guard let text else { return nil }
        try readPlaceholders()
        do { return try Update.parse(text, &placeholders) } catch { throw .validation(error.message) }
    }

    /// To be called when all expressions have been parsed.
    func checkAllUsed() throws(DynamoDBError) {
        if let error = placeholders.unused { throw .validation(error.message) }
    }
}

/// What attributes may be called, wherever a request names them.
enum AttributeNames {
    static func check(_ name: String) throws(DynamoDBError) {
        if name.isEmpty { throw .validation("Empty attribute name") }
        if name.utf8.count > ItemLimits.nameSizeMax {
            throw .validation("Attribute name is too large, must be less than \(ItemLimits.nameSizeMax + 1) bytes")
        }
    }
}
