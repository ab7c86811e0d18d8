/// Errors that are no errors of syntax.
enum Finding {
    case parentheses
    case unknownFunction
    case misusedFunction
    case reserved
    case section
    case pathLevels
    case nameReference
    case valueReference
    case collision
    case operandCount
    case distinct
    /// Of an operator or action.
    case operandType
    /// Of a function.
    case functionOperand
}

/// The first error of each kind, in AWS's order: roughly, what the text alone shows, then what its placeholders show,
/// then what their values show.
struct Findings {
    private let kind: ExpressionKind
    private var messages: [Finding: String] = [:]

    /// The first error of the leftmost condition that has one of its own.
    private var condition: String?

    /// Nothing found yet.
    init(_ kind: ExpressionKind) { self.kind = kind }

    /// Those that AWS looks for condition by condition.
    private static let perCondition: [Finding] = [.nameReference, .operandCount, .distinct, .functionOperand]

    private var order: [Finding] {
        switch kind {
        case .update:
            [
                .reserved, .unknownFunction, .misusedFunction, .section, .pathLevels, .nameReference, .valueReference,
                .collision, .operandType, .functionOperand,
            ]
        case .projection: [.reserved, .pathLevels, .nameReference, .collision]
        default: [.parentheses, .unknownFunction, .misusedFunction, .reserved, .pathLevels]
        }
    }

    /// Keeps an error, unless there is one of its kind.
    mutating func note(_ finding: Finding, _ message: String) {
        var finding = finding
        switch (kind, finding) {
        // An update's functions are looked at as one.
        case (.update, .operandCount): finding = .functionOperand
        case (.update, _), (.projection, _): break
        case (_, .valueReference): finding = .nameReference
        case (_, .operandType): finding = .functionOperand
        default: break
        }
        if messages[finding] == nil { messages[finding] = message }
    }

    /// Ends a primary condition: its own errors come before those of later ones.
    mutating func endCondition() {
        guard condition == nil else { return }
        condition = first(of: Self.perCondition)
    }

    /// What is to be reported.
    var first: String? { first(of: order) ?? condition }

    private func first(of findings: [Finding]) -> String? {
        for finding in findings {
            if let message = messages[finding] { return message }
        }
        return nil
    }
}
