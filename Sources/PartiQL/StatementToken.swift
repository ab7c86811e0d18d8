/// The smallest piece of a statement.
struct StatementToken {
    /// What a token is.
    enum Kind {
        /// A name without quotation marks that is no keyword.
        case identifier
        /// A name in double quotes.
        case quotedIdentifier
        case keyword
        /// Text in single quotes.
        case string
        case number
        /// `?`.
        case parameter
        /// An operator or a sign of punctuation.
        case symbol
        case end
    }

    /// What it is.
    let kind: Kind

    /// A name or string without its quotation marks, a keyword in lower case, other tokens as they stand.
    let text: String

    /// Where it is.
    let span: SourceSpan

    /// Whether it is a symbol.
    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }

    /// Whether it is a keyword, which is given in lower case.
    func isKeyword(_ keyword: String) -> Bool { kind == .keyword && text == keyword }

    /// Whether it can be a name.
    var isName: Bool { kind == .identifier || kind == .quotedIdentifier }
}
