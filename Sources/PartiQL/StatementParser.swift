import Expressions

/// Reads a statement's text. What is wrong with it is said in AWS's words; what its values mean is not looked at yet.
struct StatementParser {
    private let tokens: [StatementToken]
    private var index = 0
    private var nesting = 0
    private var operatorCount = 0

    /// The parameters that the text has.
    private(set) var parameterCount = 0

    /// - Throws: when the text cannot be cut into tokens.
    init(_ text: String) throws(StatementError) { tokens = try StatementLexer.tokens(of: text) }

    // MARK: Tokens

    /// The token that comes.
    var token: StatementToken { tokens[index] }

    /// The token after the one that comes.
    var following: StatementToken { tokens[min(index + 1, tokens.count - 1)] }

    /// Moves past the token that comes, and returns it; the end stays.
    @discardableResult
    mutating func take() -> StatementToken {
        defer { index = min(index + 1, tokens.count - 1) }
        return token
    }

    /// Skips a symbol if it comes next.
    mutating func skip(_ symbol: String) -> Bool {
        guard token.isSymbol(symbol) else { return false }
        take()
        return true
    }

    /// Skips a keyword, given in lower case, if it comes next.
    mutating func skipKeyword(_ keyword: String) -> Bool {
        guard token.isKeyword(keyword) else { return false }
        take()
        return true
    }

    /// Skips a symbol that must come next.
    ///
    /// - Parameter name: what the message calls it.
    mutating func expect(_ symbol: String, _ name: StaticString) throws(StatementError) {
        guard skip(symbol) else { throw .malformed("Expected \(name)") }
    }

    /// Skips a keyword that must come next.
    mutating func expectKeyword(_ keyword: String) throws(StatementError) {
        guard skipKeyword(keyword) else { throw .malformed("Expected \(keyword.uppercased())") }
    }

    // MARK: Bounds

    /// Goes a level deeper. The caller comes back with `leave`.
    mutating func enter() throws(StatementError) {
        nesting += 1
        guard nesting <= StatementLimits.nestingMax else {
            throw StatementError("Nesting Levels have exceeded supported limits")
        }
    }

    /// Comes back from a level.
    mutating func leave() { nesting -= 1 }

    /// Counts an operator or function.
    mutating func countOperator() throws(StatementError) {
        operatorCount += 1
        guard operatorCount <= ExpressionLimits.operatorsMax else {
            throw StatementError(OperandMessages.tooManyOperators(operatorCount))
        }
    }

    /// The number of the parameter that comes.
    mutating func nextParameter() -> Int {
        defer { parameterCount += 1 }
        return parameterCount
    }

    // MARK: Statements

    /// Reads the whole text.
    mutating func parse() throws(StatementError) -> SyntaxStatement {
        let statement = try parseStatement()
        _ = skip(";")
        guard token.kind == .end else { throw .malformed("Unexpected token after expression") }
        return statement
    }

    private mutating func parseStatement() throws(StatementError) -> SyntaxStatement {
        if skipKeyword("select") { return .select(try parseSelect()) }
        if token.isKeyword("insert"), following.isKeyword("into") { return try parseInsert() }
        if skipKeyword("update") { return .update(try parseUpdate()) }
        if skipKeyword("delete") { return .delete(try parseDelete()) }
        if skipKeyword("from") { return .update(try parseFromFirst()) }
        if let select = try parseExists() { return .exists(select) }
        return .expression(try parseExpression())
    }

    private mutating func parseExists() throws(StatementError) -> SyntaxSelect? {
        let start = index
        guard skipKeyword("exists"), skip("("), skipKeyword("select") else {
            index = start
            return nil
        }
        let select = try parseSelect()
        try expect(")", "RIGHT_PAREN")
        return select
    }

    private mutating func parseInsert() throws(StatementError) -> SyntaxStatement {
        take()
        take()
        let source = try parseSimplePath()
        guard skipKeyword("value") else {
            let values = try parseExpression()
            return .insert(source, .unsupported("INSERT without VALUE", values.span))
        }
        let value = try parseExpression()
        let clause = token.span
        if skipKeyword("returning") {
            _ = try parseReturning()
            return .insert(source, .unsupported("RETURNING", clause))
        }
        return .insert(source, value)
    }

    private mutating func parseUpdate() throws(StatementError) -> SyntaxChange {
        var update = SyntaxChange(source: try parseSimplePath())
        update.isAliased = try skipAlias()
        update.actions = try parseActions()
        update.condition = try parseCondition()
        update.returning = try parseOptionalReturning()
        return update
    }

    /// An UPDATE that begins with FROM; its condition comes before what it does.
    mutating func parseFromFirst() throws(StatementError) -> SyntaxChange {
        var update = SyntaxChange(source: try parseSourcePath())
        update.isAliased = try skipAlias()
        update.condition = try parseCondition()
        update.actions = try parseActions()
        update.returning = try parseOptionalReturning()
        return update
    }

    private mutating func parseSourcePath() throws(StatementError) -> SyntaxPath {
        guard token.isName else {
            let node = try parseTerm()
            throw .at(node.span, "Unexpected path component")
        }
        return try parseSimplePath()
    }

