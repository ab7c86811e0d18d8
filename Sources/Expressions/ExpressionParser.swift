import Items

/// What all expressions' parsers share: tokens, paths, placeholders, and AWS's order of errors.
///
/// A syntax error ends parsing at once. Other errors are kept, the first of each kind, and judged in AWS's order when
/// the whole text is known to be an expression.
struct ExpressionParser {
    /// Which parameter the text is.
    let kind: ExpressionKind
    private let text: String
    private let tokens: [Token]
    private let closers: [Int: Int]
    private var index = 0
    private var operatorCount = 0
    private var nesting = 0

    /// What the text has used is noted in them.
    var placeholders: Placeholders
    private var findings: Findings

    /// - Throws: when the text is empty or too long.
    init(_ kind: ExpressionKind, _ text: String, _ placeholders: Placeholders) throws(ExpressionError) {
        self.kind = kind
        self.text = text
        self.placeholders = placeholders
        findings = Findings(kind)
        guard text.utf8.count <= ExpressionLimits.sizeMax else {
            throw ExpressionError(
                kind,
                "Expression size has exceeded the maximum allowed size; expression size: \(text.utf8.count)")
        }
        tokens = Lexer.tokens(of: text)
        closers = Self.closers(tokens)
        guard tokens.count > 1 else { throw ExpressionError(kind, "The expression can not be empty;") }
    }

    // MARK: Tokens

    /// The token that comes.
    var token: Token { tokens[index] }

    /// The token after the one that comes.
    var following: Token { tokens[min(index + 1, tokens.count - 1)] }

    /// Moves past the token that comes; the end stays.
    mutating func advance() { index = min(index + 1, tokens.count - 1) }

    /// Skips a symbol if it comes next.
    mutating func skip(_ symbol: String) -> Bool {
        guard token.isSymbol(symbol) else { return false }
        advance()
        return true
    }

    /// Skips a keyword if it comes next.
    mutating func skipKeyword(_ keyword: String) -> Bool {
        guard token.isKeyword(keyword) else { return false }
        advance()
        return true
    }

    /// Skips a symbol that must come next.
    mutating func expect(_ symbol: String) throws(ExpressionError) {
        guard skip(symbol) else { throw syntaxError }
    }

    /// Skips a keyword that must come next.
    mutating func expectKeyword(_ keyword: String) throws(ExpressionError) {
        guard skipKeyword(keyword) else { throw syntaxError }
    }

    /// Makes sure that nothing comes any more.
    func expectEnd() throws(ExpressionError) {
        guard token.kind == .end else { throw syntaxError }
    }

    /// The error that the token that comes does not belong there. Its surroundings are the tokens before and after it.
    var syntaxError: ExpressionError {
        let first = tokens[max(index - 1, 0)]
        let last = tokens[min(index + 1, tokens.count - 1)]
        let near = text[first.text.startIndex..<last.text.endIndex].trimmingSpaces
        let name = token.kind == .end ? "<EOF>" : String(token.text)
        return ExpressionError(kind, "Syntax error; token: \"\(name)\", near: \"\(near)\"")
    }

    // MARK: Parentheses

    /// For each token that opens a parenthesis, where it is closed.
    private static func closers(_ tokens: [Token]) -> [Int: Int] {
        var closers: [Int: Int] = [:]
        var open: [Int] = []
        for (index, token) in tokens.enumerated() {
            if token.isSymbol("(") { open.append(index) }
            if token.isSymbol(")"), let opener = open.popLast() { closers[opener] = index }
        }
        return closers
    }

    /// What comes behind the parenthesis that opens here.
    var tokenAfterParentheses: Token {
        guard let closer = closers[index] else { return tokens[tokens.count - 1] }
        return tokens[min(closer + 1, tokens.count - 1)]
    }

    /// Enters a parenthesis or function. The caller leaves it again.
    mutating func open() throws(ExpressionError) {
        if token.isSymbol("("), following.isSymbol("("), let outer = closers[index],
            closers[index + 1] == outer - 1
        {
            note(.parentheses, "The expression has redundant parentheses;")
        }
        try openCall()
    }

