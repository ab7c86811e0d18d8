/// Which parameter of a request an expression is.
package enum ExpressionKind: Sendable {
    case condition
    case filter
    case keyCondition
    case projection
    case update

    /// The parameter's name.
    package var parameter: StaticString {
        switch self {
        case .condition: "ConditionExpression"
        case .filter: "FilterExpression"
        case .keyCondition: "KeyConditionExpression"
        case .projection: "ProjectionExpression"
        case .update: "UpdateExpression"
        }
    }
}

/// Why an expression is refused: always a ValidationException.
package struct ExpressionError: Error, Equatable, Sendable {
    /// AWS's message, the parameter's name included where AWS names it.
    package let message: String

    /// A message as it stands.
    package init(_ message: String) { self.message = message }

    /// What is wrong with the text of a parameter.
    init(_ kind: ExpressionKind, _ detail: String) { message = "Invalid \(kind.parameter): \(detail)" }
}

/// What AWS allows in an expression.
package enum ExpressionLimits {
    /// Bytes of an expression. (AWS: 4 KB.)
    package static let sizeMax = 4096
    /// Operators and functions of an expression. (AWS.)
    package static let operatorsMax = 300
    /// Values that IN compares with. (AWS.)
    package static let inOperandsMax = 100
    /// Levels of a document path. (AWS.)
    package static let pathLevelsMax = 32
    /// A list index. (AWS takes less than ten digits: unverified.)
    package static let listIndexMax = 999_999_999
    /// Levels of parentheses and functions: beyond it an expression has too many operators, or parentheses that AWS
    /// calls redundant. Bounds the parsers' stack.
    static let nestingMax = 400
}
