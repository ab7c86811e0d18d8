import Items

extension Update {
    /// Parses an UpdateExpression.
    ///
    /// - Throws: with AWS's message, for what is wrong with the text and the values that it names.
    package static func parse(_ text: String, _ placeholders: inout Placeholders) throws(ExpressionError) -> Update {
        var parser = UpdateParser(try ExpressionParser(.update, text, placeholders))
        let update = try parser.parse()
        placeholders = parser.base.placeholders
        return update
    }
}

private struct UpdateParser {
    var base: ExpressionParser
    private var actions: [Update.Action] = []
    private var paths: [DocumentPath] = []

    init(_ base: ExpressionParser) { self.base = base }

    private enum Section: String, CaseIterable {
        case set = "SET"
        case remove = "REMOVE"
        case add = "ADD"
        case delete = "DELETE"
    }

    /// An operand before it is known whether it may stand where it does.
    private indirect enum Term {
        case path(DocumentPath)
        case value(ValueView)
        /// A placeholder that is not defined.
        case undefined
        case call(String, [Term])
        case arithmetic(String, Term, Term)
    }

    mutating func parse() throws(ExpressionError) -> Update {
        var seen: Set<Section> = []
        repeat {
            guard base.token.kind == .word, let section = Section(rawValue: base.token.text.uppercased()) else {
                throw base.syntaxError
            }
            base.advance()
            try parse(section)
            if !seen.insert(section).inserted {
                base.note(
                    .section, "The \"\(section.rawValue)\" section can only be used once in an update expression;")
            }
        } while base.token.kind != .end
        if let message = DocumentPath.collisionMessage(paths) { base.note(.collision, message) }
        try base.throwFindings()
        return Update(actions: actions)
    }

    private mutating func parse(_ section: Section) throws(ExpressionError) {
        repeat {
            let path = try base.parsePath()
            paths.append(path)
            switch section {
            case .set:
                try base.expect("=")
                if let operand = operand(try parseValue()) { actions.append(.init(path: path, change: .set(operand))) }
            case .remove: actions.append(.init(path: path, change: .remove))
            case .add, .delete:
                guard let value = try base.parseValue() else { break }
                check(value, section)
                actions.append(.init(path: path, change: section == .add ? .add(value) : .delete(value)))
            }
        } while base.skip(",")
    }

    // MARK: Values of SET

    private mutating func parseValue() throws(ExpressionError) -> Term {
        if base.token.isSymbol("("), !isArithmetic(base.tokenAfterParentheses) {
            try base.openCall()
            let term = try parseArithmetic()
            try base.close()
            return term
        }
        return try parseArithmetic()
    }

    private func isArithmetic(_ token: Token) -> Bool { token.isSymbol("+") || token.isSymbol("-") }

    private mutating func parseArithmetic() throws(ExpressionError) -> Term {
        let first = try parseTerm()
        guard isArithmetic(base.token) else { return first }
        let sign = String(base.token.text)
        base.advance()
        try base.countOperator()
        let second = try parseTerm()
        for term in [first, second] { checkType(term, .number, of: sign) }
        return .arithmetic(sign, first, second)
    }

    private mutating func parseTerm() throws(ExpressionError) -> Term {
        if base.token.isSymbol("(") {
            try base.openCall()
            let term = try parseTerm()
            try base.close()
            return term
        }
        if base.token.kind == .valueReference { return try base.parseValue().map { .value($0) } ?? .undefined }
        if base.token.kind == .word, base.following.isSymbol("("),
            !base.isOperatorWord(base.token)
        {
            return try parseCall()
        }
        return .path(try base.parsePath())
    }

    private mutating func parseCall() throws(ExpressionError) -> Term {
        let name = String(base.token.text)
        base.advance()
        try base.countOperator()
        try base.openCall()
        var arguments = [try parseTerm()]
        while base.skip(",") { arguments.append(try parseTerm()) }
        try base.close()
        checkFunction(name, arguments)
        return .call(name, arguments)
    }

    // MARK: What may stand where

    private static let conditions: Set<String> = [
        "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size",
    ]

    private mutating func checkFunction(_ name: String, _ arguments: [Term]) {
        for case .call("list_append", _) in arguments {
            base.note(
                .misusedFunction, OperandMessages.misused("list_append"))
        }
        guard name == "if_not_exists" || name == "list_append" else {
            base.note(
                .unknownFunction,
                Self.conditions.contains(name)
                    ? "The function is not allowed in an update expression; function: \(name)"
                    : "Invalid function name; function: \(name)")
            return
        }
        guard arguments.count == 2 else {
            base.note(
                .operandCount,
                OperandMessages.wrongCount(name, arguments.count))
            return
        }
        if name == "list_append" {
            for argument in arguments { checkType(argument, .list, of: name) }
        } else {
            if case .path = arguments[0] { return }
            base.note(
                .functionOperand, OperandMessages.needsPath(name))
        }
    }

    /// Notes a constant of a wrong type.
    private mutating func checkType(_ term: Term, _ type: AttributeType, of name: String) {
        guard case .value(let value) = term, value.type != type else { return }
        base.note(
            .functionOperand,
            OperandMessages.wrongType(name, "\(value.type.name)"))
    }

    /// Notes a value that cannot be added or taken out.
    private mutating func check(_ value: ValueView, _ section: Section) {
        if value.type.isSet || (section == .add && value.type == .number) { return }
        base.note(
            .operandType,
            "Incorrect operand type for operator or function; operator: \(section.rawValue), "
                + "operand type: \(Self.longName(value.type))")
    }

    private static func longName(_ type: AttributeType) -> StaticString {
        switch type {
        case .string: "STRING"
        case .number: "NUMBER"
        case .binary: "BINARY"
        case .boolean: "BOOLEAN"
        case .map: "MAP"
        case .list: "LIST"
        default: type.name
        }
    }

    /// The operand that a term stands for; nil when something is wrong with it, which is noted.
    private func operand(_ term: Term) -> Update.Operand? {
        switch term {
        case .path(let path): return .path(path)
        case .value(let value): return .value(value)
        case .undefined: return nil
        case .arithmetic(let sign, let a, let b):
            guard let a = operand(a), let b = operand(b) else { return nil }
            return sign == "+" ? .sum(a, b) : .difference(a, b)
        case .call(let name, let arguments):
            guard arguments.count == 2, let second = operand(arguments[1]) else { return nil }
            if name == "if_not_exists" {
                guard case .path(let path) = arguments[0] else { return nil }
                return .ifNotExists(path, second)
            }
            return operand(arguments[0]).map { .listAppend($0, second) }
        }
    }
}
