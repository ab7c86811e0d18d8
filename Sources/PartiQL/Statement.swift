package import Items

/// A statement of DynamoDB's PartiQL, with its values: what it does is said in the terms of expressions.
///
/// Conditions, updates and items in it are views of its values: keep the statement as long as they are in use.
///
/// Unchecked: nothing of it changes once it is made, and the views in it point into memory that is its own.
package final class Statement: @unchecked Sendable {
    /// What a statement does.
    package enum Body {
        case select(SelectStatement)
        /// EXISTS(SELECT …): in a transaction, that an item is as the condition says.
        case exists(SelectStatement)
        case insert(InsertStatement)
        case update(UpdateStatement)
        case delete(DeleteStatement)
    }

    /// What it does.
    package let body: Body

    /// What the body's views look at.
    private let values: ValueBuilder

    private init(_ body: Body, _ values: consuming ValueBuilder) {
        self.body = body
        self.values = values
    }

    /// Reads a statement.
    ///
    /// - Parameters:
    ///   - text: no longer than `StatementLimits.lengthMax`.
    ///   - parameters: what its question marks stand for, in their order. They are copied.
    /// - Throws: with AWS's message. First comes what is wrong with the text, then what is wrong with its values, from
    ///   left to right but for the conditions of writes, which come last.
    package static func parse(
        _ text: String, parameters: [ValueView] = []
    ) throws(StatementError) -> Statement {
        guard text.unicodeScalars.count <= StatementLimits.lengthMax else {
            throw StatementError(
                "1 validation error detected: Value at 'statement' failed to satisfy constraint: "
                    + "Member must have length less than or equal to \(StatementLimits.lengthMax)")
        }
        var parser = try StatementParser(text)
        let syntax = try parser.parse()
        guard parser.parameterCount == parameters.count else {
            throw StatementError("Number of parameters in request and statement don't match.")
        }
        var lowering = Lowering(text, parameters)
        let body = try lowering.body(syntax)
        return Statement(body, lowering.finish())
    }

    /// The table that it is of.
    package var table: String {
        switch body {
        case .select(let statement), .exists(let statement): statement.table
        case .insert(let statement): statement.table
        case .update(let statement): statement.table
        case .delete(let statement): statement.table
        }
    }

    /// Whether it reads only.
    package var isRead: Bool {
        if case .select = body { return true }
        return false
    }

    /// What a write answers with; nil for nothing.
    package var returning: Returning? {
        switch body {
        case .update(let statement): statement.returning
        case .delete(let statement): statement.returnsOld ? .allOld : nil
        default: nil
        }
    }
}