    /// Enters the parenthesis of a function's operands. The caller leaves it again.
    mutating func openCall() throws(ExpressionError) {
        nesting += 1
        if nesting > ExpressionLimits.nestingMax {
            throw findings.first.map { ExpressionError(kind, $0) } ?? syntaxError
        }
        try expect("(")
    }

    /// Leaves a parenthesis.
    mutating func close() throws(ExpressionError) {
        nesting -= 1
        try expect(")")
    }

    // MARK: Findings

    /// Keeps an error for later.
    mutating func note(_ finding: Finding, _ message: @autoclosure () -> String) { findings.note(finding, message()) }

    /// Ends a primary condition: what is wrong with it counts before what is wrong with later ones.
    mutating func endCondition() { findings.endCondition() }

    /// Throws what was found, by AWS's order.
    func throwFindings() throws(ExpressionError) {
        if let message = findings.first { throw ExpressionError(kind, message) }
    }

    /// Counts an operator or function.
    mutating func countOperator() throws(ExpressionError) {
        operatorCount += 1
        guard operatorCount <= ExpressionLimits.operatorsMax else {
            throw ExpressionError(kind, OperandMessages.tooManyOperators(operatorCount))
        }
    }

    // MARK: Paths and values

    /// Reads a path. A reserved word or an unknown placeholder is noted.
    mutating func parsePath() throws(ExpressionError) -> DocumentPath {
        let attribute = try parseName()
        return try parseSteps(after: DocumentPath(attribute: attribute))
    }

    /// Reads what goes on from a path.
    mutating func parseSteps(after path: DocumentPath) throws(ExpressionError) -> DocumentPath {
        var steps = path.steps
        while true {
            if skip(".") {
                steps.append(.name(try parseName()))
            } else if skip("[") {
                guard token.kind == .digits else { throw syntaxError }
                let digits = token.text
                advance()
                try expect("]")
                guard let index = Int(digits), index <= ExpressionLimits.listIndexMax else {
                    throw ExpressionError(kind, "List index is not within the allowable range; index: [\(digits)]")
                }
                steps.append(.index(index))
            } else {
                break
            }
        }
        if steps.count >= ExpressionLimits.pathLevelsMax {
            note(
                .pathLevels, "The document path has too many nesting levels; nesting levels: \(steps.count + 1)")
        }
        return DocumentPath(attribute: path.attribute, steps: steps)
    }

    private mutating func parseName() throws(ExpressionError) -> String {
        let name = String(token.text)
        switch token.kind {
        case .word:
            guard !isOperatorWord(token) else { throw syntaxError }
            if ReservedWords.contains(name) {
                note(.reserved, "Attribute name is a reserved keyword; reserved keyword: \(name)")
            }
            advance()
            return name
        case .nameReference:
            advance()
            guard let resolved = placeholders.name(name) else {
                note(
                    .nameReference,
                    "An expression attribute name used in the document path is not defined; attribute name: \(name)")
                return name
            }
            return resolved
        default: throw syntaxError
        }
    }

    /// Whether a word is the grammar's own.
    func isOperatorWord(_ token: Token) -> Bool {
        switch kind {
        case .projection: false
        case .update: token.isKeyword(in: Self.updateWords)
        default: token.isKeyword(in: Self.conditionWords)
        }
    }

    private static let updateWords: Set = ["SET", "REMOVE", "ADD", "DELETE"]
    private static let conditionWords: Set = ["AND", "OR", "NOT", "BETWEEN", "IN"]

    /// Reads a value's placeholder. An unknown one is noted, and nil.
    mutating func parseValue() throws(ExpressionError) -> ValueView? {
        guard token.kind == .valueReference else { throw syntaxError }
        let name = String(token.text)
        advance()
        let value = placeholders.value(name)
        if value == nil {
            note(
                .valueReference,
                "An expression attribute value used in expression is not defined; attribute value: \(name)")
        }
        return value
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
