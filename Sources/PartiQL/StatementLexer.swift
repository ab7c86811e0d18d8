/// Cuts a statement into tokens.
struct StatementLexer {
    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var line = 1
    private var lineStart = 0

    /// The tokens of `text`, the end as the last.
    ///
    /// - Throws: when a string, a quoted name, a comment or a number has no end or cannot be, or a character belongs
    ///   to no token.
    static func tokens(of text: String) throws(StatementError) -> [StatementToken] {
        var lexer = StatementLexer(text)
        var tokens: [StatementToken] = []
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private init(_ text: String) { scalars = Array(text.unicodeScalars) }

    private func scalar(_ offset: Int = 0) -> Unicode.Scalar? {
        index + offset < scalars.count ? scalars[index + offset] : nil
    }

    private mutating func next() throws(StatementError) -> StatementToken {
        try skipSpace()
        let start = (index: index, line: line, column: index - lineStart + 1)
        let (kind, text) = try read()
        let span = SourceSpan(line: start.line, column: start.column, length: index - start.index)
        return StatementToken(kind: kind, text: text, span: span)
    }

    // MARK: Space and comments

    private mutating func skipSpace() throws(StatementError) {
        while let first = scalar() {
            switch (first, scalar(1)) {
            case (" ", _), ("\t", _), ("\r", _), ("\n", _): advance()
            case ("-", "-"):
                while let other = scalar(), other != "\n", other != "\r" { advance() }
            case ("/", "*"):
                advance()
                advance()
                while !(scalar() == "*" && scalar(1) == "/") {
                    guard scalar() != nil else { throw .malformed("") }
                    advance()
                }
                advance()
                advance()
            default: return
            }
        }
    }

    private mutating func advance() {
        if scalars[index] == "\n" {
            line += 1
            lineStart = index + 1
        }
        index += 1
    }

    // MARK: Tokens

    private mutating func read() throws(StatementError) -> (StatementToken.Kind, String) {
        guard let first = scalar() else { return (.end, "") }
        switch first {
        case "'": return (.string, try readQuoted(by: first))
        case "\"": return (.quotedIdentifier, try readQuoted(by: first))
        case "0"..."9": return (.number, try readNumber())
        case "." where Self.isDigit(scalar(1)): return (.number, try readNumber())
        case "?":
            advance()
            return (.parameter, "?")
        case _ where Self.isNamePart(first):
            let name = readWhile(Self.isNamePart)
            let lower = name.lowercased()
            return Keywords.contains(lower) ? (.keyword, lower) : (.identifier, name)
        default: return (.symbol, try readSymbol(first))
        }
    }

    private mutating func readQuoted(by quote: Unicode.Scalar) throws(StatementError) -> String {
        var text = String.UnicodeScalarView()
        advance()
        while let next = scalar() {
            advance()
            if next == quote {
                guard scalar() == quote else { return String(text) }
                advance()
            }
            text.append(next)
        }
        throw .malformed("")
    }

    private mutating func readWhile(_ isPart: (Unicode.Scalar?) -> Bool) -> String {
        var text = String.UnicodeScalarView()
        while isPart(scalar()), let next = scalar() {
            text.append(next)
            advance()
        }
        return String(text)
    }

    /// Digits with or without a point, and an exponent. What it counts in decimal places must fit in 32 bits.
    private mutating func readNumber() throws(StatementError) -> String {
        var text = readWhile(Self.isDigit)
        var placeCount = 0
        if scalar() == "." {
            advance()
            let places = readWhile(Self.isDigit)
            placeCount = places.utf8.count
            text += "." + places
        }
        if scalar() == "e" || scalar() == "E" {
            advance()
            text += "E"
            if let sign = scalar(), sign == "+" || sign == "-" {
                text.unicodeScalars.append(sign)
                advance()
            }
            let digits = readWhile(Self.isDigit)
            let isNegative = text.unicodeScalars.last == "-"
            guard let exponent = Int32((isNegative ? "-" : "") + digits),
                Int32(exactly: placeCount - Int(exponent)) != nil
            else {
                throw .malformed("")
            }
            text += digits
        }
        guard !Self.isNamePart(scalar()) else { throw .malformed("") }
        return text
    }

    private mutating func readSymbol(_ first: Unicode.Scalar) throws(StatementError) -> String {
        var symbol = String(first)
        switch (first, scalar(1)) {
        case ("<", "="), ("<", ">"), ("<", "<"), (">", "="), (">", ">"), ("!", "="), ("|", "|"):
            symbol.unicodeScalars.append(scalars[index + 1])
            advance()
        case ("!", _), ("|", _): throw .malformed("")
        case ("(", _), (")", _), ("[", _), ("]", _), ("{", _), ("}", _), (",", _), (":", _), (".", _), (";", _): break
        case ("=", _), ("<", _), (">", _), ("+", _), ("-", _), ("*", _), ("/", _), ("%", _): break
        default: throw .malformed("")
        }
        advance()
        return symbol == "!=" ? "<>" : symbol
    }

    private static func isDigit(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return "0"..."9" ~= scalar
    }

    private static func isNamePart(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "$": return true
        default: return false
        }
    }
}
