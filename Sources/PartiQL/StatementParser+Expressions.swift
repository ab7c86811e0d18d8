/// How tightly an operator binds.
private enum Precedence {
    static let or = 1
    static let and = 2
    static let not = 3
    static let equality = 4
    static let comparison = 5
    static let sum = 6
    static let product = 7

    static func of(_ infix: String) -> Int {
        switch infix {
        case "or": or
        case "and": and
        case "=", "<>", "is", "in": equality
        case "<", "<=", ">", ">=", "between", "like": comparison
        case "+", "-", "||": sum
        default: product
        }
    }
}

extension StatementParser {
    /// Reads an expression of operators that bind tighter than `precedence`.
    mutating func parseExpression(above precedence: Int = 0) throws(StatementError) -> SyntaxNode {
        var node = try parseUnary()
        while let infix, Precedence.of(infix.name) > precedence {
            try countOperator()
            if infix.isNegated { take() }
            let span = take().span
            let result = try parseRight(of: infix.name, node, span)
            node = infix.isNegated ? .not(result, span) : result
        }
        return node
    }

    /// The operator between operands that comes next; with NOT before it, it is negated.
    private var infix: (name: String, isNegated: Bool)? {
        if token.isKeyword("not") {
            let names = ["in", "between", "like"]
            return following.kind == .keyword && names.contains(following.text) ? (following.text, true) : nil
        }
        switch token.kind {
        case .keyword:
            let isInfix = ["and", "or", "is", "in", "between", "like"].contains(token.text)
            return isInfix ? (token.text, false) : nil
        case .symbol:
            let names = ["=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "||"]
            return names.contains(token.text) ? (token.text, false) : nil
        default: return nil
        }
    }

    /// Reads what is on the right of an operator.
    private mutating func parseRight(
        of infix: String, _ left: SyntaxNode, _ span: SourceSpan
    ) throws(StatementError) -> SyntaxNode {
        switch infix {
        case "is": return try parseType(of: left, span)
        case "in" where token.isSymbol("("):
            let start = take().span
            return .binary("in", left, .list(try parseElements(to: ")", "RIGHT_PAREN"), start), span)
        case "between":
            let low = try parseOperand(above: Precedence.comparison)
            try expectKeyword("and")
            guard token.kind != .end else { throw .malformed("Expected expression after AND") }
            return .between(left, low, try parseExpression(above: Precedence.comparison), span)
        case "like":
            _ = try parseOperand(above: Precedence.comparison)
            if skipKeyword("escape") { _ = try parseExpression(above: Precedence.comparison) }
            return .unsupported("like", span)
        default: return .binary(infix, left, try parseOperand(above: Precedence.of(infix)), span)
        }
    }

    private mutating func parseOperand(above precedence: Int) throws(StatementError) -> SyntaxNode {
        guard token.kind != .end else {
            throw .malformed("Missing right-hand side expression of infix operator")
        }
        return try parseExpression(above: precedence)
    }

    private mutating func parseType(of node: SyntaxNode, _ span: SourceSpan) throws(StatementError) -> SyntaxNode {
        let isNegated = skipKeyword("not")
        guard token.kind == .keyword, Keywords.types.contains(token.text) else {
            throw .malformed("Expected type name")
        }
        let name = take().text
        if name == "double" { try expectKeyword("precision") }
        if name == "character" { _ = skipKeyword("varying") }
        if skip("(") { _ = try parseElements(to: ")", "RIGHT_PAREN") }
        let test = SyntaxNode.hasType(node, name, span)
        return isNegated ? .not(test, span) : test
    }

    // MARK: Prefixes

    private mutating func parseUnary() throws(StatementError) -> SyntaxNode {
        let span = token.span
        if skipKeyword("not") {
            try countOperator()
            try enter()
            let node = try parseExpression(above: Precedence.not)
            leave()
            return .not(node, span)
        }
        var isSigned = false
        var isNegative = false
        while token.isSymbol("+") || token.isSymbol("-") {
            isSigned = true
            if take().text == "-" { isNegative.toggle() }
        }
        let node = try parsePathTerm()
        guard isSigned else { return node }
        guard case .number(let text, let span) = node else { return .unsupported(isNegative ? "-" : "+", span) }
        return .number(isNegative ? "-" + text : text, span)
    }

    // MARK: Paths

    /// Reads a path of names and list indexes: of what a statement changes.
    mutating func parseSimplePath() throws(StatementError) -> SyntaxPath {
        guard token.isName else { throw .malformed("Expected identifier for simple path") }
        let first = take()
        var path = SyntaxPath(name: first.text, span: first.span)
        while let step = try parseStep() {
            switch step {
            case .wildcard: throw .malformed("Invalid path dot component for simple path")
            case .index(.number), .name: path.steps.append(step)
            case .index: throw .malformed("Invalid path component for simple path")
            }
        }
        return path
    }

    /// Reads a term, and the path that goes on from it.
    mutating func parsePathTerm() throws(StatementError) -> SyntaxNode {
        let node = try parseTerm()
        guard token.isSymbol(".") || token.isSymbol("[") else { return node }
        guard case .path(var path) = node else {
            while try parseStep() != nil {}
            return .unsupported("Path", node.span)
        }
        while let step = try parseStep() { path.steps.append(step) }
        return .path(path)
    }

    /// Reads a step of a path; nil when none comes.
    private mutating func parseStep() throws(StatementError) -> SyntaxPath.Step? {
        if skip(".") {
            if skip("*") { return .wildcard }
            guard token.isName else { throw .malformed("Invalid path dot component") }
            return .name(take().text)
        }
        guard skip("[") else { return nil }
        try enter()
        let step: SyntaxPath.Step = skip("*") ? .wildcard : .index(try parseExpression())
        try expect("]", "RIGHT_BRACKET")
        leave()
        return step
    }

    // MARK: Terms

    /// Reads what no operator is in, but for brackets of some kind.
    mutating func parseTerm() throws(StatementError) -> SyntaxNode {
        let token = token
        switch token.kind {
        case .identifier, .quotedIdentifier:
            take()
            if skip("(") { return try parseCall(token) }
            return .path(SyntaxPath(name: token.text, span: token.span))
        case .string:
            take()
            return .string(token.text, token.span)
        case .number:
            take()
            return .number(token.text, token.span)
        case .parameter:
            take()
            return .parameter(nextParameter(), token.span)
        case .keyword: return try parseKeyword(token)
        case .symbol: return try parseBrackets(token)
        case .end: throw .malformed("Unexpected term")
        }
    }

    private mutating func parseKeyword(_ keyword: StatementToken) throws(StatementError) -> SyntaxNode {
        switch keyword.text {
        case "true", "false":
            take()
            return .boolean(keyword.text == "true", keyword.span)
        case "null":
            take()
            return .null(keyword.span)
        case "missing":
            take()
            return .missing(keyword.span)
        case "from":
            take()
            try enter()
            _ = try parseFromFirst()
            leave()
            return .unsupported("From", keyword.span)
        case "select":
            take()
            try enter()
            _ = try parseSelect()
            leave()
            return .unsupported("Select", keyword.span)
        case "as", "at", "by": throw .malformed("Unexpected term")
        case _ where Keywords.operators.contains(keyword.text): throw .malformed("Unexpected operator")
        case _ where Keywords.functions.contains(keyword.text) && following.isSymbol("("):
            take()
            take()
            return try parseCall(keyword)
        default: throw .malformed("Unexpected keyword")
        }
    }

    /// Reads a call's operands, behind the parenthesis.
    private mutating func parseCall(_ name: StatementToken) throws(StatementError) -> SyntaxNode {
        try countOperator()
        let function = name.text.lowercased()
        if token.isSymbol("*") {
            guard function == "count" else { throw .malformed("\(function)(*) is not allowed") }
            take()
            try expect(")", "RIGHT_PAREN")
            return .call(function, [], name.span)
        }
        return .call(function, try parseElements(to: ")", "RIGHT_PAREN"), name.span)
    }

    private mutating func parseBrackets(_ symbol: StatementToken) throws(StatementError) -> SyntaxNode {
        switch symbol.text {
        case "(":
            take()
            let elements = try parseElements(to: ")", "RIGHT_PAREN")
            guard let first = elements.first else { throw .malformed("Expression group cannot be empty") }
            return elements.count == 1 ? first : .list(elements, symbol.span)
        case "[":
            take()
            return .list(try parseElements(to: "]", "RIGHT_BRACKET"), symbol.span)
        case "<<":
            take()
            return .bag(try parseElements(to: ">>", "RIGHT_DOUBLE_ANGLE_BRACKET"), symbol.span)
        case "{":
            take()
            return .map(try parseMembers(), symbol.span)
        case "=", "<>", "<", "<=", ">", ">=", "+", "-", "/", "%", "||": throw .malformed("Unexpected operator")
        default: throw .malformed("Unexpected term")
        }
    }

    /// Reads expressions between commas, and what ends them.
    private mutating func parseElements(
        to end: String, _ name: StaticString
    ) throws(StatementError) -> [SyntaxNode] {
        if skip(end) { return [] }
        try enter()
        var elements: [SyntaxNode] = []
        repeat { elements.append(try parseExpression()) } while skip(",")
        try expect(end, name)
        leave()
        return elements
    }

    private mutating func parseMembers() throws(StatementError) -> [(key: SyntaxNode, value: SyntaxNode)] {
        if skip("}") { return [] }
        try enter()
        var members: [(key: SyntaxNode, value: SyntaxNode)] = []
        repeat {
            let key = try parseExpression()
            try expect(":", "COLON")
            members.append((key, try parseExpression()))
        } while skip(",")
        try expect("}", "RIGHT_CURLY")
        leave()
        return members
    }
}