    private mutating func parseDelete() throws(StatementError) -> SyntaxChange {
        guard skipKeyword("from") else { throw .malformed("Expected FROM after DELETE") }
        var delete = SyntaxChange(source: try parseSimplePath())
        delete.isAliased = try skipAlias()
        delete.condition = try parseCondition()
        delete.returning = try parseOptionalReturning()
        return delete
    }

    private mutating func parseActions() throws(StatementError) -> [SyntaxChange.Action] {
        var actions: [SyntaxChange.Action] = []
        while true {
            if skipKeyword("set") {
                repeat {
                    let path = try parseSimplePath()
                    guard skip("=") else { throw .malformed("Expected '='") }
                    actions.append(.set(path, try parseExpression()))
                } while skip(",")
            } else if skipKeyword("remove") {
                actions.append(.remove(try parseSimplePath()))
            } else {
                break
            }
        }
        guard !actions.isEmpty else { throw .malformed("Expected data manipulation") }
        return actions
    }

    private mutating func parseCondition() throws(StatementError) -> SyntaxNode? {
        skipKeyword("where") ? try parseExpression() : nil
    }

    /// Skips another name for what comes before. Whether there is one.
    private mutating func skipAlias() throws(StatementError) -> Bool {
        if skipKeyword("as") {
            guard token.isName else { throw .malformed("Expected identifier for AS-alias") }
        } else if !token.isName {
            return false
        }
        take()
        return true
    }

    // MARK: RETURNING

    private mutating func parseOptionalReturning() throws(StatementError) -> (
        returning: Returning, isEverything: Bool
    )? {
        skipKeyword("returning") ? try parseReturning() : nil
    }

    private mutating func parseReturning() throws(StatementError) -> (returning: Returning, isEverything: Bool) {
        let first = try parseReturningElement()
        var isEverything = first.isEverything
        while skip(",") {
            _ = try parseReturningElement()
            isEverything = false
        }
        return (first.returning, isEverything)
    }

    private mutating func parseReturningElement() throws(StatementError) -> (
        returning: Returning, isEverything: Bool
    ) {
        let words = "\(token.text) \(following.text)".uppercased()
        guard token.kind == .keyword, following.kind == .keyword, let returning = Returning(rawValue: words) else {
            throw .malformed("Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element.")
        }
        take()
        take()
        if skip("*") { return (returning, true) }
        _ = try parseExpression()
        return (returning, false)
    }

    // MARK: SELECT

    /// Reads what is behind SELECT.
    mutating func parseSelect() throws(StatementError) -> SyntaxSelect {
        let distinct = token.span
        let isDistinct = skipKeyword("distinct")
        if !isDistinct { _ = skipKeyword("all") }
        let items = try parseSelectList()
        guard skipKeyword("from") else { throw .malformed("Expected FROM after SELECT list") }
        var select = SyntaxSelect(items: items, source: try parsePathTerm())
        if isDistinct { select.unsupportedClause = ("DISTINCT", distinct) }
        select.isAliased = try skipAlias()
        select.condition = try parseCondition()
        if skipKeyword("group") {
            try expectKeyword("by")
            try skipUnsupported("GROUP BY", of: &select)
        }
        if skipKeyword("having") { try skipUnsupported("HAVING", of: &select) }
        if skipKeyword("order") {
            try expectKeyword("by")
            select.order = try parseOrder()
        }
        if skipKeyword("limit") { try skipUnsupported("LIMIT", of: &select) }
        if skipKeyword("offset") { try skipUnsupported("OFFSET", of: &select) }
        return select
    }

    private mutating func skipUnsupported(_ clause: String, of select: inout SyntaxSelect) throws(StatementError) {
        let span = token.span
        repeat { _ = try parseExpression() } while skip(",")
        if select.unsupportedClause == nil { select.unsupportedClause = (clause, span) }
    }

    /// What is selected; nil for everything.
    private mutating func parseSelectList() throws(StatementError) -> [SyntaxSelect.Item]? {
        if skip("*") {
            guard !token.isSymbol(",") else { throw Self.everythingIsNotAlone }
            return nil
        }
        if token.isKeyword("from") { throw .malformed("Cannot have empty SELECT list") }
        var items: [SyntaxSelect.Item] = []
        repeat {
            guard !token.isSymbol("*") else { throw Self.everythingIsNotAlone }
            let node = try parseExpression()
            items.append(SyntaxSelect.Item(node: node, isAliased: try skipAlias()))
        } while skip(",")
        return items
    }

    private static let everythingIsNotAlone = StatementError.malformed(
        "Other expressions may not be present in the select list when '*' is used without dot notation.")

    private mutating func parseOrder() throws(StatementError) -> [SyntaxSelect.Order] {
        var order: [SyntaxSelect.Order] = []
        repeat {
            let node = try parseExpression()
            let isDescending = skipKeyword("desc")
            if !isDescending { _ = skipKeyword("asc") }
            order.append(SyntaxSelect.Order(node: node, isDescending: isDescending))
        } while skip(",")
        return order
    }
}
