/// Why a statement is refused: always a ValidationException.
package struct StatementError: Error, Equatable, Sendable {
    /// AWS's message.
    package let message: String

    /// A message as it stands.
    package init(_ message: String) { self.message = message }

    /// The text is no statement.
    ///
    /// - Parameter detail: what the parser did not expect; empty when the text cannot even be cut into tokens.
    static func malformed(_ detail: String) -> StatementError {
        StatementError("Statement wasn't well formed, can't be processed: " + detail)
    }

    /// A message with the place that it is about.
    static func at(_ span: SourceSpan, _ message: String) -> StatementError {
        StatementError("\(message) at \(span.description)")
    }
}

extension StatementError {
    /// A write, or EXISTS, does not say which item it is of.
    package static let incompleteKey = StatementError(
        "Where clause does not contain a mandatory equality on all key attributes")

    /// EXISTS is of more than one item, or asks nothing of it.
    package static let incompleteExistence = StatementError(
        "EXISTS() must contain a single item read with additional condition")

    /// EXISTS stands outside a transaction of writes.
    package static let misplacedExistence = StatementError(
        "EXISTS can only be used in ExecuteTransaction write requests.")

    /// A SELECT of a transaction or batch is not of one item by its key.
    ///
    /// - Parameter operation: ExecuteTransaction or BatchExecuteStatement.
    package static func needsWholeKey(in operation: StaticString) -> StatementError {
        StatementError("Select statements within \(operation) must specify the primary key in the where clause.")
    }

    /// A SELECT of a transaction is of an index.
    package static let indexInTransaction = StatementError("Reads on indices are not supported within transactions.")

    /// A statement of a transaction asks for the item.
    package static let returningInTransaction = StatementError(
        "RETURNING clause is not supported in ExecuteTransaction.")

    /// A transaction reads and writes.
    package static let mixedTransaction = StatementError(
        "ExecuteTransaction API does not support both read and write operations in the same request.")

    /// The table's key, or the index's, has several attributes a part.
    private static let keyTypeSentence = "Key attribute's data type should match its data type in table's schema: Key "

    static func keyType(of attribute: String) -> StatementError { StatementError(keyTypeSentence + attribute) }

    /// Whether a message is of a value that has not its key attribute's type.
    package static func isOfKeyType(_ message: String) -> Bool { message.hasPrefix(keyTypeSentence) }

    package static let multiAttributeKey = StatementError(
        "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys.")
}

/// What is allowed of a statement.
package enum StatementLimits {
    /// Characters of a statement. (AWS.)
    package static let lengthMax = 8192
    /// Queries that one SELECT is taken apart into. (AWS.)
    package static let readsMax = 50
    /// Parentheses, lists, maps, sets and NOTs within one another. Bounds the parser's stack; AWS's own bound is not
    /// known, but values nested by more than 32 are refused anyway.
    static let nestingMax = 200
    /// A list index. (AWS: what 32 bits hold.)
    static let listIndexMax = Int(Int32.max)
}
