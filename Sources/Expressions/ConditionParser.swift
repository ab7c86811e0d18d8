import Items

extension Condition {
    /// Parses a condition.
    ///
    /// - Throws: with AWS's message, for what is wrong with the text and the values that it names.
    package static func parse(
        _ kind: ExpressionKind, _ text: String, _ placeholders: inout Placeholders
    ) throws(ExpressionError) -> Condition {
        var parser = ConditionParser(try ExpressionParser(kind, text, placeholders))
        let condition = try parser.parse()
        placeholders = parser.base.placeholders
        return condition
    }
}

/// By precedence: OR, AND, NOT, then comparisons, functions and parentheses.
private struct ConditionParser {
    var base: ExpressionParser

    init(_ base: ExpressionParser) { self.base = base }

    /// An operand before it is known whether it may stand where it does.
    private indirect enum Term {
        case path(DocumentPath)
        case value(ValueView)
        /// A placeholder that is not defined.
        case undefined
        case call(String, [Term])
    }

    mutating func parse() throws(ExpressionError) -> Condition {
        let condition = try parseOr()
        try base.expectEnd()
        try base.throwFindings()
        guard let condition else { preconditionFailure("A condition that nothing is wrong with is none") }
        return condition
    }

    // MARK: Conditions. Nil for one that something is wrong with, which is noted.

    private mutating func parseOr() throws(ExpressionError) -> Condition? {
        var condition = try parseAnd()
        while base.skipKeyword("OR") {
            try base.countOperator()
            let other = try parseAnd()
            if let a = condition, let b = other { condition = .or(a, b) } else { condition = nil }
        }
        return condition
    }

    private mutating func parseAnd() throws(ExpressionError) -> Condition? {
        var condition = try parseNot()
        while base.skipKeyword("AND") {
            try base.countOperator()
            let other = try parseNot()
            if let a = condition, let b = other { condition = .and(a, b) } else { condition = nil }
        }
        return condition
    }

    private mutating func parseNot() throws(ExpressionError) -> Condition? {
        var isNegated = false
        while base.skipKeyword("NOT") {
            try base.countOperator()
            isNegated.toggle()
        }
        let condition = try parsePrimary()
        return isNegated ? condition.map { .not($0) } : condition
    }

    private mutating func parsePrimary() throws(ExpressionError) -> Condition? {
        if base.token.isSymbol("("), !isOperandInParentheses {
            try base.open()
            let condition = try parseOr()
            try base.close()
            return condition
        }
        let condition = try parseComparison()
        base.endCondition()
        return condition
    }

    /// Whether the parenthesis that comes holds an operand: a comparison, or more of a path, comes behind it.
    private var isOperandInParentheses: Bool {
        let next = base.tokenAfterParentheses
        if next.isKeyword("BETWEEN") || next.isKeyword("IN") { return true }
        return next.kind == .symbol && next.text != ")" && next.text != "("
    }

    private mutating func parseComparison() throws(ExpressionError) -> Condition? {
        let first = try parseTerm()
        if base.token.kind == .symbol, let comparator = Condition.Comparator(rawValue: String(base.token.text)) {
            base.advance()
            try base.countOperator()
            return comparison(comparator, first, try parseTerm())
        }
        if base.skipKeyword("BETWEEN") {
            try base.countOperator()
            let low = try parseTerm()
            try base.expectKeyword("AND")
            return between(first, low, try parseTerm())
        }
        if base.skipKeyword("IN") {
            try base.countOperator()
            return isIn(first, try parseArguments())
        }
        guard case .call(let name, let arguments) = first else { throw base.syntaxError }
        return function(name, arguments)
    }

    // MARK: Terms

    private mutating func parseTerm() throws(ExpressionError) -> Term {
        if base.token.isSymbol("(") {
            try base.open()
            let term = try parseTerm()
            try base.close()
            guard case .path(let path) = term else { return term }
            return .path(try base.parseSteps(after: path))
        }
        if base.token.kind == .valueReference { return try base.parseValue().map { .value($0) } ?? .undefined }
        if base.token.kind == .word, base.following.isSymbol("(") {
            if base.isOperatorWord(base.token) { throw base.syntaxError }
            let name = String(base.token.text)
            base.advance()
            try base.countOperator()
            let arguments = try parseArguments()
            checkFunction(name, arguments)
            return .call(name, arguments)
        }
        return .path(try base.parsePath())
    }

    private mutating func parseArguments() throws(ExpressionError) -> [Term] {
        // The parenthesis belongs to the function: one within it is not redundant.
        try base.openCall()
        var arguments = [try parseTerm()]
        while base.skip(",") { arguments.append(try parseTerm()) }
        try base.close()
        return arguments
    }

    // MARK: What may stand where

    private static let operandCounts = [
        "attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2,
        "size": 1,
    ]

    private mutating func checkFunction(_ name: String, _ arguments: [Term]) {
        checkMisuse(arguments)
        guard let count = Self.operandCounts[name] else {
            let isOfUpdates = name == "if_not_exists" || name == "list_append"
            base.note(
                .unknownFunction,
                isOfUpdates
                    ? "The function is not allowed in a condition expression; function: \(name)"
                    : "Invalid function name; function: \(name)")
            return
        }
        guard arguments.count == count else {
            base.note(
                .operandCount,
                OperandMessages.wrongCount(name, arguments.count))
            return
        }
        checkDistinct(name, arguments)
        switch name {
        case "attribute_exists", "attribute_not_exists":
            if case .path = arguments[0] { return }
            base.note(
                .functionOperand, OperandMessages.needsPath(name))
        case "begins_with":
            for argument in arguments { checkType(argument, [.string, .binary], of: name) }
        case "attribute_type": checkTypeName(arguments[1])
        case "size":
            checkType(arguments[0], [.string, .binary, .map, .list, .stringSet, .numberSet, .binarySet], of: name)
        default: break
        }
    }

    private mutating func checkMisuse(_ terms: [Term]) {
        for case .call(let name, _) in terms where name != "size" {
            base.note(
                .misusedFunction, OperandMessages.misused(name))
        }
    }

    private mutating func checkDistinct(_ name: String, _ terms: [Term]) {
        guard terms.count == 2, case .path(let a) = terms[0], case .path(let b) = terms[1], a == b else { return }
        base.note(
            .distinct,
            OperandMessages.indistinct(name, a))
    }

    /// Notes a constant of a wrong type.
    private mutating func checkType(_ term: Term, _ types: [AttributeType], of function: String) {
        let type: AttributeType
        switch term {
        case .value(let value): type = value.type
        case .call("size", _): type = .number
        default: return
        }
        guard !types.contains(type) else { return }
        base.note(.functionOperand, OperandMessages.wrongType(function, "\(type.name)"))
    }

    private mutating func checkTypeName(_ term: Term) {
        guard case .value(let value) = term, let name = value.string else {
            var type = "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"
            if case .value(let value) = term { type = "\(value.type.name)" }
            base.note(
                .functionOperand,
                OperandMessages.wrongType("attribute_type", type))
            return
        }
        if AttributeType(name: name) == nil {
            base.note(
                .functionOperand,
                "Invalid attribute type name found; type: \(name), valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}")
        }
    }

    // MARK: From terms to conditions

    private func operand(_ term: Term) -> Condition.Operand? {
        switch term {
        case .path(let path): return .path(path)
        case .value(let value): return .value(value)
        case .call("size", let arguments) where arguments.count == 1:
            return operand(arguments[0]).map { .size($0) }
        case .call, .undefined: return nil
        }
    }

    private mutating func comparison(_ comparator: Condition.Comparator, _ a: Term, _ b: Term) -> Condition? {
        checkMisuse([a, b])
        checkDistinct(comparator.rawValue, [a, b])
        if comparator != .equal, comparator != .notEqual {
            for term in [a, b] { checkType(term, [.string, .number, .binary], of: comparator.rawValue) }
        }
        guard let a = operand(a), let b = operand(b) else { return nil }
        return .comparison(comparator, a, b)
    }

    private mutating func between(_ term: Term, _ low: Term, _ high: Term) -> Condition? {
        checkMisuse([term, low, high])
        for term in [term, low, high] { checkType(term, [.string, .number, .binary], of: "BETWEEN") }
        if case .value(let a) = low, case .value(let b) = high, let message = OperandMessages.bounds(a, b) {
            base.note(.functionOperand, message)
        }
        guard let term = operand(term), let low = operand(low), let high = operand(high) else { return nil }
        return .between(term, low, high)
    }

    private mutating func isIn(_ term: Term, _ candidates: [Term]) -> Condition? {
        checkMisuse([term] + candidates)
        if candidates.count > ExpressionLimits.inOperandsMax {
            base.note(
                .operandCount,
                OperandMessages.tooManyInOperands(candidates.count))
        }
        guard let term = operand(term) else { return nil }
        let operands = candidates.compactMap { operand($0) }
        return operands.count == candidates.count ? .isIn(term, operands) : nil
    }

    /// A function that is a condition by itself.
    private mutating func function(_ name: String, _ arguments: [Term]) -> Condition? {
        if name == "size" {
            base.note(
                .misusedFunction, OperandMessages.misused("size"))
        }
        let operands = arguments.compactMap { operand($0) }
        guard operands.count == arguments.count, Self.operandCounts[name] == operands.count else { return nil }
        switch name {
        case "attribute_exists", "attribute_not_exists":
            guard case .path(let path) = operands[0] else { return nil }
            return name == "attribute_exists" ? .exists(path) : .doesNotExist(path)
        case "begins_with": return .beginsWith(operands[0], operands[1])
        case "contains": return .contains(operands[0], operands[1])
        case "attribute_type":
            guard case .value(let value) = operands[1], let type = value.string.flatMap({ AttributeType(name: $0) })
            else {
                return nil
            }
            return .hasType(operands[0], type)
        default: return nil
        }
    }
}
